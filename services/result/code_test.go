package result

import (
	"regexp"
	"strings"
	"testing"
)

var shape = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$`)

func TestNewCode(t *testing.T) {
	t.Parallel()
	seen := map[Code]bool{}
	for range 2000 {
		code := NewCode()
		if seen[code] || !shape.MatchString(string(code)) {
			t.Fatalf("%q, drawn before: %v", code, seen[code])
		}
		seen[code] = true
	}
}

func TestParseCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Code{
		"01AB-CDEF-GHJK-MNPQ":         "01AB-CDEF-GHJK-MNPQ",
		"01abcdefghjkmnpq":            "01AB-CDEF-GHJK-MNPQ",
		" oiab cdef – ghjk\u00a0mnpq": "01AB-CDEF-GHJK-MNPQ",
		"OLAB-CDEF-GHJK-MNPQ":         "01AB-CDEF-GHJK-MNPQ",
		"01AB-CDEF-GHJK-MNPU":         "",
		"01AB-CDEF-GHJK-MNP":          "",
		"01AB-CDEF-GHJK-MNPQ0":        "",
		"01AB-CD!F-GHJK-MNPQ":         "",
		"":                            "",
		strings.Repeat(" ", 3000) + "01ABCDEFGHJKMNPQ":       "",
		"Mã kết quả: 01AB-CDEF-GHJK-MNPQ.":                   "01AB-CDEF-GHJK-MNPQ",
		"https://dvc.example/xac-minh/01ab-cdef-ghjk-mnpq?x": "01AB-CDEF-GHJK-MNPQ",
		"０１ＡＢ－ＣＤＥＦ－ＧＨＪＫ－ＭＮＰＱ":                                "01AB-CDEF-GHJK-MNPQ",
		"01AB\u200b-CDEF\u00ad-GHJK-MNPQ":                    "01AB-CDEF-GHJK-MNPQ",
		"mã 01AB-CDEF-GHJK-MNPQ hay 11AB-CDEF-GHJK-MNPQ":     "",
		"xác minh 01AB CDEF GHJK":                            "",
	} {
		if got, ok := ParseCode(typed); got != want || ok != (want != "") {
			t.Errorf("ParseCode(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("01AB-CDEF-GHJK-MNPQ")
	f.Add("oiab cdef ghjk mnpq")
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := ParseCode(typed)
		if ok != shape.MatchString(string(code)) {
			t.Fatalf("%q gives %q, %v", typed, code, ok)
		}
		if again, _ := ParseCode(string(code)); again != code {
			t.Fatalf("%q becomes %q", code, again)
		}
	})
}
