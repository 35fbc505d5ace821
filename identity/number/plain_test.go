package number_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                   "",
		"H42.37-261127-0001": "H42.37-261127-0001",
		"  a  b ":            "a b",
		"０９１２３４５６７８":         "0912345678",
		"٠٩١٢ ०९१२ ໐໙ 𝟎𝟗 𝟢𝟫 🯰":        "0912 0912 09 09 09 0",
		"a‐b‑c‒d–e—f―g−h﹘i﹣j－k":       "a-b-c-d-e-f-g-h-i-j-k",
		"a⸺b﹘c〜d゠eーf־g⁃h":             "a-b-c-d-e-f-g-h",
		"K‘B K’B KʼB K´B K＇B K′B KꞌB": "K'B K'B K'B K'B K'B K'B K'B",
		"K`B":           "K`B", // only of a name is it a quotation mark
		"“a” „b‟ «c» ＂": `"a" "b" "c" "`,
		"1\u200b2\u200c3\u200d4\u200e5\u200f6\u20607\ufeff8": "12345678",
		"a\u202ab\u202ec\u2066d\u2069e\u00adf\ufe0fg\u034fh": "abcdefgh",
		"a\u3164b\uffa0c\U000e0041d\u115fe":                  "abcde",
		"a\u00a0b\u2009c\u202fd\u3000e\tf\r\ng\u2028h\u2800": "a b c d e f g h",
		"１５／０３／２０２６":                                         "15/03/2026",
		"15⁄03∕2026":                                         "15/03/2026",
		"ＡＢＣ ﬁ Ⅳ":                                            "ABC fi IV",
		"１．５００，２５":                                           "1.500,25",
		"10² ½ ①":                                            "10² ½ ①", // another number than their digits
		norm.NFD.String("Nguyễn"):                            "Nguyễn",
		"e\u200b\u0301":                                      "é",
		"\x00a\x1b":                                          "\x00a\x1b",
		"a\xff":                                              "a\ufffd",
	} {
		if got := number.Plain(given); got != want {
			t.Errorf("Plain(%q) = %q, want %q", given, got, want)
		}
	}
}

// TestEveryDigitHasItsValue holds what the fold of digits relies on: tens in rows that begin with zero.
func TestEveryDigitHasItsValue(t *testing.T) {
	t.Parallel()
	row := func(lo, hi, stride uint32) {
		if stride != 1 || (hi-lo+1)%10 != 0 {
			t.Errorf("the digits from %U to %U are no whole tens", lo, hi)
		}
	}
	for _, r := range unicode.Nd.R16 {
		row(uint32(r.Lo), uint32(r.Hi), uint32(r.Stride))
	}
	for _, r := range unicode.Nd.R32 {
		row(r.Lo, r.Hi, r.Stride)
	}
	for _, ten := range []string{"0123456789", "٠١٢٣٤٥٦٧٨٩", "๐๑๒๓๔๕๖๗๘๙", "០១២៣៤៥៦៧៨៩", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿"} {
		if got := number.Plain(ten); got != "0123456789" {
			t.Errorf("%s is read as %s", ten, got)
		}
	}
}

// TestPlainIsPlain takes every character, alone and between others.
func TestPlainIsPlain(t *testing.T) {
	t.Parallel()
	for r := range rune(0xe0200) {
		if unicode.Is(unicode.Ideographic, r) || unicode.Is(unicode.Hangul, r) || r > 0x1ffff && r < 0xe0000 {
			continue // they are many, and alike
		}
		for _, given := range []string{string(r), "a" + string(r) + "\u0301"} {
			once := number.Plain(given)
			if twice := number.Plain(once); twice != once {
				t.Errorf("Plain(%q) = %q, then %q", given, once, twice)
			}
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`[A-Z]-[0-9]{2}`)
	for text, want := range map[string]string{
		"A-12": "A-12", "Mã: A-12.": "A-12", "(A-12)/B-34, A-12": "A-12 B-34", "1 A-12. 5": "A-12",
		"ếA-12": "", "A-123": "", "A-12-3": "", "1.A-12": "", "A-12.5": "", "": "",
	} {
		if got := strings.Join(number.Within(text, shape), " "); got != want {
			t.Errorf("in %q there is %q, want %q", text, got, want)
		}
	}
}

// FuzzPlain: what is plain stays as it is, is in NFC, and has nothing to fold left.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{
		"０９１２", "K‘Brê", "²½", "ʹʺ", "\u0374", "ﷺ", "ﾞ゛", "e\u200b\u0301", "´\u0301",
		"\u1100\u115f\u1161", "＝\u0338", "\u1fef", "\xff\u0301"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		once := number.Plain(given)
		if twice := number.Plain(once); twice != once {
			t.Errorf("Plain(%q) = %q, then %q", given, once, twice)
		}
		if !norm.NFC.IsNormalString(once) {
			t.Errorf("Plain(%q) = %q is not in NFC", given, once)
		}
		for _, r := range once {
			if number.Invisible(r) || r != '-' && unicode.Is(unicode.Pd, r) ||
				(r < '0' || r > '9') && unicode.Is(unicode.Nd, r) {
				t.Errorf("Plain(%q) = %q has %U", given, once, r)
			}
		}
	})
}
