package sheet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/typeface"
)

// clean makes a text that can be printed: letters are composed, other white space becomes one blank, line
// ends are kept, invisible characters are left out. A letter that the type lacks becomes a substitute, with
// its marks; replaced reports whether that happened.
func clean(text string) (tidy string, replaced bool) {
	text = norm.NFC.String(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n"))
	var out strings.Builder
	out.Grow(len(text))
	lacking := false // the letter of the marks that follow
	for _, c := range text {
		switch {
		case c == '\n' || c == '\u00a0':
			out.WriteRune(c)
		case unicode.IsSpace(c):
			out.WriteByte(' ')
		case unicode.IsControl(c) || number.Invisible(c):
			continue
		case lacking && unicode.IsMark(c):
			continue
		case !typeface.Draws(c):
			out.WriteRune(typeface.Substitute)
			replaced, lacking = true, true
			continue
		default:
			out.WriteRune(c)
		}
		lacking = false
	}
	return strings.TrimSpace(out.String()), replaced
}

// wrap cuts a clean text into lines that are at most width wide by measure. A word that is wider than a line
// is cut where the line is full; an e-mail address or a hash has no better place.
func wrap(text string, width float64, measure func(string) float64) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		line := ""
		for _, word := range strings.Split(paragraph, " ") {
			if word == "" {
				continue
			}
			joined := word
			if line != "" {
				joined = line + " " + word
			}
			if measure(joined) <= width {
				line = joined
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for line = word; measure(line) > width; {
				head := fitting(line, width, measure)
				lines = append(lines, head)
				line = line[len(head):]
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// fitting returns the longest beginning of a word that fits, at least one letter with its marks.
func fitting(word string, width float64, measure func(string) float64) string {
	end := 0
	for i, c := range word {
		next := i + len(string(c))
		if typeface.IsMark(c) {
			end = next
			continue
		}
		if end > 0 && measure(word[:next]) > width {
			break
		}
		end = next
	}
	return word[:end]
}
