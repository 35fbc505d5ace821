package portal

import (
	"testing"

	"congdvc/services/agency"
)

// TestUsualTaker: while no agency is chosen the day is that of most of them, not that of the first by the
// alphabet.
func TestUsualTaker(t *testing.T) {
	t.Parallel()
	police, office, other := agency.Agency{Code: "A", Calendar: "saturday"},
		agency.Agency{Code: "B", Calendar: "office"}, agency.Agency{Code: "C", Calendar: "office"}
	for _, c := range []struct {
		takers []agency.Agency
		want   string
	}{
		{[]agency.Agency{police}, "A"},
		{[]agency.Agency{police, office}, "A"},
		{[]agency.Agency{police, office, other}, "B"},
		{[]agency.Agency{office, police, other}, "B"},
	} {
		if got := usualTaker(c.takers); got.Code != c.want {
			t.Errorf("of %v the usual one is %s", c.takers, got.Code)
		}
	}
}
