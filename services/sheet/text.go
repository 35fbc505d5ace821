package sheet

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// missing stands for a character that the fonts do not have.
const missing = '□'

// clean makes a text that can be printed: letters composed, one blank for each other white space, line ends kept, and
// characters that the fonts lack replaced, so that a gap is seen.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, string(missing)), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\u00a0':
			return c
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		case !printable(c):
			return missing
		}
		return c
	}, norm.NFC.String(text)))
}

// wrap cuts a clean text into lines of at most width by its measure. A word that is wider than a line is cut where it
// is full; an e-mail address or a hash has no better place.
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

// fitting returns the longest beginning of a word that fits, at least one character.
func fitting(word string, width float64, measure func(string) float64) string {
	end := 0
	for i, c := range word {
		next := i + len(string(c))
		if end > 0 && measure(word[:next]) > width {
			break
		}
		end = next
	}
	return word[:end]
}
