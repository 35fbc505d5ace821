package national

import (
	"strings"
	"testing"
)

func TestApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ệ", 100)
	for _, c := range []struct{ was, is, before, after string }{
		{"", "x", "", "x"},
		{"15", "20", "15", "20"},
		{long + "một", long + "hai", "…" + strings.Repeat("ệ", 20) + "một",
			"…" + strings.Repeat("ệ", 20) + "hai"},
		{"a" + long, "b", "a" + strings.Repeat("ệ", 79) + "…", "b"},
	} {
		if before, after := apart(c.was, c.is); before != c.before || after != c.after {
			t.Errorf("%.10q and %.10q: %q and %q", c.was, c.is, before, after)
		}
	}
}
