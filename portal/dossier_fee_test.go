package portal_test

import (
	"strings"
	"testing"

	"congdvc/portal/address"
)

// TestResultAfterTheFeeIsSaid: where a procedure gives no result before its fee, its page, the confirmation
// and the dossier say so, in both languages; elsewhere none does.
func TestResultAfterTheFeeIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	said := map[string]string{
		"vi": "cơ quan chỉ trả kết quả sau khi bạn nộp đủ",
		"en": "the agency gives the result only after you have paid",
	}
	before, confirmed := b.submitted()
	pages := []string{confirmed.body, b.get(address.Dossier("vi", before)).body,
		b.get(address.Dossier("en", before)).body}
	for _, page := range pages {
		if strings.Contains(page, said["vi"]) || strings.Contains(page, said["en"]) {
			t.Error("a rule is told that the procedure does not have")
		}
	}
	s.Redefine(t, "2.000635", map[string]any{"result_after_fee": true})
	code, done := b.submitted()
	if !strings.Contains(done.body, said["vi"]) {
		t.Errorf("the confirmation lacks the rule: %s", done.body)
	}
	b.shows(address.Dossier("vi", code), said["vi"])
	b.shows(address.Dossier("en", code), said["en"])
	b.shows(address.Procedure("vi", "2.000635"), "Kết quả chỉ được trả sau khi đã nộp đủ.")
	b.shows(address.Procedure("en", "2.000635"), "The result is given only after it has been paid.")
	if strings.Contains(b.get(address.Dossier("vi", before)).body, said["vi"]) {
		t.Error("a dossier is told a rule that came after it")
	}
}
