package number

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName is the longest name taken, in characters. The longest on record in Vietnam are about half of it.
const maxName = 100

// ParseName reads the full name of a person as passports have it: letters with spaces, and hyphens,
// apostrophes, dots, commas, strokes ("Ravi S/O Kumar"), brackets, the middle dot of Catalan, and an @ that
// stands by itself ("Tan Ah Kow @ Lim"). It returns the name made Plain, a backtick as an apostrophe too.
// Error: ErrName.
func ParseName(s string) (string, error) {
	// Checked before normalising, so that nobody can make that work on a megabyte. A character of a name
	// takes 12 bytes at most.
	if len(s) > 12*maxName || !utf8.ValidString(s) {
		return "", ErrName
	}
	s = strings.ReplaceAll(Plain(s), "`", "'")
	letters, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters, marks = letters+1, 0
		case unicode.IsMark(r):
			// Some letters have no code point of their own and need combining marks. More than three on one
			// letter is abuse.
			if marks++; letters == 0 || marks > 3 {
				return "", ErrName
			}
		case !strings.ContainsRune(" -'.,/()·@", r):
			return "", ErrName
		}
	}
	if letters == 0 || utf8.RuneCountInString(s) > maxName || addressLike.MatchString(s) {
		return "", ErrName
	}
	return s, nil
}

// addressLike tells mail addresses from names: there the @ stands between letters.
var addressLike = regexp.MustCompile(`[^ ]@[^ ]`)

// MaskName shows the first letter of each word and a star for each of the others: "N***** T** L**".
func MaskName(s string) string {
	words := strings.Fields(norm.NFC.String(s))
	for i, word := range words {
		r := []rune(word)
		words[i] = string(r[0]) + strings.Repeat("*", len(r)-1)
	}
	return strings.Join(words, " ")
}

// Fold returns a text for comparing and searching: made Plain, lower case, without diacritics, đ as d. It
// joins the two ways to place a tone: hoà and hòa both give "hoa".
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(Plain(s))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'ð':
			b.WriteByte('d')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(norm.NFC.String(b.String())), " ")
}

// Bare is a text made Plain, without the quotation marks, brackets and stops that stand around a name or
// a code copied from somewhere.
func Bare(s string) string { return strings.Trim(Plain(s), ` "'()[]<>.,;:!?`) }

// Words takes a text apart into folded words of letters and digits: "Hộ tịch, cư trú" into ho, tich, cu, tru.
func Words(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
