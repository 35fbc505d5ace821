package dossier

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/eform"
)

// save saves as one page does.
func (w *world) save(d *Draft, operation string, changes ...Change) (conflicts []Conflict, err error) {
	w.Helper()
	err = w.try(func(tx pgx.Tx) (err error) {
		conflicts, err = SaveFields(w.Context(), tx, w.v, d, operation, changes, noon.Add(time.Minute))
		return err
	})
	return conflicts, err
}

func (w *world) fields(d *Draft) map[string]Field {
	w.Helper()
	fields, err := Fields(w.Context(), w.db, w.v, d.ID)
	if err != nil {
		w.Fatal(err)
	}
	return fields
}

func TestSaveFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type row struct {
		name      string
		change    Change
		conflict  bool
		value     string
		revision  int
		operation string
	}
	for _, r := range []row{
		{"first answer", Change{Field: "b", Value: text("new")}, false, "new", 1, "op"},
		{"no answer to a field never set", Change{Field: "b"}, false, "", 0, ""},
		{"based on what is stored", Change{Field: "a", Value: text("new"), Base: 2}, false, "new", 3, "op"},
		{"emptied", Change{Field: "a", Base: 2}, false, "", 3, "op"},
		{"stale, other value", Change{Field: "a", Value: text("new"), Base: 1}, true, "two", 2, "tab 1"},
		{"never seen, other value", Change{Field: "a", Value: text("new")}, true, "two", 2, "tab 1"},
		{"stale, same value", Change{Field: "a", Value: text("two"), Base: 1}, false, "two", 2, "tab 1"},
		{"from the future", Change{Field: "a", Value: text("new"), Base: 7}, true, "two", 2, "tab 1"},
		{"stale, emptied", Change{Field: "a", Base: 1}, true, "two", 2, "tab 1"},
	} {
		t.Run(r.name, func(t *testing.T) {
			d := w.draft(w.party(), Change{Field: "a", Value: text("one")})
			if c, err := w.save(d, "tab 1", Change{Field: "a", Value: text("two"), Base: 1}); err != nil ||
				c != nil {
				t.Fatal(c, err)
			}
			conflicts, err := w.save(d, "op", r.change, Change{Field: "other", Value: text("x")})
			if err != nil {
				t.Fatal(err)
			}
			fields := w.fields(d)
			got := fields[r.change.Field]
			if got.Value.Text != r.value || got.Revision != r.revision || got.Operation != r.operation {
				t.Errorf("stored %+v, want %q, revision %d by %q", got, r.value, r.revision, r.operation)
			}
			if fields["other"].Value.Text != "x" {
				t.Error("a change beside it was not saved")
			}
			if (len(conflicts) == 1) != r.conflict {
				t.Fatalf("conflicts %+v", conflicts)
			}
			if r.conflict {
				c := conflicts[0]
				if !c.Mine.Equal(r.change.Value) || c.Theirs.Text != "two" || c.Revision != 2 ||
					!c.At.Equal(noon.Add(time.Minute)) {
					t.Errorf("conflict %+v", c)
				}
			}
		})
	}
}

func TestSaveFieldsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	change := Change{Field: "con",
		Value:  eform.Value{Rows: []map[string]string{{"province": "37", "detail": "Xóm 2"}}},
		Source: "person.address"}
	for range 2 {
		if c, err := w.save(d, "op", change); err != nil || c != nil {
			t.Fatal(c, err)
		}
	}
	got := w.fields(d)["con"]
	if got.Revision != 1 || got.Source != "person.address" || !got.Value.Equal(change.Value) {
		t.Errorf("after a repeated save: %+v", got)
	}
}

// TestTwoTabs: neither loses what the other wrote, and one page that saves twice is not in its own way.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	first, _ := w.save(d, "a1", Change{Field: "ten", Value: text("An")},
		Change{Field: "noi", Value: text("Hoa Lư")})
	second, _ := w.save(d, "b1", Change{Field: "ten", Value: text("Bình")},
		Change{Field: "so", Value: text("1")})
	again, err := w.save(d, "a2", Change{Field: "ten", Value: text("Ân"), Base: 1})
	if err != nil || first != nil || again != nil || len(second) != 1 {
		t.Fatal(first, second, again, err)
	}
	settled, err := w.save(d, "b2", Change{Field: "ten", Value: text("Bình"), Base: 2})
	if err != nil || settled != nil {
		t.Fatal(settled, err)
	}
	answers := AnswersOf(w.fields(d))
	if answers["ten"].Text != "Bình" || answers["noi"].Text != "Hoa Lư" || answers["so"].Text != "1" {
		t.Errorf("answers %v", answers)
	}
}

// TestSaveFieldsAtOnce: many savers of one base, one wins and the others see what it wrote.
func TestSaveFieldsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	const tabs = 8
	results := make(chan int, tabs)
	for i := range tabs {
		go func() {
			own := *d
			c, err := w.save(&own, "op", Change{Field: "x", Value: text(string(rune('a' + i)))})
			if err != nil {
				t.Error(err)
			}
			results <- len(c)
		}()
	}
	conflicts := 0
	for range tabs {
		conflicts += <-results
	}
	if conflicts != tabs-1 || w.fields(d)["x"].Revision != 1 {
		t.Errorf("%d conflicts, want %d; stored %+v", conflicts, tabs-1, w.fields(d)["x"])
	}
}

func TestAnswersAreSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party(), Change{Field: "so", Value: text("037090001234")},
		Change{Field: "ten", Value: text("Bình")})
	var sealed []byte
	if err := w.db.QueryRow(t.Context(), `select sealed from draft_field where field = 'so'`).
		Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("037090001234")) {
		t.Error("an answer lies in clear")
	}
	if _, err := w.db.Exec(t.Context(), `update draft_field set sealed = $1 where field = 'ten'`,
		sealed); err != nil {
		t.Fatal(err)
	}
	if _, err := Fields(t.Context(), w.db, w.v, d.ID); err == nil {
		t.Error("a sealed answer opens in the place of another")
	}
}

func TestSupplementTakesOnlyWhatIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	doc := w.submit(w.party(), noon)
	d := w.supplement(doc, "noi")
	if _, err := w.save(d, "op", Change{Field: "noi", Value: text("new"), Base: 1},
		Change{Field: "ten", Value: text("x"), Base: 1}); !errors.Is(err, ErrNotAsked) {
		t.Errorf("a field that was not asked for: %v", err)
	}
	if got := w.fields(d)["noi"].Value.Text; got != "old" {
		t.Errorf("a refused save wrote %q", got)
	}
	c, err := w.save(d, "op", Change{Field: "noi", Value: text("new"), Base: 1},
		Change{Field: "ten", Value: text("old"), Base: 1})
	if err != nil || c != nil {
		t.Errorf("the field asked for, beside an unchanged one: %v %v", c, err)
	}
}
