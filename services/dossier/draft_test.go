package dossier

import (
	"errors"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// supplement begins a draft for what an officer asks.
func (w *world) supplement(doc *Dossier, fields ...string) *Draft {
	w.Helper()
	var d *Draft
	w.tx(func(tx pgx.Tx) (err error) {
		d, err = InsertDraft(w.Context(), tx, w.v, w.newSupplement(doc, fields...))
		return err
	})
	return d
}

func (w *world) newSupplement(doc *Dossier, fields ...string) NewDraft {
	return NewDraft{
		Party: doc.Owner, Person: doc.SubmittedBy, VersionID: doc.VersionID, ProcedureCode: doc.ProcedureCode,
		Case: doc.Case, Lang: "vi", Dossier: &doc.ID, Revision: 2, Now: noon,
		Asked: &Asked{Fields: fields, Requirements: []string{"giay_chung_sinh"},
			Deadline: noon.AddDate(0, 0, 200)},
		Reasons: map[string]string{"noi": "Chưa ghi rõ nơi sinh"},
		Fields:  []Change{{Field: "ten", Value: text("old")}, {Field: "noi", Value: text("old")}},
	}
}

func TestDraftIsItsPartys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, other := w.party(), w.party()
	d := w.draft(owner, Change{Field: "ten", Value: text("An"), Source: "person.name"},
		Change{Field: "trong"})
	got, err := FindDraft(t.Context(), w.db, w.v, d.ID, owner)
	if err != nil || got.ID != d.ID || got.State != Editing ||
		!got.ExpiresAt.Equal(noon.AddDate(0, 0, DraftDays)) || got.Revision != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if fields := w.fields(d); len(fields) != 1 || fields["ten"].Source != "person.name" ||
		fields["ten"].Revision != 1 {
		t.Errorf("first fields %+v", fields)
	}
	for _, id := range []DraftID{DraftID(postgres.NewID()), "no-id", ""} {
		if _, err := FindDraft(t.Context(), w.db, w.v, id, owner); !errors.Is(err, ErrNotFound) {
			t.Errorf("draft %q: %v", id, err)
		}
	}
	if _, err := FindDraft(t.Context(), w.db, w.v, d.ID, other); !errors.Is(err, ErrNotFound) {
		t.Errorf("another party's draft: %v", err)
	}
	w.tx(func(tx pgx.Tx) error {
		if _, err := LockDraft(t.Context(), tx, w.v, d.ID, other); !errors.Is(err, ErrNotFound) {
			t.Errorf("another party locks: %v", err)
		}
		_, err := LockDraftFor(t.Context(), tx, w.v, d.ID)
		return err
	})
	mine, err := Drafts(t.Context(), w.db, w.v, owner)
	theirs, err2 := Drafts(t.Context(), w.db, w.v, other)
	if err != nil || err2 != nil || len(mine) != 1 || len(theirs) != 0 {
		t.Errorf("lists %d and %d, %v %v", len(mine), len(theirs), err, err2)
	}
}

