package result

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"

	"congdvc/identity/number"
)

// Code is the number by which anybody verifies a result: 80 random bits in Crockford's base 32, written
// XXXX-XXXX-XXXX-XXXX. It cannot be guessed: at a million results, a thousand tries a second hit one in some
// million years.
type Code string

const (
	// alphabet leaves out I, L, O and U (crockford.com/base32.html).
	alphabet     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeBytes    = 10
	codeLetters  = 16
	groupOf      = 4
	longestTyped = 2000 // bytes of a message that somebody copied a code with
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

// copied finds codes among words.
var copied = regexp.MustCompile(`[0-9A-Z]{4}( ?- ?[0-9A-Z]{4}){3}|[0-9A-Z]{16}`)

// ParseCode reads a code as people type it or copy it: in any case, with or without dashes and spaces, O for
// 0, I or L for 1, and with words, a full stop or a page's address around it. It reports whether it is one.
func ParseCode(typed string) (Code, bool) {
	if len(typed) > longestTyped {
		return "", false
	}
	text := strings.ToUpper(number.Plain(typed))
	if code, ok := codeOf(text); ok {
		return code, true
	}
	var found []Code
	for _, piece := range number.Within(text, copied) {
		if code, ok := codeOf(piece); ok && !slices.Contains(found, code) {
			found = append(found, code)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func codeOf(text string) (Code, bool) {
	letters := mistaken.Replace(strings.NewReplacer(" ", "", "-", "").Replace(text))
	if len(letters) != codeLetters || strings.Trim(letters, alphabet) != "" {
		return "", false
	}
	return grouped(letters), true
}
