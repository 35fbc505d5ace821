package portal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/portal/address"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// TestSearchEnded: the code of a procedure that has ended leads to its page, apart from what can still be
// asked for.
func TestSearchEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	importRecord(t, s)
	b := s.visitor(t)
	for _, text := range []string{"9.000001", "9.999999", "1.001193"} {
		if p := b.get("/tim-kiem?q=" + text); strings.Contains(p.body, "hết hiệu lực") {
			t.Errorf("%s has not ended, and the page says so", text)
		}
	}
	day := workday.DateOf(s.Clock.Now())
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		return procedure.Close(t.Context(), tx, procedure.CloseIn{Code: "9.000001", On: day,
			Successor: "1.001193", Today: day})
	}))
	for path, says := range map[string]string{
		"/tim-kiem?q=9.000001":                    ", thay bằng 1.001193",
		"/tim-kiem?q=9000001":                     "Đã hết hiệu lực từ ",
		"/tim-kiem?q=9.000001&muc-do=toan_trinh":  "Đã hết hiệu lực từ ",
		address.Search("en") + "?q=code+9.000001": ", replaced by 1.001193",
	} {
		p := b.get(path)
		checkPage(t, s, p)
		lang := "vi"
		if strings.HasPrefix(path, "/en") {
			lang = "en"
		}
		if !strings.Contains(p.body, says) ||
			!slices.Contains(p.found(), address.Procedure(lang, "9.000001")) {
			t.Errorf("%s does not lead on: %v", path, p.found())
		}
		if strings.Contains(p.body, "Tìm thấy 1 thủ tục") {
			t.Errorf("%s counts it among the others", path)
		}
	}
}
