package backoffice

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"congdvc/services/fault"
	"congdvc/services/onestop"
)

// deepest is how many objects and lists may lie in one another. No call needs more than three.
const deepest = 32

// onceEach refuses a valid JSON text in which an object has a member twice, on any level, since programs
// disagree on which of the two counts (RFC 8259, section 4). Names are compared as they are read, so that an
// escape hides nothing. Errors: errMemberTwice for each such member, at its object where that lies deeper
// than a field can tell; errJSON where things lie too deep in one another.
func onceEach(raw []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var open []*level
	var faults fault.List
	for {
		token, err := decoder.Token()
		if err != nil { // the text was found valid before: it is its end
			return faults.Err()
		}
		var in *level
		if len(open) > 0 {
			in = open[len(open)-1]
		}
		switch {
		case token == json.Delim('}') || token == json.Delim(']'):
			open = open[:len(open)-1]
			continue
		case in != nil && in.names != nil && !in.named:
			in.named, in.at = true, token.(string)
			if in.names[in.at] == 1 {
				faults.Add(errMemberTwice.At(place(open)))
			}
			in.names[in.at]++
			continue
		}
		if in != nil {
			in.named = false
		}
		if token != json.Delim('{') && token != json.Delim('[') {
			continue
		}
		if len(open) == deepest {
			return errJSON
		}
		inner := &level{}
		if token == json.Delim('{') {
			inner.names = map[string]int{}
		}
		open = append(open, inner)
	}
}

// A level is an object or a list that is being read.
type level struct {
	names map[string]int // of the members so far, with how often each came; nil for a list
	at    string         // name of the member that is being read
	named bool           // its name was read and its value not yet
}

// place names a member as a fault does: the member of the body, and at most one step into it.
func place(open []*level) string {
	names := []string{open[0].at}
	if len(open) > 1 && open[1].names != nil {
		names = append(names, open[1].at)
	}
	return strings.ToValidUTF8(strings.Join(names, "."), "\uFFFD")
}

// textsOnly refuses a JSON text with a string that cannot be stored, and names the member that has it.
func textsOnly(raw []byte, members map[string]json.RawMessage) error {
	if hasOnlyText(raw) {
		return nil
	}
	var faults fault.List
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !hasOnlyText(members[name]) {
			faults.Add(onestop.ErrValue.At(strings.ToValidUTF8(name, "\uFFFD")))
		}
	}
	if len(faults) == 0 {
		return errJSON // it is in a member's name
	}
	return faults
}

// hasOnlyText reports whether the strings of a JSON text are texts: UTF-8 without NUL, and without half of a
// surrogate pair, which package json would replace silently (RFC 8259, 8.2).
func hasOnlyText(raw []byte) bool {
	text := string(raw)
	for {
		at := strings.IndexByte(text, '\\')
		if at < 0 || at+1 >= len(text) {
			return utf8.Valid(raw)
		}
		text = text[at:]
		if text[1] != 'u' {
			text = text[2:]
			continue
		}
		unit, rest := escaped(text)
		if utf16.IsSurrogate(unit) {
			var low rune
			low, rest = escaped(rest)
			unit = utf16.DecodeRune(unit, low)
		}
		if unit == 0 || unit == utf8.RuneError && !strings.EqualFold(text[:6], `\ufffd`) {
			return false
		}
		text = rest
	}
}

// escaped reads one escape such as \u0041 at the beginning of a text; what is none counts as NUL.
func escaped(text string) (unit rune, rest string) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, text
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return 0, text
	}
	return rune(n), text[6:]
}
