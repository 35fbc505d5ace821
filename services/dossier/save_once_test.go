package dossier

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// saveOnce saves as the script of a page does.
func (w *world) saveOnce(d *Draft, operation string, changes ...Change) (saved Saved, err error) {
	w.Helper()
	err = w.try(func(tx pgx.Tx) (err error) {
		saved, err = SaveOnce(w.Context(), tx, w.v, d, operation, changes, noon.Add(time.Minute))
		return err
	})
	return saved, err
}

func TestParseOperation(t *testing.T) {
	t.Parallel()
	page := postgres.NewID()
	for operation, want := range map[string]int{page: 0, page + ".1": 1, page + ".4711": 4711,
		page + ".0": -1, page + ".01": -1, page + ".x": -1, page + ".": -1, page + ".-1": -1,
		page + ".1.1": -1, "begin": -1, "": -1, ".1": -1, page + ".99999999999999999999": -1} {
		got, n, ok := ParseOperation(operation)
		if ok != (want >= 0) || ok && (got != page || n != want) {
			t.Errorf("%q is %q, %d, %t", operation, got, n, ok)
		}
	}
	if OperationID(page, 3) != page+".3" {
		t.Error(OperationID(page, 3))
	}
}

func TestARepeatedSaveIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party(), Change{Field: "a", Value: text("one")}, Change{Field: "b", Value: text("one")})
	if _, err := w.saveOnce(d, OperationID(postgres.NewID(), 1), Change{Field: "b", Value: text("other tab"),
		Base: 1}); err != nil {
		t.Fatal(err)
	}
	op := OperationID(postgres.NewID(), 1)
	changes := []Change{{Field: "a", Value: text("two"), Base: 1}, {Field: "b", Value: text("two"), Base: 1}}
	first, err := w.saveOnce(d, op, changes...)
	if err != nil || first.Revisions["a"] != 2 || len(first.Revisions) != 1 || len(first.Conflicts) != 1 ||
		first.Conflicts[0].Theirs.Text != "other tab" {
		t.Fatalf("%+v, %v", first, err)
	}
	// What happens elsewhere meanwhile does not change what the save was answered.
	if _, err := w.saveOnce(d, OperationID(postgres.NewID(), 1), Change{Field: "a", Value: text("three"),
		Base: 2}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again, err := w.saveOnce(d, op, changes...)
		if err != nil || !maps.Equal(again.Revisions, first.Revisions) || len(again.Conflicts) != 1 ||
			!again.At.Equal(first.At) ||
			!again.Conflicts[0].Theirs.Equal(first.Conflicts[0].Theirs) {
			t.Errorf("again %+v, %v", again, err)
		}
	}
	if f := w.fields(d)["a"]; f.Value.Text != "three" || f.Revision != 3 {
		t.Errorf("the repeated save changed the draft: %+v", f)
	}
	if _, err := w.saveOnce(d, op, Change{Field: "a", Value: text("four"), Base: 3}); !errors.Is(err,
		ErrOperation) {
		t.Errorf("the same id for something else: %v", err)
	}
	var kept string
	if err := w.db.QueryRow(t.Context(),
		`select string_agg(encode(answer_sealed, 'escape'), '') from draft_operation`).
		Scan(&kept); err != nil || strings.Contains(kept, "other tab") {
		t.Errorf("answers can be read: %v", err)
	}
	w.tx(func(tx pgx.Tx) error { return Discard(t.Context(), tx, w.v, d, noon) })
	if n := w.count(`select count(*) from draft_operation`); n != 0 {
		t.Errorf("%d answers of a discarded draft", n)
	}
}

func (w *world) count(sql string) (n int) {
	w.Helper()
	if err := w.db.QueryRow(w.Context(), sql).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// TestAPageIsNoConflictToItself: whatever arrives in whatever order, the page's latest word holds.
func TestAPageIsNoConflictToItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := postgres.NewID()
	for _, tc := range []struct {
		name       string
		operations []string // each says its own number, based on what the page showed at first
		want       string
	}{
		{"in order", []string{page + ".1", page + ".2", page + ".3"}, page + ".3"},
		{"the post overtakes a save", []string{page + ".1", page + ".3", page + ".2"}, page + ".3"},
		{"the page is sent again from the browser's memory", []string{page, page}, page},
		{"an old save comes last", []string{page + ".9", page + ".1"}, page + ".9"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := w.draft(w.party(), Change{Field: "a", Value: text("shown")})
			for i, op := range tc.operations {
				conflicts, err := w.save(d, op, Change{Field: "a", Value: text(op + strings.Repeat("!", i)),
					Base: 1})
				if err != nil || len(conflicts) != 0 {
					t.Errorf("%s: %+v, %v", op, conflicts, err)
				}
			}
			if got := w.fields(d)["a"]; strings.TrimRight(got.Value.Text, "!") != tc.want {
				t.Errorf("the draft holds %q, want %q", got.Value.Text, tc.want)
			}
			conflicts, err := w.save(d, postgres.NewID(), Change{Field: "a", Value: text("another page"),
				Base: 1})
			if err != nil || len(conflicts) != 1 {
				t.Errorf("another page is no conflict: %+v, %v", conflicts, err)
			}
		})
	}
}

func TestOneOperationSentAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	op := OperationID(postgres.NewID(), 1)
	var wg sync.WaitGroup
	answers := make([]Saved, 6)
	for i := range answers {
		wg.Go(func() {
			err := w.try(func(tx pgx.Tx) error {
				locked, err := LockDraft(w.Context(), tx, w.v, d.ID, d.Party)
				if err != nil {
					return err
				}
				answers[i], err = SaveOnce(w.Context(), tx, w.v, locked, op,
					[]Change{{Field: "a", Value: text("x")}}, noon)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a.Revisions["a"] != 1 || len(a.Conflicts) != 0 {
			t.Errorf("%+v", a)
		}
	}
	if f := w.fields(d)["a"]; f.Revision != 1 {
		t.Errorf("saved %d times", f.Revision)
	}
}

// TestASaveThatComesAfterItsPage: what was sent before the page was posted, and arrives after a newer page's
// word.
func TestASaveThatComesAfterItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party(), Change{Field: "a", Value: text("one")})
	page, next := postgres.NewID(), postgres.NewID()
	post := func(operation string, changes ...Change) {
		w.tx(func(tx pgx.Tx) error {
			conflicts, err := SaveFields(t.Context(), tx, w.v, d, operation, changes, noon)
			if len(conflicts) > 0 {
				t.Errorf("%s is in conflict: %+v", operation, conflicts)
			}
			return err
		})
	}
	post(OperationID(page, 3), Change{Field: "a", Value: text("wrong"), Base: 1})
	if _, err := w.saveOnce(d, OperationID(next, 1), Change{Field: "a", Value: text("right"),
		Base: 2}); err != nil {
		t.Fatal(err)
	}
	late, err := w.saveOnce(d, OperationID(page, 2), Change{Field: "a", Value: text("wron"), Base: 1})
	if err != nil || len(late.Conflicts) != 0 || late.Fresh {
		t.Errorf("the late save: %+v, %v", late, err)
	}
	if f := w.fields(d)["a"]; f.Value.Text != "right" || f.Revision != 3 {
		t.Errorf("the field is %+v", f)
	}
	after, err := w.saveOnce(d, OperationID(page, 4), Change{Field: "a", Value: text("back"), Base: 2})
	if err != nil || len(after.Conflicts) != 1 {
		t.Errorf("a change made after the post: %+v, %v", after, err)
	}
	post(OperationID(page, 3), Change{Field: "a", Value: text("right"), Base: 1})
}

// TestSavesUnderAClockThatJumps: the order of saves is that of their pages and revisions, whatever the clock
// says.
func TestSavesUnderAClockThatJumps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.draft(w.party())
	page := postgres.NewID()
	for n, now := range []time.Time{noon, noon.AddDate(-2, 0, 0), noon.AddDate(30, 0, 0),
		noon.Add(-time.Hour)} {
		word := text(strings.Repeat("x", n+1))
		var saved Saved
		w.tx(func(tx pgx.Tx) error {
			locked, err := LockDraft(t.Context(), tx, w.v, d.ID, d.Party)
			if err != nil {
				return err
			}
			saved, err = SaveOnce(t.Context(), tx, w.v, locked, OperationID(page, n+1),
				[]Change{{Field: "a", Value: word, Base: n}}, now)
			return err
		})
		if len(saved.Conflicts) != 0 || saved.Repeated || saved.Revisions["a"] != n+1 {
			t.Errorf("at %s: %+v", now, saved)
		}
		if got := w.fields(d)["a"]; !got.Value.Equal(word) || got.Revision != n+1 {
			t.Errorf("at %s the draft holds %+v", now, got)
		}
	}
	conflicts, err := w.save(d, postgres.NewID(), Change{Field: "a", Value: text("another page"), Base: 3})
	if err != nil || len(conflicts) != 1 {
		t.Errorf("a stale page is no conflict: %+v, %v", conflicts, err)
	}
}
