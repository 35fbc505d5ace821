package eform

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
)

// lineBreaks says what becomes of the line breaks of a text.
type lineBreaks int

const (
	dropLines lineBreaks = iota + 1
	keepLines
)

// clean makes typed text canonical: Unicode NFC, no control or invisible characters (direction marks,
// zero-width characters, variation selectors), plain spaces, trimmed. It is for what people write freely, in
// which "m²" stays; numbers, dates, codes and names are read by number.Plain, which folds more. Line breaks
// become "\n" where they are kept, else spaces. Bytes that are not UTF-8 are dropped.
func clean(s string, lines lineBreaks) string {
	if plain(s) {
		return strings.Trim(s, " ")
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			if lines == keepLines {
				return '\n'
			}
			return ' '
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r) || number.Invisible(r) || unicode.Is(unicode.Co, r) ||
			r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// plain reports whether a text is printable ASCII, which is nearly everything that is not a Vietnamese
// sentence.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
