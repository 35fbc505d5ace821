package dossier

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestEarlierDossiers: only of the same owner; what prefills answers only where the same person handed it in.
func TestEarlierDossiers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	owner, other := w.party(), w.party()
	first := w.submit(owner, noon)
	last := w.submit(owner, noon.Add(time.Hour))
	w.submit(other, noon.Add(2*time.Hour))
	w.move(first, Supplement, KindSupplementAsked)
	w.tx(func(tx pgx.Tx) error {
		_, err := InsertRevision(ctx, tx, w.v, NewRevision{
			Dossier: first.ID, Owner: first.Owner, Number: 2, Body: []byte(`{}`), Person: owner, At: noon,
		})
		return err
	})

	all, err := EarlierFor(ctx, w.db, w.v, owner, "1.001193", nil, 5)
	if err != nil || len(all) != 2 || all[0].Code != last.Code || all[1].Code != first.Code ||
		all[1].Revision != 2 {
		t.Errorf("for a procedure: %+v, %v", all, err)
	}
	but, err := EarlierFor(ctx, w.db, w.v, owner, "1.001193", &last.ID, 5)
	if err != nil || len(but) != 1 || but[0].ID != first.ID || but[0].Receiving != w.receiving ||
		!but[0].SubmittedAt.Equal(noon) {
		t.Errorf("but for the last: %+v, %v", but, err)
	}
	if one, err := EarlierFor(ctx, w.db, w.v, owner, "1.001193", nil, 1); err != nil || len(one) != 1 ||
		one[0].ID != last.ID {
		t.Errorf("only one: %+v, %v", one, err)
	}
	if none, err := EarlierFor(ctx, w.db, w.v, owner, "1.000894", nil, 5); err != nil || len(none) != 0 {
		t.Errorf("for another procedure: %+v, %v", none, err)
	}

	mine, err := EarlierOf(ctx, w.db, w.v, owner, owner, 5)
	if err != nil || len(mine) != 2 || mine[0].Code != last.Code || mine[1].Revision != 2 ||
		mine[1].VersionID != w.version {
		t.Errorf("of the person: %+v, %v", mine, err)
	}
	if none, err := EarlierOf(ctx, w.db, w.v, owner, other, 5); err != nil || len(none) != 0 {
		t.Errorf("of another person for the same party: %+v, %v", none, err)
	}
}
