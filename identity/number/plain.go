package number

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Plain makes what was typed, pasted or sent plain, before a number, a date, a code or a name is read from
// it: one line in Unicode NFC with single spaces, ASCII digits in place of every script's, "-" for every
// dash, "'" and `"` for every quotation mark, NFKC's letters for those of another width or shape, and nothing
// that cannot be seen. Other controls stay, for the parser to refuse. So do signs that mean another number
// than their digits do, such as "²", "½" and "①".
//
// Text that people write freely is not for this: there "m²" has to stay.
func Plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case quotes[r] != 0: // NFKC would make a space and a mark of some
			b.WriteRune(quotes[r])
		default:
			for _, part := range parts(r) {
				b.WriteString(plainRune(part))
			}
		}
	}
	return strings.Join(strings.FieldsFunc(norm.NFC.String(b.String()), isSpace), " ")
}

// isPlain spares the work for ASCII without spaces to remove, which nearly everything is.
func isPlain(s string) bool {
	for i := range len(s) {
		odd := s[i] < ' ' || s[i] > '~'
		if odd || s[i] == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// parts are the characters that a character is equivalent to.
func parts(r rune) string {
	if unicode.Is(unicode.No, r) || unicode.Is(unicode.Lm, r) {
		return norm.NFC.String(string(r))
	}
	return norm.NFKC.String(string(r))
}

func plainRune(r rune) string {
	switch {
	case isSpace(r):
		return " "
	case Invisible(r):
		return ""
	case signs[r] != 0:
		return string(signs[r])
	case quotes[r] != 0:
		return string(quotes[r])
	case unicode.Is(unicode.Pd, r):
		return "-"
	case unicode.Is(unicode.Nd, r):
		return string('0' + digit(r))
	}
	return string(r)
}

func isSpace(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp) || r == brailleBlank
}

const brailleBlank = '\u2800'

// Invisible reports whether a character shows nothing and takes no room, such as the zero-width spaces,
// joiners, soft hyphens, direction marks and variation selectors that come with text from chats and word
// processors. Controls are not among them.
func Invisible(r rune) bool {
	return r >= 0xad && unicode.In(r, unicode.Cf, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point)
}

// digit is the value of a decimal digit of any script. Each script has its ten in a row from zero on, and
// Unicode's table of them has rows of whole tens.
func digit(r rune) rune {
	for _, row := range unicode.Nd.R16 {
		if r >= rune(row.Lo) && r <= rune(row.Hi) {
			return (r - rune(row.Lo)) % 10
		}
	}
	for _, row := range unicode.Nd.R32 {
		if r >= rune(row.Lo) && r <= rune(row.Hi) {
			return (r - rune(row.Lo)) % 10
		}
	}
	return 0
}

// quotes are what keyboards and word processors put in the place of the two quotation marks of ASCII. The
// single one is a letter of K'Ho and Ê Đê names too.
var quotes = spread(map[rune]string{
	'\'': "´‘’‛ʹʻʼʽʾʿˈˊˋ′‵ꞌꞋ՚׳᾽᾿＇",
	'"':  "“”„‟″‶«»＂",
})

// signs are others that stand for one of ASCII. Two are no dashes in Unicode: the minus, and the long vowel
// that a Japanese keyboard gives for "-".
var signs = spread(map[rune]string{
	'-': "−⁃˗ー", '.': "。٫", ',': "、٬‚", '/': "⁄∕", ':': "∶",
})

func spread(by map[rune]string) map[rune]rune {
	all := map[rune]rune{}
	for ascii, others := range by {
		for _, r := range others {
			all[r] = ascii
		}
	}
	return all
}

// Within returns the pieces of a plain text that have a shape, each once. They stand by themselves, as a code
// does that was copied with words, a full stop or an address around it: no letter or digit touches them, nor
// a dot or a hyphen with a digit behind it.
func Within(text string, shape *regexp.Regexp) []string {
	var found []string
	for _, at := range shape.FindAllStringIndex(text, -1) {
		piece := text[at[0]:at[1]]
		if !touchedAfter.MatchString(text[at[1]:]) && !touchedBefore.MatchString(text[:at[0]]) &&
			!slices.Contains(found, piece) {
			found = append(found, piece)
		}
	}
	return found
}

var (
	touchedAfter  = regexp.MustCompile(`^([\pL\pN]|[.-]\pN)`)
	touchedBefore = regexp.MustCompile(`([\pL\pN]|\pN[.-])$`)
)