// TestDraftStates does every act in every state.
func TestDraftStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	doc := w.submit(w.party(), noon)
	quote := postgres.NewID()
	acts := map[string]func(tx pgx.Tx, d *Draft) error{
		"save": func(tx pgx.Tx, d *Draft) error {
			_, err := SaveFields(ctx, tx, w.v, d, "op", []Change{{Field: "x", Value: text("1")}}, noon)
			return err
		},
		"case":   func(tx pgx.Tx, d *Draft) error { return SetCase(ctx, tx, w.v, d, "khac", noon) },
		"agency": func(tx pgx.Tx, d *Draft) error { return SetAgency(ctx, tx, w.v, d, w.deciding, noon) },
		"version": func(tx pgx.Tx, d *Draft) error {
			return SetVersion(ctx, tx, w.v, d, Rules{VersionID: w.version, Case: "khac"}, noon)
		},
		"freeze": func(tx pgx.Tx, d *Draft) error {
			return Freeze(ctx, tx, w.v, d, Freezing{Pending: w.revision("", 1), Quote: quote,
				Person: d.Person, Now: noon})
		},
		"thaw":    func(tx pgx.Tx, d *Draft) error { return Thaw(ctx, tx, w.v, d, noon) },
		"submit":  func(tx pgx.Tx, d *Draft) error { return MarkSubmitted(ctx, tx, w.v, d, doc.ID, noon) },
		"discard": func(tx pgx.Tx, d *Draft) error { return Discard(ctx, tx, w.v, d, noon) },
	}
	reach := map[DraftState][]string{Editing: nil, Frozen: {"freeze"}, Filed: {"submit"},
		Discarded: {"discard"}}
	allowed := map[DraftState]map[string]DraftState{
		Editing: {"save": Editing, "case": Editing, "agency": Editing, "version": Editing, "freeze": Frozen,
			"submit": Filed, "discard": Discarded},
		Frozen: {"thaw": Editing, "submit": Filed},
	}
	for state, path := range reach {
		for name, act := range acts {
			d := w.draft(w.party())
			for _, step := range path {
				w.tx(func(tx pgx.Tx) error { return acts[step](tx, d) })
			}
			err := w.try(func(tx pgx.Tx) error { return act(tx, d) })
			want, ok := allowed[state][name]
			if !ok {
				want = state
			}
			if ok != (err == nil) || err != nil && !errors.Is(err, ErrFrozen) && !errors.Is(err, ErrLocked) {
				t.Errorf("%s when %s: %v", name, state, err)
			}
			got, err := FindDraft(ctx, w.db, w.v, d.ID, d.Party)
			if err != nil || got.State != want || d.State != want {
				t.Errorf("%s when %s: stored %s, in hand %s, want %s", name, state, got.State, d.State, want)
			}
		}
	}
}

func TestFrozenRevisionIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	if _, err := FrozenRevision(t.Context(), w.db, w.v, d); !errors.Is(err, ErrNotFound) {
		t.Errorf("before freezing: %v", err)
	}
	w.tx(func(tx pgx.Tx) error {
		return Freeze(t.Context(), tx, w.v, d, Freezing{Pending: w.revision("", 1), Quote: postgres.NewID(),
			Person: d.Person, Now: noon})
	})
	got, err := FrozenRevision(t.Context(), w.db, w.v, d)
	if err != nil || got.Answers["con.ho_ten"].Text != "Trần Bảo An" || got.Dossier != "" {
		t.Errorf("%+v, %v", got, err)
	}
	w.tx(func(tx pgx.Tx) error { return Thaw(t.Context(), tx, w.v, d, noon) })
	if _, err := FrozenRevision(t.Context(), w.db, w.v, d); !errors.Is(err, ErrNotFound) {
		t.Errorf("after thawing: %v", err)
	}
}

func TestSupplementDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := w.submit(w.party(), noon)
	if _, err := SupplementDraft(t.Context(), w.db, w.v, doc.ID, doc.Owner); !errors.Is(err, ErrNotFound) {
		t.Errorf("before there is one: %v", err)
	}
	made := w.supplement(doc, "noi")
	err := w.try(func(tx pgx.Tx) error {
		_, err := InsertDraft(t.Context(), tx, w.v, w.newSupplement(doc, "noi"))
		return err
	})
	if !errors.Is(err, ErrSupplement) {
		t.Errorf("a second one: %v", err)
	}
	d, err := SupplementDraft(t.Context(), w.db, w.v, doc.ID, doc.Owner)
	if err != nil || d.ID != made.ID {
		t.Fatalf("%+v, %v", d, err)
	}
	if !d.MayChange("noi") || d.MayChange("ten") || !d.MayAttach("giay_chung_sinh") ||
		d.MayAttach("uy_quyen") {
		t.Errorf("what may change: %+v", d.Asked)
	}
	if !d.ExpiresAt.Equal(noon.AddDate(0, 0, 200)) {
		t.Errorf("expires %s, before its deadline", d.ExpiresAt)
	}
	reasons, err := Reasons(t.Context(), w.db, w.v, d)
	if err != nil || !maps.Equal(reasons, map[string]string{"noi": "Chưa ghi rõ nơi sinh"}) {
		t.Errorf("%v, %v", reasons, err)
	}
	if err := w.try(func(tx pgx.Tx) error {
		return SetCase(t.Context(), tx, w.v, d, "khac", noon)
	}); !errors.Is(err, ErrFrozen) {
		t.Errorf("another case in a supplement: %v", err)
	}
	if _, err := SupplementDraft(t.Context(), w.db, w.v, doc.ID, w.party()); !errors.Is(err, ErrNotFound) {
		t.Errorf("another party's: %v", err)
	}
}
