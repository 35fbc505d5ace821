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
