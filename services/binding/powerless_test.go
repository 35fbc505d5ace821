package binding_test

// group are columns of one table that give nothing for one reason.
type group struct{ columns, because string }

// powerless are the columns that the running role writes, and that no mark is over. What stands in the
// database open may be read by whoever writes it; so the question of each is only what a change would open,
// send, pay or permit that the rows with marks do not.
var powerless = map[string][]group{
	"account": {
		{"assurance first_login_at last_login_at", "told only: the session has what the provider said"},
	},
	"agency": {
		{"calendar provisional starter", "days and words; whom a dossier goes to does not hang on them"},
	},
	"agency_calendar": {{
		"definition name starter updated_at",
		"deadlines of the agency, which the feed tells",
	}},
	"attachment": {
		{"created_at", "the order in which files are listed"},
		{"removal", "a keyed hash of its own; without it no file is deleted"},
		{"removed_at state", "a trigger keeps them once the draft is filed"},
	},
	"binding_upgrade": {{"one", "one row"}},
	"binding_window":  {{"one", "one row"}},
	"code_counter": {{
		"agency_code day next",
		"a number that is taken is refused by its unique index",
	}},
	"commune": {{"code name province", "names that addresses are chosen from"}},
	"connection": {
		{"acknowledge_within held_at", "when an alarm comes, and whether pushing waits"},
		{"created_at name proved_at", "told to the operator; the endpoint itself is bound"},
	},
	"connection_head": {{
		"connection_id incarnation position",
		"places in a log, whose events are not told apart by it",
	}},
	"connection_key": {{"created_at last_used_at prefix", "told to the operator"}},
	"connection_push": {
		{"connection_id failures holder last_success_at lease_until paused_until pushed",
			"when and from where it is pushed; whereto is bound"},
	},
	"device": {
		{"created_at id person_id public", "the private half opens for its id and person only"},
	},
	"dossier": {
		{"completed_at delivery_status paused_at received_at return_to status submitted_at sync_status",
			"the sealed history says what happened: verify chain compares"},
		{"case_id lang office_code procedure_code procedure_version_id", "the marked revision says it"},
		{"payment_status", "told; that a fee was paid is asked of the marked facts"},
		{"changed changed_at row_version", "cursors and tags"},
		{"due_at due_sheet", "a deadline"},
		{"history_hash history_seal history_seq", "the head of the chain, whose seal is keyed"},
	},
	"dossier_access": {{
		"at times what",
		"rows are added, and counted up by a trigger; who read is bound",
	}},
	"dossier_agency": {
		{"agency_id dossier_id from_at role to_at", "told only: the marked dossier says who has it"},
	},
	"dossier_former_connection": {{"moved_at", "told only"}},
	"dossier_history": {
		{"actor actor_kind at bound data dossier_id from_status hash kind prev_hash revision " +
			"revision_sha256 seq to_status",
			"a chain with a keyed seal at its head, to which rows are added only"},
	},
	"dossier_revision": {{"body created_at", "the bound hash is over the body; it is added once"}},
	"draft": {
		{
			"created_at expires_at frozen_at kept_days updated_at warned_at",
			"when it is kept and warned of",
		},
		{"drawn_code", "taken for its own agency and day, by a unique index"},
		{"frozen_body", "sealed under its draft"},
		{"lang", "the language of its person"},
	},
	"draft_field": {{
		"changed_at draft_id field operation revision source",
		"the value opens under its draft and field only",
	}},
	"draft_given":    {{"draft_id field", "the value opens under its draft and field only"}},
	"draft_handover": {{"at emptied renewed", "told only; between whom is bound"}},
	"draft_operation": {
		{"at draft_id operation posted", "that a save was made; its answer is sealed"},
	},
	"event": {
		{"connection_id created_at data dossier_id ended_at id position type uid",
			"says its writer's own words; what they lead to is asked of marked rows"},
	},
	"event_push": {
		{"attempts blame connection_id delivered_at dossier_id event_id first_failed_at next_at " +
			"position state",
			"when an event is pushed again; whereto is bound"},
	},
	"filed_file": {{"file_id", "more of it keeps more files; nothing of it goes"}},
	"installation": {
		{"canary canary_index created_at keyset one store", "another one starts no program"},
	},
	"mandate": {{"confirmed_at", "told only; when it began and ended is bound"}},
	"notice":  {{"read_at", "that a notice was seen"}},
	"notice_delivery": {
		{"attempts channel expires_at id last_error next_at notice_id sent_at state",
			"when a notice leaves; the address opens under its person only"},
	},
	"notice_read": {{"notice_id person_id read_at", "that a notice was seen"}},
	"office_call": {
		{
			"answer connection_id created_at idempotency_key request_hash",
			"an answer that stands here open",
		},
	},
	"party": {
		{"created_at id updated_at", "told only"},
		{"kind number_index", "compared with the sealed number at every reading"},
	},
	"payment_attempt": {{"created_at expires_at lang state", "the facts say what was paid"}},
	"payment_fact":    {{"recorded_at", "told only"}},
	"payment_quote":   {{"created_at", "told only"}},
	"payment_refund": {
		{"created_at done_at next_at problem refund_ref state tries",
			"nothing is given back beyond what the marked facts leave due"},
	},
	"procedure": {{"code created_at", "a name; what it asks is bound"}},
	"procedure_template": {{
		"changed_at code content media_type name sha256",
		"blank forms for everybody",
	}},
	"procedure_version": {
		{"audience bodies content_hash created_at field origin receivers search search_text",
			"lists and searches lead by it; the definition is bound"},
	},
	"push_attempt": {{
		"at connection_id error event_id id status took_ms",
		"what happened, for the operator",
	}},
	"receipt_series": {{"next series year", "a number that is taken is refused by its unique index"}},
	"result":         {{"opened_at", "that its owner opened it"}},
	"result_code": {{
		"code created_at dossier_id result_id",
		"a number without a result; the result's own is bound",
	}},
	"river_job": {
		{
			"args attempt attempted_at attempted_by created_at errors finalized_at id kind max_attempts " +
				"metadata priority queue scheduled_at state tags unique_key unique_states",
			"services/worker: TestAnInsertedJobCommandsNothing",
		},
	},
	"river_leader": {{
		"elected_at expires_at leader_id name",
		"which program makes the jobs that are due",
	}},
	"river_notification": {{"created_at id payload topic", "wakes a worker"}},
	"river_queue":        {{"created_at metadata name paused_at updated_at", "whether jobs wait"}},
	"slip":               {{"created_at", "told only"}},
}

