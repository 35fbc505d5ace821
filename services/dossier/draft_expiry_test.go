package dossier

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

const week = 7 * 24 * time.Hour

func (w *world) warn(now time.Time) (ids []DraftID) {
	w.Helper()
	w.tx(func(tx pgx.Tx) error {
		drafts, err := Warn(w.Context(), tx, w.v, now, week, 10)
		for _, d := range drafts {
			ids = append(ids, d.ID)
		}
		return err
	})
	return ids
}

func (w *world) expire(now time.Time) []DraftID {
	w.Helper()
	var gone []DraftID
	err := pgx.BeginFunc(w.Context(), w.db, func(tx pgx.Tx) (err error) {
		gone, err = Expire(w.Context(), tx, w.v, now, week, 10)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return gone
}

func (w *world) reread(d *Draft) *Draft {
	w.Helper()
	got, err := FindDraft(w.Context(), w.db, w.v, d.ID, d.Party)
	if err != nil {
		w.Fatal(err)
	}
	return got
}

func TestADraftExpiresAfterAWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, frozen := w.draft(w.party(), Change{Field: "x", Value: text("1")}), w.draft(w.party())
	w.tx(func(tx pgx.Tx) error {
		return Freeze(t.Context(), tx, w.v, frozen,
			Freezing{Pending: w.revision("", 1), Quote: postgres.NewID(), Person: frozen.Person, Now: noon})
	})
	young := w.draft(w.party(), Change{Field: "x", Value: text("1")})
	w.tx(func(tx pgx.Tx) error { return Touch(t.Context(), tx, young, noon.Add(48*time.Hour)) })
	end := noon.AddDate(0, 0, DraftDays)
	if ids := w.warn(end.Add(-week - time.Minute)); len(ids) != 0 {
		t.Errorf("warned of %v too soon", ids)
	}
	if ids := w.warn(end.Add(-week)); len(ids) != 1 || ids[0] != old.ID {
		t.Fatalf("warned of %v, want %s", ids, old.ID)
	}
	if ids := w.warn(end.Add(-week)); len(ids) != 0 {
		t.Errorf("warned of %v twice", ids)
	}
	if gone := w.expire(end.Add(-time.Minute)); len(gone) != 0 {
		t.Errorf("%v expired before their time", gone)
	}
	if gone := w.expire(end); len(gone) != 1 || gone[0] != old.ID {
		t.Fatalf("expired %v, want %s", gone, old.ID)
	}
	if len(w.fields(old)) != 0 || len(w.fields(young)) != 1 {
		t.Error("the fields of the expired draft stay, or another's went")
	}
	if gone := w.expire(end); len(gone) != 0 {
		t.Errorf("again %v", gone)
	}
}

func TestNothingLookedForMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	late := noon.AddDate(1, 0, 0)
	if gone := w.expire(late); len(gone) != 0 {
		t.Fatal("expired without a warning")
	}
	w.warn(late)
	if gone := w.expire(late.Add(week - time.Minute)); len(gone) != 0 ||
		!w.reread(d).ExpiresAt.Equal(late.Add(week)) {
		t.Error("its person got less time than the notice")
	}
	// A change after the warning puts everything off.
	w.tx(func(tx pgx.Tx) error { return Touch(t.Context(), tx, d, late.Add(time.Hour)) })
	if gone := w.expire(late.Add(week)); len(gone) != 0 || w.reread(d).WarnedAt != nil {
		t.Error("a draft that was changed after the warning expires all the same")
	}
	if ids := w.warn(late.Add(time.Hour).AddDate(0, 0, DraftDays-7)); len(ids) != 1 {
		t.Error("it is not warned of again")
	}
}

func TestAClockThatJumpsBackTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party(), Change{Field: "x", Value: text("1")})
	before := w.reread(d).ExpiresAt
	w.tx(func(tx pgx.Tx) error { return Touch(t.Context(), tx, d, noon.AddDate(-2, 0, 0)) })
	if got := w.reread(d); !got.ExpiresAt.Equal(before) || !d.ExpiresAt.Equal(before) {
		t.Errorf("a save under a clock that was set back lets it expire %s, not %s", got.ExpiresAt, before)
	}
	w.warn(before.Add(-week))
	for _, now := range []time.Time{noon.AddDate(-2, 0, 0), before.Add(-week), before.Add(-time.Second)} {
		if gone := w.expire(now); len(gone) != 0 {
			t.Errorf("at %s it expires", now)
		}
		if ids := w.warn(now); len(ids) != 0 {
			t.Errorf("at %s it is warned of again", now)
		}
	}
}

func TestTheRuleOfItsBeginningHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var d *Draft
	w.tx(func(tx pgx.Tx) (err error) {
		d, err = InsertDraft(t.Context(), tx, w.v, NewDraft{Party: w.party(), Person: w.party(),
			VersionID: w.version, ProcedureCode: "1.001193", Lang: "vi", KeptDays: 10, Now: noon})
		return err
	})
	if got := w.reread(d); !got.ExpiresAt.Equal(noon.AddDate(0, 0, 10)) {
		t.Errorf("kept until %s", got.ExpiresAt)
	}
	w.tx(func(tx pgx.Tx) error { return Touch(t.Context(), tx, d, noon.AddDate(0, 0, 3)) })
	if got := w.reread(d); !got.ExpiresAt.Equal(noon.AddDate(0, 0, 13)) {
		t.Errorf("after a change kept until %s", got.ExpiresAt)
	}
}
