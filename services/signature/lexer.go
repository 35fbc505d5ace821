package signature

import (
	"bytes"
	"strings"
)

// The kinds of tokens of a PDF (ISO 32000-1, 7.2 and 7.3).
type kind int

const (
	openDict kind = iota
	closeDict
	openArray
	closeArray
	name
	hexString
	literal
	number  // an integer without sign
	keyword // true, false, null, R, and numbers of other shapes
)

// A token is a piece of an object and where it lies in it.
type token struct {
	kind     kind
	from, to int
	text     []byte // a name without its slash and escapes; the inside of a hexadecimal string
	value    int    // of a number
}

// A lexer cuts an object into tokens.
type lexer struct {
	text []byte
	at   int
}

// next returns the next token. Error: errMalformed, at the end of the text too, and at the keywords that only
// stand outside of values.
func (l *lexer) next() (token, error) {
	if !l.skip() {
		return token{}, errMalformed
	}
	t := token{from: l.at}
	rest := l.text[l.at:]
	ok := true
	switch c := rest[0]; {
	case bytes.HasPrefix(rest, []byte("<<")):
		t.kind, l.at = openDict, l.at+2
	case bytes.HasPrefix(rest, []byte(">>")):
		t.kind, l.at = closeDict, l.at+2
	case c == '[':
		t.kind, l.at = openArray, l.at+1
	case c == ']':
		t.kind, l.at = closeArray, l.at+1
	case c == '<':
		t.kind = hexString
		i := bytes.IndexByte(rest, '>')
		if ok = i > 0; ok {
			t.text, l.at = rest[1:i], l.at+i+1
		}
	case c == '(':
		t.kind = literal
		ok = l.skipLiteral()
	case c == '/':
		l.at++
		t.kind = name
		t.text, ok = unescape(l.regular())
	case isRegular(c):
		ok = l.word(&t)
	default:
		ok = false
	}
	t.to = l.at
	if !ok {
		return token{}, errMalformed
	}
	return t, nil
}

// skip passes white space and comments; false at the end.
func (l *lexer) skip() bool {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			i := bytes.IndexAny(l.text[l.at:], "\r\n")
			if i < 0 {
				return false
			}
			l.at += i
		default:
			return true
		}
	}
	return false
}

// skipLiteral passes a string in parentheses; false when it does not end.
func (l *lexer) skipLiteral() bool {
	depth := 0
	for ; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.at++
				return true
			}
		}
	}
	return false
}

// regular takes the regular characters that follow.
func (l *lexer) regular() []byte {
	from := l.at
	for l.at < len(l.text) && isRegular(l.text[l.at]) {
		l.at++
	}
	return l.text[from:l.at]
}

// word takes a number or a keyword.
func (l *lexer) word(t *token) bool {
	t.text = l.regular()
	t.kind = number
	for _, c := range t.text {
		if c < '0' || c > '9' || len(t.text) > len("9999999999") {
			t.kind = keyword
			break
		}
		t.value = 10*t.value + int(c-'0')
	}
	switch string(t.text) {
	case "obj", "endobj", "stream", "endstream", "xref", "trailer", "startxref":
		return false
	}
	return true
}

// unescape replaces the #xx of a name; false when one is not two hexadecimal digits.
func unescape(raw []byte) ([]byte, bool) {
	if bytes.IndexByte(raw, '#') < 0 {
		return raw, true
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '#' {
			out = append(out, raw[i])
			continue
		}
		if i+2 >= len(raw) {
			return nil, false
		}
		hi, lo := strings.IndexByte(hexDigits, lower(raw[i+1])), strings.IndexByte(hexDigits, lower(raw[i+2]))
		if hi < 0 || lo < 0 {
			return nil, false
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return out, true
}

const hexDigits = "0123456789abcdef"

func lower(c byte) byte {
	if c >= 'A' && c <= 'F' {
		return c + 'a' - 'A'
	}
	return c
}

// isSpace tells the white space of ISO 32000-1, table 1.
func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

// isRegular tells what is neither white space nor a delimiter.
func isRegular(c byte) bool {
	return !isSpace(c) && bytes.IndexByte([]byte("()<>[]{}/%"), c) < 0
}
