package demooffice

import "testing"

func TestDay(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{"2026-11-06": "06/11/2026", "": "", "soon": "soon"} {
		if got := day(date); got != want {
			t.Errorf("%q: %q, not %q", date, got, want)
		}
	}
}
