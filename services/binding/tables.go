package binding

// A Table says of one table which columns name a row and which decide who may see it or act on it, each as an
// SQL expression of type text that is never null. What a column says alone, sealed under its row's id, needs
// no place here: it opens for nobody else. A column that leads to something sealed does.
type Table struct {
	Name    string
	Key     []string
	Decides []string
}

// The tables.
var (
	// whose a dossier is, who handed it in, and which agencies have it
	Dossier = &Table{"dossier", ids("id"), columns(ids("draft_id", "owner_party_id", "submitted_by",
		"receiving_agency_id", "deciding_agency_id"), "code")}
	// whose a revision is, and whose words
	Revision = &Table{"dossier_revision", columns(ids("dossier_id"), "number::text"),
		columns(ids("person_id"), hex("sha256"))}
	// who writes a draft for whom, which dossier it becomes, and where it goes, under which rules and
	// for which fee. Its code needs no place here: one that was drawn is taken only for its agency and day.
	Draft = &Table{"draft", ids("id"), columns(ids("party_id", "person_id", "acting_id",
		"dossier_id", "frozen_by",
		"receiving_agency_id", "procedure_version_id", "quote_id"), "procedure_code", "case_id",
		"capacity", "state",
		"revision::text", list("supplement->'fields'"), list("supplement->'requirements'"),
		text("supplement->>'deadline'"))}
	// what a procedure asks and costs, who decides it, and when it applies
	ProcedureVersion = &Table{"procedure_version", ids("id"), []string{"code", "number::text",
		"state", day("effective_from"), day("effective_to"), text("successor"), digest("definition::text"),
		"coalesce(encode(sha256(form), 'hex'), '')", "form_hash"}}
	// who an agency is, what it governs, where people find it, and when it is one
	Agency = &Table{"agency", ids("id"), columns(ids("parent_id"), "code", "qcvn", "unit_code", "kind",
		text("name->>'vi'"), text("name->>'en'"), text("address->>'vi'"), text("address->>'en'"), "phone",
		day("valid_from"), day("valid_to"))}
	// between whom a draft passed; their names are shown
	Handover = &Table{"draft_handover", ids("id"), ids("draft_id", "from_id", "to_id")}
	// who read; the person's name is shown
	Access = &Table{"dossier_access", ids("id"), columns(ids("dossier_id", "draft_id"),
		"coalesce(actor->>'person', '')")}
	// the draft that a file belongs to, the bytes in the store, and what is said of them
	Attachment = &Table{"attachment", ids("id"), columns(ids("draft_id"), "file_id", "sha256", "requirement",
		"media_type", "size::text", "(source is not null)::text", text("source->>'dossier'"),
		text("source->>'agency'"),
		text("source#>>'{agency_name,vi}'"), text("source#>>'{agency_name,en}'"), text("source->>'date'"),
		text("source#>>'{result,code}'"), text("source#>>'{result,kind}'"),
		text("source#>>'{result,name}'"), text("source#>>'{result,number}'"),
		text("source#>>'{result,verify_url}'"))}
	// the dossier that a result belongs to, the bytes in the store, and what anybody is told who verifies it
	Result = &Table{"result", ids("id"), columns(ids("dossier_id"), "code", "file_id", "sha256",
		"size::text", "kind", text("name->>'vi'"), text("name->>'en'"), "number", day("issued_on"),
		"signer::text", "state", text("superseded_by::text"), "reason", instant("created_at"),
		instant("ended_at"))}
	// the dossier whose result may name a file that came before it, and until when
	WaitingFile = &Table{"result_waiting", []string{"file_id"}, columns(ids("dossier_id"), "size::text",
		"sha256", instant("created_at"))}
	// the dossier that a slip belongs to
	Slip = &Table{"slip", ids("id"), columns(ids("dossier_id"), "kind", "number")}
	// the person that a login is
	Account = &Table{"account", []string{"issuer", hex("subject_index")}, ids("person_id", "organisation_id")}
	// who may act for whom, and until when
	Mandate = &Table{"mandate", columns(ids("person_id", "party_id"), instant("asserted_at")),
		[]string{"ground", instant("ended_at")}}
	// where a one-stop system is pushed to and by which way, and whether it may do anything
	Connection = &Table{"connection", ids("id"), []string{"code", "endpoint", "active::text",
		"endpoint_pending", "array_to_string(networks, ',')", "ca_pem"}}
	// whose a key is, what it may do, and until when
	ConnectionKey = &Table{"connection_key", ids("id"), columns(ids("connection_id"), hex("hash"),
		"array_to_string(scopes, ',')", instant("revoked_at"), instant("expires_at"))}
	// which one-stop system serves an agency, and when
	ConnectionAgency = &Table{"connection_agency", columns(ids("connection_id", "agency_id"),
		day("valid_from")),
		[]string{day("valid_to")}}
	// what a one-stop system may still read whose agency has changed to another one
	FormerConnection = &Table{"dossier_former_connection", ids("dossier_id", "connection_id"),
		[]string{"last_revision::text", instant("readable_until")}}
	// for whom a notice is, what it is about and what it says; a delivery goes to its notice's person
	Notice = &Table{"notice", ids("id"), columns(ids("party_id", "person_id", "draft_id"), "dossier_code",
		"kind", said, instant("created_at"))}
	// what is owed, by whom and for what
	Quote = &Table{"payment_quote", ids("id"), columns(ids("draft_id", "party_id", "agency_id"),
		"total::text", "due", quoted, instant("voided_at"))}
	// which quote a try pays, and where the payer is led
	Attempt = &Table{"payment_attempt", ids("id"), columns(ids("quote_id"), "channel", text("session_ref"),
		text("session_url"))}
	// what a provider said, of which quote by the attempt
	Fact = &Table{"payment_fact", []string{"id"}, columns(ids("attempt_id",
		"(select a.quote_id from payment_attempt a where a.id = attempt_id)"), "kind",
		"amount::text", instant("at"),
		"payment_ref", "refund_ref", "provider")}
	// what is to be given back, of which payment
	Refund = &Table{"payment_refund", ids("id"), columns(ids("quote_id", "attempt_id"),
		"payment_ref", "amount::text",
		"reason")}
	// what a receipt confirms
	Receipt = &Table{"receipt", ids("id"), columns(ids("quote_id", "attempt_id"), "series", "year::text",
		"serial::text", "amount::text", instant("paid_at"), instant("issued_at"),
		instant("voided_at"))}
)

