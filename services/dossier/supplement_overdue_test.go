package dossier

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestOverdueSupplements(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	late, answered, open := w.submit(w.party(), noon), w.submit(w.party(), noon), w.submit(w.party(), noon)
	deadline := noon.AddDate(0, 0, 200) // of newSupplement
	for _, d := range []*Dossier{late, answered} {
		w.move(d, Supplement, KindSupplementAsked)
	}
	w.supplement(late, "noi")
	draft := w.supplement(answered, "noi")
	w.supplement(open, "noi") // a draft alone makes no supplement
	overdue := func(now time.Time) []ID {
		ids, err := OverdueSupplements(ctx, w.db, now, 10)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	both := []ID{late.ID, answered.ID}
	slices.Sort(both)
	if got := overdue(deadline.Add(-time.Microsecond)); len(got) != 0 {
		t.Errorf("before the deadline: %v", got)
	}
	if got := overdue(deadline); !slices.Equal(got, both) {
		t.Errorf("at the deadline: %v, want %v", got, both)
	}
	w.tx(func(tx pgx.Tx) error {
		_, err := InsertRevision(ctx, tx, w.v, NewRevision{
			Dossier: answered.ID, Owner: answered.Owner, Number: 2, Body: []byte(`{}`), Person: answered.Owner, At: noon,
		})
		if err != nil {
			return err
		}
		err = Record(ctx, tx, w.v, answered, NewEntry{Kind: KindSupplemented, Actor: citizen(answered.Owner),
			Revision: 2, At: noon})
		if err != nil {
			return err
		}
		return MarkSubmitted(ctx, tx, w.v, draft, answered.ID, noon)
	})
	if got := overdue(deadline.AddDate(1, 0, 0)); !slices.Equal(got, []ID{late.ID}) {
		t.Errorf("after one was answered: %v, want %v", got, late.ID)
	}
}
