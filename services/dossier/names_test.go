package dossier

import (
	"errors"
	"testing"
)

func TestNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	if none, err := Names(ctx, w.db, "", 10); err != nil || len(none) != 0 {
		t.Errorf("of nothing: %v %v", none, err)
	}
	want := map[ID]Code{}
	for range 3 {
		d := w.submit(w.party(), noon)
		want[d.ID] = d.Code
	}
	got := map[ID]Code{}
	for after := ID(""); ; {
		some, err := Names(ctx, w.db, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range some {
			if n.ID <= after {
				t.Errorf("%s after %s", n.ID, after)
			}
			got[n.ID], after = n.Code, n.ID
		}
		if len(some) < 2 {
			break
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v, not %v", got, want)
	}
	for id, c := range want {
		if named, err := NameOf(ctx, w.db, c); err != nil || named != (Named{id, c}) || got[id] != c {
			t.Errorf("%s: %v %v", c, named, err)
		}
	}
	if _, err := NameOf(ctx, w.db, code(9999)); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such dossier: %v", err)
	}
}
