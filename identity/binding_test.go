package identity_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
)

// write changes rows as somebody who can write to the database only.
func (r room) write(t *testing.T, sql string, args ...any) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), r.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `set local session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// broken are the tables of the rows that this portal did not write.
func (r room) broken(t *testing.T) (tables []string) {
	t.Helper()
	_, err := binding.Verify(t.Context(), r.Pool, r.vault, func(f binding.Fault) error {
		tables = append(tables, f.Table)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// TestStolenParty: a thief whose number finds another person's row logs in as nobody.
func TestStolenParty(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	victim := r.mustWelcome(t, ha(), monday)
	r.write(t, `update party set number_index = $2 where id = $1`, string(victim.Person),
		r.vault.Index("citizen_id", lan().Number))
	if who, err := r.welcome(t.Context(), lan(), monday); !errors.Is(err, identity.ErrNumberChanged) {
		t.Errorf("the thief is %+v, %v", who, err)
	}
	if _, err := identity.Find(t.Context(), r, r.vault, victim.Person); !errors.Is(err,
		identity.ErrNotFound) {
		t.Errorf("found: %v", err)
	}
}

// TestStolenAccount: an account that was given to another person logs nobody in, and is named.
func TestStolenAccount(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	thief, victim := r.mustWelcome(t, lan(), monday), r.mustWelcome(t, ha(), monday)
	r.write(t, `update account set person_id = $2 where person_id = $1`, string(thief.Person), string(victim.Person))
	if who, err := r.welcome(t.Context(), lan(), monday); !errors.Is(err, identity.ErrNumberChanged) {
		t.Errorf("the thief is %+v, %v", who, err)
	}
	if got := r.broken(t); len(got) != 1 || got[0] != "account" {
		t.Errorf("broken: %v", got)
	}
}

// TestStolenMandate: a mandate that was written into the database gives nothing, and one that a provider
// asserts later does.
func TestStolenMandate(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	thief, firm := r.mustWelcome(t, lan(), monday).Person, r.mustWelcome(t, ha(), monday).Person
	mark := binding.Mandate.Mark(r.vault, string(firm), string(thief), binding.Instant(&monday), "login", "")
	for name, given := range map[string][]byte{"no mark": nil, "another row's mark": mark} {
		r.write(t, `delete from mandate`)
		r.write(t, `insert into mandate (person_id, party_id, ground, asserted_at, confirmed_at, mark)
			values ($1, $2, 'login', $3, $3, $4)`, string(thief), string(firm), monday, given)
		if may, err := identity.MayAct(t.Context(), r, r.vault, thief, firm, monday); err != nil || may {
			t.Errorf("%s: %v, %v", name, may, err)
		}
		if all, err := identity.Mandates(t.Context(), r, r.vault, thief); err != nil || len(all) != 0 {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		if all, err := identity.Acting(t.Context(), r, r.vault, firm); err != nil || len(all) != 0 {
			t.Errorf("%s: %v, %v", name, all, err)
		}
		if got := r.broken(t); len(got) != 1 || got[0] != "mandate" {
			t.Errorf("%s: broken: %v", name, got)
		}
	}
}

// TestEndedMandate: one that ended cannot be made to hold again.
func TestEndedMandate(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	thief, firm := r.mustWelcome(t, lan(), monday).Person, r.mustWelcome(t, ha(), monday).Person
	ended := monday.AddDate(0, 0, 1)
	mark := binding.Mandate.Mark(r.vault, string(thief), string(firm), binding.Instant(&monday), "login",
		binding.Instant(&ended))
	r.write(t, `insert into mandate (person_id, party_id, ground, asserted_at, confirmed_at, ended_at, mark)
		values ($1, $2, 'login', $3, $3, $4, $5)`, string(thief), string(firm), monday, ended, mark)
	if may, err := identity.MayAct(t.Context(), r, r.vault, thief, firm, monday); err != nil || !may {
		t.Errorf("while it held: %v, %v", may, err)
	}
	r.write(t, `update mandate set ended_at = null`)
	if may, err := identity.MayAct(t.Context(), r, r.vault, thief, firm, ended.AddDate(1, 0,
		0)); err != nil || may {
		t.Errorf("afterwards: %v, %v", may, err)
	}
}

// TestLeftFirm: an account that was written into the database keeps no mandate alive after its person's own
// account has left the firm, and one that this portal wrote does.
func TestLeftFirm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more string // an account beside the person's own
		acts bool
	}{
		"none": {"", false},
		"forged": {`insert into account (issuer, subject_index, person_id, organisation_id, assurance,
			first_login_at, last_login_at, mark)
			select issuer, '\x01', person_id, organisation_id, assurance, first_login_at, last_login_at, mark
			from account`, false},
		"a second one": {"login", true},
	} {
		r := newRoom(t)
		firm := r.mustWelcome(t, ha(), monday)
		switch test.more {
		case "":
		case "login":
			second := ha()
			second.Subject = "ha-second"
			r.mustWelcome(t, second, monday)
		default:
			r.write(t, test.more)
		}
		left := ha()
		left.Account, left.Organisation = identity.Person, nil
		later := monday.AddDate(0, 0, 1)
		r.mustWelcome(t, left, later)
		after := later.AddDate(0, 0, 1)
		may, err := identity.MayAct(t.Context(), r, r.vault, firm.Person, firm.Party, after)
		if err != nil || may != test.acts {
			t.Errorf("%s: acts for the firm: %v, %v", name, may, err)
		}
	}
}

// TestForgedMandateAtLogin: what somebody wrote about a mandate does not become true when the provider
// asserts it, and is not marked when the provider ends it.
func TestForgedMandateAtLogin(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	who := r.mustWelcome(t, ha(), monday)
	earlier, later := monday.AddDate(-1, 0, 0), monday.AddDate(0, 0, 1)
	r.write(t, `update mandate set asserted_at = $1`, earlier)
	left := ha()
	left.Account, left.Organisation = identity.Person, nil
	r.mustWelcome(t, left, later)
	if got := r.broken(t); len(got) != 1 || got[0] != "mandate" {
		t.Errorf("broken after leaving: %v", got)
	}
	r.mustWelcome(t, ha(), later)
	may, err := identity.MayAct(t.Context(), r, r.vault, who.Person, who.Party, monday)
	if err != nil || may {
		t.Errorf("acted before the provider said so: %v, %v", may, err)
	}
	may, err = identity.MayAct(t.Context(), r, r.vault, who.Person, who.Party, later)
	if err != nil || !may {
		t.Errorf("acts now: %v, %v", may, err)
	}
	if got := r.broken(t); len(got) != 0 {
		t.Errorf("broken: %v", got)
	}
}
