package agency

import (
	"testing"

	"congdvc/services/workday"
)

func TestFirstWithout(t *testing.T) {
	t.Parallel()
	d := func(n int) workday.Date { return workday.Date{Year: 2026, Month: 12, Day: n} }
	row := func(code string, from, to int) Agency {
		a := Agency{Code: code, ValidFrom: d(from)}
		if to > 0 {
			end := d(to)
			a.ValidTo = &end
		}
		return a
	}
	tests := map[string]struct {
		rows  []Agency
		first int // 0: none
	}{
		"nobody":                {nil, 5},
		"of another code":       {[]Agency{row("b", 1, 0)}, 5},
		"always":                {[]Agency{row("a", 1, 0)}, 0},
		"ended before":          {[]Agency{row("a", 1, 4)}, 5},
		"yet to begin":          {[]Agency{row("a", 7, 0)}, 5},
		"ends":                  {[]Agency{row("a", 1, 9)}, 9},
		"ends after the days":   {[]Agency{row("a", 1, 21)}, 0},
		"follows at once":       {[]Agency{row("a", 1, 9), row("a", 9, 0)}, 0},
		"follows with a gap":    {[]Agency{row("a", 1, 9), row("a", 11, 0)}, 9},
		"the follower ends too": {[]Agency{row("a", 9, 15), row("a", 1, 9)}, 15},
		"overlap":               {[]Agency{row("a", 1, 9), row("a", 7, 12)}, 12},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, found := FirstWithout(test.rows, d(5), d(20), func(a *Agency) bool {
				return a.Code == "a"
			})
			if found != (test.first > 0) || found && first != d(test.first) {
				t.Errorf("%v %v", first, found)
			}
		})
	}
}