// deletable are the tables from which the running role may delete.
var deletable = map[string]string{
	"agency_calendar":    "none while an agency names it",
	"attachment":         "a trigger keeps what was filed; of a draft its own person loses a file",
	"binding_upgrade":    "closes the window",
	"binding_window":     "closes the window",
	"code_counter":       "a number that is taken is refused by its unique index",
	"commune":            "a name less to choose from",
	"connection_agency":  "an agency without a system takes no dossier",
	"connection_head":    "a log without its head is not read",
	"connection_push":    "nothing is pushed",
	"device":             "what a device kept offline opens no more",
	"draft_field":        "an answer is to be given anew",
	"draft_given":        "an answer is to be given anew",
	"draft_operation":    "a save that is repeated saves once more, by its own person",
	"event_push":         "an event is not pushed; the log has it",
	"notice_delivery":    "a message less, or once more to the same person",
	"notice_read":        "a message counts as new",
	"office_call":        "a call that is repeated is refused by the state that it led to",
	"procedure":          "none while a version names it",
	"procedure_template": "a blank form less",
	"push_attempt":       "told only",
	"result_waiting":     "a file is to be sent anew",
	"river_job":          "the sweeper makes what the facts ask for once more",
	"river_leader":       "another program makes the jobs that are due",
	"river_notification": "wakes a worker",
	"river_queue":        "made anew",
}