// earlier says how many of a table's deciding columns, the first ones, the first version of its marks was
// over; a table that is not here has one version.
var earlier = map[string]int{Draft.Name: 5, Attachment.Name: 3, Result.Name: 4, Connection.Name: 3,
	ConnectionKey.Name: 4}

// quoted is what the lines of a quote say, one after the other.
const quoted = `coalesce((select string_agg(concat_ws('|', l->>'code', l->'name'->>'vi', l->'name'->>'en', l->>'kind',
    l->>'unit', l->>'quantity', l->>'amount', l->>'basis', l->>'refundable'), ';' order by n)
from jsonb_array_elements(lines) with ordinality x(l, n)), '')`

// said is what the arguments of a notice say, by name, one level deep in what is an object.
const said = `coalesce((select string_agg(concat_ws(chr(31), k, inner_k, v), chr(30) order by k collate "C", inner_k collate "C")
from (select a.key k, coalesce(o.key, '') inner_k, coalesce(o.value, a.value #>> '{}', '') v
    from jsonb_each(args) a
    left join lateral jsonb_each_text(case jsonb_typeof(a.value) when 'object' then a.value end) o on true) x), '')`

// Catalogue is where a dossier may go, and under which rules: what operators bring in.
var Catalogue = []*Table{ProcedureVersion, Agency}

// Tables lists them all.
var Tables = []*Table{ProcedureVersion, Agency, Dossier, Revision, Draft, Handover, Access, Attachment,
	Result, WaitingFile, Slip, Account, Mandate, Connection, ConnectionKey, ConnectionAgency,
	FormerConnection, Notice, Quote, Attempt, Fact, Refund, Receipt}

func ids(names ...string) []string {
	all := make([]string, 0, len(names))
	for _, name := range names {
		all = append(all, "coalesce("+name+"::text, '')")
	}
	return all
}

func columns(first []string, more ...string) []string { return append(first, more...) }

func hex(name string) string { return "encode(" + name + ", 'hex')" }

func digest(text string) string { return "encode(sha256(convert_to(" + text + ", 'UTF8')), 'hex')" }

func instant(name string) string {
	return "coalesce((extract(epoch from " + name + ") * 1000000)::bigint::text, '')"
}

func day(name string) string { return "coalesce(to_char(" + name + ", 'YYYY-MM-DD'), '')" }

func text(expression string) string { return "coalesce(" + expression + ", '')" }

// list is a JSON array of texts, with commas between them; empty when it is none.
func list(array string) string {
	return `coalesce((select string_agg(e, ',' order by n) from jsonb_array_elements_text(case jsonb_typeof(` + array +
		`) when 'array' then ` + array + ` else '[]' end) with ordinality x(e, n)), '')`
}
