package portal

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
)

// A text above longText runes is folded after its beginning, of at most longTextStart runes. Records of the
// national portal put whole chapters of a circular into the name of a paper, up to 7,600 characters; on a
// phone nobody would find the next paper behind them.
const (
	longText      = 320
	longTextStart = 240
)

// restOfText is what follows the beginning of a long text, to be unfolded.
type restOfText struct {
	Words string // of the button that unfolds it
	Lang  string // of the text, where it is not in the page's own language
	Lines []string
}

// fold cuts a text, in the page's language, for a small screen. rest is nil for a short text.
func fold(l i18n.Lang, t i18n.Text) (start string, rest *restOfText) {
	text := t.In(l)
	if utf8.RuneCountInString(text) <= longText {
		return text, nil
	}
	lines := itemLines(text)
	start, tail := beginning(lines[0])
	if lines = lines[1:]; tail != "" {
		start, lines = start+" …", append([]string{"… " + tail}, lines...)
	}
	return start, &restOfText{Words: i18n.T(l, "procedure.rest"), Lang: foreign(l, t), Lines: lines}
}

// beginning cuts a line behind the last clause that fits, or else behind the last word.
func beginning(line string) (start, tail string) {
	if utf8.RuneCountInString(line) <= longText {
		return line, ""
	}
	head := string([]rune(line)[:longTextStart])
	for _, end := range []string{". ", "; ", ": ", ", ", " "} {
		if at := strings.LastIndex(head, end); at > len(head)/2 {
			return strings.TrimSpace(line[:at+1]), strings.TrimSpace(line[at+1:])
		}
	}
	return head, line[len(head):]
}

// listMark is where an item begins in a list that its source writes in one line:
// "…gồm: - Lý lịch gốc; - Quyết định…".
var listMark = regexp.MustCompile(
	`[.;:,)”"]\s+((?:[-–+*•●]|[a-zđ]\)|\((?:[ivx]+|[a-zđ]|\d+)\)|\d+(?:\.\d+)*[.)])\s)`)

// itemLines splits a text into its lines, and a long line into the items of the list inside it. Only white
// space is lost. There is at least one line.
func itemLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		from := 0
		if utf8.RuneCountInString(line) > longText {
			for _, at := range listMark.FindAllStringSubmatchIndex(line, -1) {
				lines = append(lines, strings.TrimSpace(line[from:at[2]]))
				from = at[2]
			}
		}
		lines = append(lines, line[from:])
	}
	if lines == nil {
		return []string{""}
	}
	return lines
}
