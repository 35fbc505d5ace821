package attachment

import (
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"congdvc/services/typeface"
)

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"giấy chứng sinh.pdf":             "giấy chứng sinh.pdf",
		"giấy.PDF":                        "giấy.pdf",
		`C:\Users\An\Desktop\ảnh.pdf`:     "ảnh.pdf",
		"../../etc/passwd":                "passwd.pdf",
		"hóa\x00đơn\r\n.pdf":              "hóađơn.pdf",
		"anh\u202Efdp.exe":                "anhfdp.exe.pdf",
		"a\u200Bb\u2066c\uFEFF.pdf":       "abc.pdf",
		"  .. nhiều   khoảng trắng  .pdf": "nhiều khoảng trắng.pdf",
		`a<b>:"c|d?*.pdf`:                 "a_b___c_d__.pdf",
		"Giấy %22khai sinh%22.pdf":        "Giấy _khai sinh_.pdf", // as browsers send a quotation mark
		`Giấy "khai" sinh's “x”.pdf`:      "Giấy _khai_ sinh's “x”.pdf",
		"a%0D%0Ab 50%.pdf":                "a b 50%.pdf",
		"a\ufe0fb\u00ad.pdf":              "ab.pdf",
		"출생증명서.pdf":                       "tep.pdf", // no paper could show it
		"Kim 김민준 - hộ chiếu 😀.pdf":        "Kim _ - hộ chiếu _.pdf",
		"Ơ̆ Đê.pdf":                       "Ơ̆ Đê.pdf",
		"___.pdf":                         "tep.pdf",
		"":                                "tep.pdf",
		"...":                             "tep.pdf",
		".pdf":                            "pdf.pdf",
		"\xff\xfe":                        "tep.pdf",
		"khong duoi":                      "khong duoi.pdf",
		strings.Repeat("ộ", 100) + ".pdf": strings.Repeat("ộ", 65) + ".pdf",
	} {
		if got := cleanName(given, PDF); got != want {
			t.Errorf("cleanName(%q) = %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]string{"a.jpeg": "a.jpeg", "a.JPG": "a.jpg", "a.pdf": "a.pdf.jpg"} {
		if got := cleanName(given, JPEG); got != want {
			t.Errorf("cleanName(%q) of a JPEG = %q, want %q", given, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("giấy chứng sinh.pdf")
	f.Add("..\\..\u202E\x00a/b.exe")
	f.Add(strings.Repeat("ê\u0323", 90))
	f.Fuzz(func(t *testing.T, given string) {
		name := cleanName(given, PDF)
		switch {
		case !utf8.ValidString(name) || !norm.NFC.IsNormalString(name):
			t.Fatalf("%q is not text in NFC", name)
		case len(name) > maxName || !strings.EqualFold(name[max(0, len(name)-4):], ".pdf") || len(name) < 5:
			t.Fatalf("%q: its length or extension", name)
		case strings.ContainsAny(name, `/\<>:"|?*`) || name[0] == '.' || name[0] == ' ':
			t.Fatalf("%q leads somewhere else", name)
		case strings.ContainsFunc(name, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
		}):
			t.Fatalf("%q has what is not seen", name)
		case typeface.Lacking(name) != "":
			t.Fatalf("%q has a letter that papers cannot show", name)
		case cleanName(name, PDF) != name:
			t.Fatalf("%q becomes %q", name, cleanName(name, PDF))
		}
	})
}
