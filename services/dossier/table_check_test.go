package dossier

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/services/pgtest"
)

// TestEveryRowHasItsTexts ranges over every table and both catalogues.
func TestEveryRowHasItsTexts(t *testing.T) {
	t.Parallel()
	keys := slices.Concat(
		columnOf(Statuses, Status.Key), columnOf(Kinds, Kind.Key), columnOf(SlipKinds, SlipKind.Key),
		columnOf(NoticeKinds, NoticeKind.TitleKey), columnOf(NoticeKinds, NoticeKind.BodyKey),
		columnOf(Syncs, Sync.Key), columnOf(Deliveries, Delivery.Key),
		columnOf(PaymentStatuses, PaymentStatus.Key),
	)
	for _, l := range i18n.Langs {
		for _, key := range keys {
			if i18n.Keys(l)[key] == "" {
				t.Errorf("%s lacks %s", l, key)
			}
		}
		// And no text is of a row that is gone.
		for key := range i18n.Keys(l) {
			for _, prefix := range []string{"dossier.status.", "dossier.event.", "dossier.sync.",
				"dossier.delivery.", "dossier.payment."} {
				if strings.HasPrefix(key, prefix) && !slices.Contains(keys, key) {
					t.Errorf("%s has %s, which is of no row", l, key)
				}
			}
		}
	}
}

// TestEveryEventAndSlipHasItsKind: nothing is declared that no kind of entry names. Notices are checked at
// the start.
func TestEveryEventAndSlipHasItsKind(t *testing.T) {
	t.Parallel()
	for _, row := range eventTypes {
		if slices.ContainsFunc(Kinds, func(k Kind) bool { return k.Event() == row.event }) == row.ofMove {
			t.Errorf("%s comes from a move: %v, and with entries also or neither", row.event, row.ofMove)
		}
	}
	for _, slip := range SlipKinds {
		if !slices.ContainsFunc(Kinds, func(k Kind) bool { return k.Slip() == slip }) {
			t.Errorf("no kind of entry comes with slip %s", slip)
		}
	}
	for _, status := range Statuses {
		if !slices.ContainsFunc(kinds, func(row kindRow) bool { return row.to == status }) {
			t.Errorf("no kind of entry leads to %s", status)
		}
	}
}

