package dossier

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

func (w *world) given(id DraftID) map[string]Given {
	w.Helper()
	given, err := GivenFor(w.Context(), w.db, w.v, id)
	if err != nil {
		w.Fatal(err)
	}
	return given
}

func (w *world) put(id DraftID, given map[string]Given) {
	w.Helper()
	w.tx(func(tx pgx.Tx) error { return PutGiven(w.Context(), tx, w.v, id, given) })
}

func TestWhatASourceSaysIsKeptSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, other := w.draft(w.party()), w.draft(w.party())
	first := Given{Source: FromIdentity, Value: text("Trần Văn Bình"), TakenAt: noon}
	w.put(mine.ID, nil)
	w.put(mine.ID, map[string]Given{"ten": first, "so": {Source: FromDossier, Dossier: code(3),
		Value: text("037090001234"), TakenAt: noon}})
	w.put(mine.ID, map[string]Given{"ten": {Source: FromOrganisation, Value: text("Công ty An"),
		TakenAt: noon}})
	got := w.given(mine.ID)
	if len(got) != 2 || got["ten"].Source != FromOrganisation || got["ten"].Value.Text != "Công ty An" ||
		got["so"].Dossier != code(3) ||
		!got["so"].TakenAt.Equal(noon) {
		t.Errorf("%+v", got)
	}
	if none := w.given(other.ID); len(none) != 0 {
		t.Errorf("another draft has %+v", none)
	}
	if n := count(t.Context(), t, w.db,
		`select count(*) from draft_given where position('037090001234' in encode(sealed, 'escape')) > 0`); n != 0 {
		t.Errorf("%d rows in clear", n)
	}
	// A row that was put under another draft does not open.
	if _, err := w.db.Exec(t.Context(), `update draft_given set draft_id = $1`, other.ID); err != nil {
		t.Fatal(err)
	}
	if moved, err := GivenFor(t.Context(), w.db, w.v, other.ID); err == nil {
		t.Errorf("a row of another draft opens: %+v", moved)
	}
}

func TestReasonsForSayingOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	d := w.draft(w.party())
	w.put(d.ID, map[string]Given{"ten": {Source: FromIdentity, Value: text("Bình")},
		"so": {Source: FromIdentity, Value: text("1")}})
	w.tx(func(tx pgx.Tx) error {
		return SaveReasons(ctx, tx, w.v, d, map[string]string{
			"ten": "  Sai tên\n\tđệm\u200b ", "so": strings.Repeat("ở", reasonMost+1),
			"khac": "không có nguồn",
		})
	})
	got := w.given(d.ID)
	if len(got) != 2 || got["ten"].Reason != "Sai tên đệm" || got["so"].Reason != strings.Repeat("ở",
		reasonMost) {
		t.Errorf("%+v", got)
	}
	if got["ten"].Value.Text != "Bình" {
		t.Errorf("the reason changed the value to %q", got["ten"].Value.Text)
	}
	w.tx(func(tx pgx.Tx) error { return SaveReasons(ctx, tx, w.v, d, map[string]string{"ten": " "}) })
	if got := w.given(d.ID)["ten"].Reason; got != "" {
		t.Errorf("taken back: %q", got)
	}
	w.tx(func(tx pgx.Tx) error {
		return Freeze(ctx, tx, w.v, d, Freezing{Pending: w.revision("", 1), Quote: postgres.NewID(),
			Person: d.Person, Now: noon})
	})
	err := w.try(func(tx pgx.Tx) error {
		return SaveReasons(ctx, tx, w.v, d, map[string]string{"ten": "muộn"})
	})
	if !errors.Is(err, ErrFrozen) || w.given(d.ID)["ten"].Reason != "" {
		t.Errorf("in a frozen draft: %v", err)
	}
	if err := w.try(func(tx pgx.Tx) error { return SaveReasons(ctx, tx, w.v, d, nil) }); err != nil {
		t.Errorf("nothing to save: %v", err)
	}
}

// TestReasonsInASupplement: only for what it asks.
func TestReasonsInASupplement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.supplement(w.submit(w.party(), noon), "noi")
	w.put(d.ID, map[string]Given{"noi": {Source: FromIdentity, Value: text("Hà Nội")},
		"ten": {Source: FromIdentity, Value: text("Bình")}})
	w.tx(func(tx pgx.Tx) error {
		return SaveReasons(t.Context(), tx, w.v, d, map[string]string{"noi": "đã chuyển", "ten": "không hỏi"})
	})
	if got := w.given(d.ID); got["noi"].Reason != "đã chuyển" || got["ten"].Reason != "" {
		t.Errorf("%+v", got)
	}
}
