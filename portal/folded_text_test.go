package portal

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"congdvc/i18n"
)

func TestItemLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Hồ sơ của người lao động ", 14)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{""}},
		{"lines of the source", "Một\n\n  Hai  ", []string{"Một", "Hai"}},
		{"a short text keeps its marks", "gồm: - một; - hai", []string{"gồm: - một; - hai"}},
		{"dashes", long + "gồm: - một; - hai.", []string{long + "gồm:", "- một;", "- hai."}},
		{"letters and numbers", long + "gồm: a) một; (ii) hai. 3.1. ba",
			[]string{long + "gồm:", "a) một;", "(ii) hai.", "3.1. ba"}},
		{"a dash inside a sentence", long + "chính trị - xã hội", []string{long + "chính trị - xã hội"}},
	} {
		if got := itemLines(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFold: a long name begins within the limit and loses no word, whatever it is made of.
func TestFold(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"clauses": strings.Repeat("Tờ khai theo mẫu; ", 60),
		"words":   strings.Repeat("giấy ", 300),
		"no gap":  strings.Repeat("ẩ", 900),
		"items":   "Hồ sơ gồm: " + strings.Repeat("- Giấy tờ có liên quan; ", 40),
	} {
		start, rest := fold(i18n.En, i18n.Text{Vi: text})
		if rest == nil || rest.Lang != "vi" || rest.Words == "" {
			t.Errorf("%s: not folded, or not marked as Vietnamese: %+v", name, rest)
			continue
		}
		if utf8.RuneCountInString(start) > longText {
			t.Errorf("%s: begins with %d runes", name, utf8.RuneCountInString(start))
		}
		letters := func(s string) string { return strings.NewReplacer(" ", "", "…", "").Replace(s) }
		if letters(start+strings.Join(rest.Lines, "")) != letters(text) {
			t.Errorf("%s: words are lost", name)
		}
	}
	if start, rest := fold(i18n.Vi, i18n.Text{Vi: "Tờ khai"}); start != "Tờ khai" || rest != nil {
		t.Errorf("a short name: %q %v", start, rest)
	}
}
