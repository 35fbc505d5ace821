package desk_test

import (
	"fmt"
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/fault"
)

// loseSQL has the next %d notices lose a deadlock. What a sequence counts stays when its transaction is
// rolled back.
const loseSQL = `
create sequence losses;
grant usage on sequence losses to public;
create function lose() returns trigger language plpgsql as $$
begin
    if nextval('losses') <= %d then
        raise exception 'deadlock detected' using errcode = 'deadlock_detected';
    end if;
    return new;
end $$;
create trigger loses before insert on notice for each row execute function lose()`

const stopLosingSQL = `drop trigger loses on notice; drop function lose; drop sequence losses`

// TestADeadlockIsTriedAgain: a transaction that PostgreSQL gave up runs anew, up to five times, and writes
// once.
func TestADeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	ctx, lan := t.Context(), p.Citizen(t, 1)
	for _, c := range []struct {
		losses    int
		submitted bool
	}{{0, true}, {1, true}, {4, true}, {5, false}} {
		id := p.Copies(t, lan, 1)
		_, err := p.Pool.Exec(ctx, fmt.Sprintf(loseSQL, c.losses))
		do(t, err)
		s, err := p.Desk.Submit(ctx, lan, id)
		if (err == nil) != c.submitted || (s.Code != "") != c.submitted {
			t.Errorf("%d deadlocks: %+v %v", c.losses, s, err)
		}
		if err != nil && len(fault.All(err)) > 0 {
			t.Errorf("%d deadlocks were told as a fault of the person: %v", c.losses, err)
		}
		if whole(t, p, id) != c.submitted {
			t.Errorf("%d deadlocks: submitted %v", c.losses, !c.submitted)
		}
		tries := count(t, p, `select last_value from losses`)
		if want := min(c.losses+1, 5); tries != want {
			t.Errorf("%d deadlocks: tried %d times, want %d", c.losses, tries, want)
		}
		_, err = p.Pool.Exec(ctx, stopLosingSQL)
		do(t, err)
		again, err := p.Desk.Submit(ctx, lan, id)
		if err != nil || again.Code == "" || c.submitted && again != s {
			t.Errorf("%d deadlocks, once more: %+v %v", c.losses, again, err)
		}
		do(t, dossier.VerifyChain(ctx, p.Pool, p.Vault, view(t, p, lan, again.Code).Dossier.ID))
	}
}