// TestBrokenRowsDoNotLoad takes something from a row, one at a time.
func TestBrokenRowsDoNotLoad(t *testing.T) {
	t.Parallel()
	status := func(s Status, change func(*statusRow)) []string {
		rows := slices.Clone(statuses)
		change(&rows[slices.Index(Statuses, s)])
		return statusFaults(rows)
	}
	kind := func(k Kind, change func(*kindRow)) []string {
		rows := slices.Clone(kinds)
		change(&rows[slices.Index(Kinds, k)])
		return kindFaults(rows)
	}
	for name, c := range map[string]struct {
		faults []string
		want   string
	}{
		"status without a name": {status(Refused, func(r *statusRow) {
			r.status = ""
		}), `status "": no name`},
		"status twice": {status(Refused, func(r *statusRow) {
			r.status = Stopped
		}), `status "stopped": no name, or twice`},
		"status without a number": {status(Refused, func(r *statusRow) { r.national = 0 }), "no number"},
		"number beyond the list":  {status(Refused, func(r *statusRow) { r.national = 11 }), "no number"},
		"ended and pauses":        {status(Refused, func(r *statusRow) { r.pauses = true }), "goes on"},
		"ended and leads back": {status(Refused, func(r *statusRow) {
			r.next = []Status{Received}
		}), "goes on"},
		"leads nowhere": {status(Received, func(r *statusRow) { r.next = nil }), "leads nowhere"},
		"waits for ever": {status(Payment, func(r *statusRow) {
			r.next = []Status{Received}
		}), "for ever"},
		"leads to what is not": {status(Received, func(r *statusRow) {
			r.next = []Status{"lost"}
		}), `moves to "lost"`},
		"never reached": {status(Completed, func(r *statusRow) {
			r.next = nil
		}), `"returned" is never reached`},
		"kind without a name":     {kind(KindNote, func(r *kindRow) { r.kind = "" }), `kind "": no name`},
		"kind that nobody causes": {kind(KindNote, func(r *kindRow) { r.by = nil }), "nobody"},
		"kind of an unknown actor": {kind(KindNote, func(r *kindRow) {
			r.by = []ActorKind{"ghost"}
		}), "nobody"},
		"unknown status": {kind(KindNote, func(r *kindRow) { r.to = "lost" }), `no status "lost"`},
		"unknown event":  {kind(KindNote, func(r *kindRow) { r.event = "lost" }), `no event "lost"`},
		"unknown notice": {kind(KindNote, func(r *kindRow) { r.notice = "lost" }), `no notice "lost"`},
		"notice of a term": {kind(KindNote, func(r *kindRow) {
			r.notice = NoticeDraftExpiring
		}), "a term tells"},
		"unknown slip": {kind(KindNote, func(r *kindRow) { r.slip = "09" }), `no slip "09"`},
		"slip by nobody's hand": {kind(KindStopped, func(r *kindRow) {
			r.slip = SlipRefused
		}), "by an officer"},
		"notice that nothing tells": {
			noticeFaults(append(slices.Clone(noticeKinds),
				noticeKindRow{"lost", DossierPage, byEntry, news}), kinds),
			`"lost": no kind tells it`},
		"notice that leads nowhere": {
			noticeFaults(append(slices.Clone(noticeKinds),
				noticeKindRow{NoticeReceived + "2", "", byEntry, news}), kinds),
			"no page"},
		"slip without a file's name": {slipFaults([]slipKindRow{{slip: SlipReceived}}),
			"its file has no name"},
		"state to itself": {machineFaults(machine[Sync]{{Waiting, []Sync{Waiting}}}),
			`"waiting" moves to "waiting"`},
	} {
		if !strings.Contains(strings.Join(c.faults, "; "), c.want) {
			t.Errorf("%s: %q, want %q", name, c.faults, c.want)
		}
	}
}

// TestStoredValues compares what the database allows with the tables.
func TestStoredValues(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const (
		column = `select pg_get_constraintdef(c.oid) from pg_constraint c
			join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
			where c.conrelid = $1::regclass and a.attname = $2 and c.contype = 'c' and pg_get_constraintdef(c.oid) ~ 'ARRAY'`
		whole = `select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::regclass and pg_get_constraintdef(oid) ~ $2`
		index = `select indexdef from pg_indexes where tablename = $1 and indexname = $2`
	)
	waiting := texts(slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool { return !s.Waits() }))
	leadBack := texts(slices.DeleteFunc(slices.Clone(Statuses), func(s Status) bool {
		return !slices.ContainsFunc(s.row().next, Status.Waits)
	}))
	for name, c := range map[string]struct {
		sql, table, of string
		want           []string
	}{
		"status":               {column, "dossier", "status", append(texts(Statuses), "")},
		"return_to":            {column, "dossier", "return_to", leadBack},
		"delivery":             {column, "dossier", "delivery_status", texts(Deliveries)},
		"sync":                 {column, "dossier", "sync_status", texts(Syncs)},
		"payment":              {column, "dossier", "payment_status", texts(PaymentStatuses)},
		"who waits":            {whole, "dossier", `return_to IS NOT NULL`, waiting},
		"index of who waits":   {index, "dossier", "dossier_waiting", waiting},
		"actor of the history": {column, "dossier_history", "actor_kind", texts(actorKinds)},
		"slip":                 {column, "slip", "kind", texts(SlipKinds)},
		"draft": {column, "draft", "state",
			texts([]DraftState{Editing, Frozen, Filed, Discarded})},
		"role of an agency": {column, "dossier_agency", "role", texts([]Role{Receiving, Deciding})},
	} {
		var definition string
		if err := db.QueryRow(t.Context(), c.sql, c.table, c.of).Scan(&definition); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, m := range regexp.MustCompile(`'([^']*)'::text`).FindAllStringSubmatch(definition, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the database has %q, the table %q", name, got, c.want)
		}
	}
}

func texts[S ~string](values []S) []string {
	return columnOf(values, func(s S) string { return string(s) })
}
