package notice

import (
	"slices"
	"testing"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/workday"
)

// TestStolenNotice: a notice that was given to somebody else in the database, or made to say something else,
// is on nobody's page and mailed to nobody.
func TestStolenNotice(t *testing.T) {
	t.Parallel()
	db, box := pgtest.New(t), newPostbox(t)
	o := newOffice(t, db, box.addr)
	lan, minh := party(), party()
	o.addresses[lan], o.addresses[minh] = "lan@example.vn", "minh@example.vn"
	of := func(p identity.PartyID) []string {
		t.Helper()
		list, err := List(t.Context(), db, keys, identity.Who{Person: p, Party: p}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, n := range list {
			ids = append(ids, n.ID)
		}
		return ids
	}
	due, amount, deadline := now, dong.Amount(8000), workday.Date{Year: 2026, Month: 12, Day: 1}
	args := Args{Due: &due, Amount: &amount, Deadline: &deadline, Receipt: `BL "7" & <8>`,
		Procedure: &i18n.Text{Vi: "Cấp bản sao; trích lục", En: "Copy"}}
	own := queue(t, db, Notice{Party: minh, Person: minh, Kind: dossier.NoticeReceived, Args: args})
	if got := of(minh); !slices.Equal(got, []string{own}) {
		t.Fatalf("as it was: %v", got)
	}
	for name, change := range map[string]string{
		"party":      `party_id = '` + string(minh) + `'`,
		"person":     `person_id = '` + string(minh) + `'`,
		"dossier":    `dossier_code = 'H42.37.14329-261123-0009'`,
		"kind":       `kind = 'refused'`,
		"instant":    `created_at = created_at - interval '1 second'`,
		"receipt":    `args = args || '{"receipt": "thief.example"}'`,
		"amount":     `args = args || '{"amount": 1}'`,
		"due":        `args = args || '{"due": "2027-01-01T00:00:00Z"}'`,
		"deadline":   `args = args || '{"deadline": "2026-12-31"}'`,
		"procedure":  `args = jsonb_set(args, '{procedure,vi}', '"thief.example"')`,
		"no mark":    `mark = null`,
		"other mark": `mark = (select mark from notice where id = '` + own + `')`,
	} {
		id := queue(t, db, Notice{Party: lan, Person: lan, Kind: dossier.NoticeReceived, Args: args})
		if got := of(lan); !slices.Equal(got, []string{id}) {
			t.Fatalf("%s, as it was: %v", name, got)
		}
		if _, err := db.Exec(t.Context(), `update notice set `+change+` where id = $1`, id); err != nil {
			t.Fatal(err)
		}
		if got := of(lan); len(got) > 0 {
			t.Errorf("%s: Lan's page has %v", name, got)
		}
		if got := of(minh); !slices.Equal(got, []string{own}) {
			t.Errorf("%s: Minh's page has %v", name, got)
		}
		broken := 0
		if _, err := binding.Verify(t.Context(), db, keys, func(f binding.Fault) error {
			broken++
			return nil
		}); err != nil || broken != 1 {
			t.Errorf("%s: %d broken, %v", name, broken, err)
		}
		due, taken, err := o.claim(t.Context(), o.Lines[0])
		if err != nil || taken == 0 || slices.ContainsFunc(due, func(d delivery) bool { return d.ID == id }) {
			t.Errorf("%s: taken to be mailed: %v of %d, %v", name, due, taken, err)
		}
		if _, err := db.Exec(t.Context(), `delete from notice_delivery where notice_id = $1`, id); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `delete from notice where id = $1`, id); err != nil {
			t.Fatal(err)
		}
	}
}
