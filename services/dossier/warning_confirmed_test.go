package dossier

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

func TestConfirmations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d, other := w.draft(w.party()), w.draft(w.party())
	set := func(list ...Confirmation) error {
		return w.try(func(tx pgx.Tx) error {
			return SetConfirmations(ctx, tx, w.v, d, list, noon.Add(time.Hour))
		})
	}
	want := []Confirmation{{Token: "tuoi/18", At: noon}, {Token: "noi/x", At: noon.Add(time.Minute)}}
	if err := set(want...); err != nil {
		t.Fatal(err)
	}
	got, err := Confirmations(ctx, w.db, w.v, d.ID)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if stored, err := FindDraft(ctx, w.db, w.v, d.ID, d.Party); err != nil ||
		!stored.UpdatedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("its draft was changed at %v, %v", stored.UpdatedAt, err)
	}
	if none, err := Confirmations(ctx, w.db, w.v, other.ID); err != nil || len(none) != 0 {
		t.Errorf("another draft: %+v, %v", none, err)
	}
	if _, err := Confirmations(ctx, w.db, w.v, DraftID(postgres.NewID())); !errors.Is(err, ErrNotFound) {
		t.Errorf("no draft: %v", err)
	}
	// Confirmations that were put under another draft do not open.
	const steal = `update draft set confirmed_sealed = (select confirmed_sealed from draft where id = $1) where id = $2`
	if _, err := w.db.Exec(ctx, steal, d.ID, other.ID); err != nil {
		t.Fatal(err)
	}
	if stolen, err := Confirmations(ctx, w.db, w.v, other.ID); err == nil {
		t.Errorf("those of another draft open: %+v", stolen)
	}
	if err := set(); err != nil {
		t.Fatal(err)
	}
	if got, err := Confirmations(ctx, w.db, w.v, d.ID); err != nil || got != nil {
		t.Errorf("taken back: %+v, %v", got, err)
	}
	w.tx(func(tx pgx.Tx) error { return Discard(ctx, tx, w.v, d, noon) })
	if err := set(want...); !errors.Is(err, ErrFrozen) {
		t.Errorf("of a discarded draft: %v", err)
	}
}
