package result

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"unicode"
)

// Code is the number by which anybody verifies a result: 80 random bits in Crockford's base 32, written
// XXXX-XXXX-XXXX-XXXX. It cannot be guessed: at a million results, a thousand tries a second hit one in some
// million years.
type Code string

const (
	// alphabet leaves out I, L, O and U (crockford.com/base32.html).
	alphabet    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeBytes   = 10
	codeLetters = 16
	groupOf     = 4
	longestCode = 64 // in bytes, as typed
)

var crockford = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// NewCode draws a code.
func NewCode() Code {
	var raw [codeBytes]byte
	rand.Read(raw[:]) // does not fail: crypto/rand ends the program instead
	return grouped(crockford.EncodeToString(raw[:]))
}

func grouped(letters string) Code {
	var b strings.Builder
	for i, letter := range letters {
		if i > 0 && i%groupOf == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(letter)
	}
	return Code(b.String())
}

// mistaken has what people read instead of the letters of the alphabet.
var mistaken = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// ParseCode reads a code as people type it: in any case, with or without dashes and spaces, O for 0, I or L
// for 1. It reports whether it is one.
func ParseCode(typed string) (Code, bool) {
	if len(typed) > longestCode {
		return "", false
	}
	letters := mistaken.Replace(strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, typed)))
	if len(letters) != codeLetters || strings.Trim(letters, alphabet) != "" {
		return "", false
	}
	return grouped(letters), true
}
