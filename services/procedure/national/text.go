package national

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congdvc/i18n"
	"congdvc/identity/number"
)

// vi is a text that its source has in Vietnamese only.
func vi(s string) i18n.Text { return i18n.Text{Vi: tidy(s)} }

// tidy gives a text in NFC without spaces around it and without characters that cannot be seen or stored:
// controls other than tabs and line ends, directions, and byte order marks.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u00a0':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\ufeff', r == '\u200b':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// tidyAll tidies every text and leaves out those that are empty.
func tidyAll(all []string) []string {
	var kept []string
	for _, s := range all {
		if s = tidy(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// none reports whether a text says only that there is nothing.
func none(s string) bool {
	switch strings.Join(number.Words(s), " ") {
	case "", "khong", "khong co", "mien phi", "khong thu phi":
		return true
	}
	return false
}

// appendText adds a text that is not empty and not there yet.
func appendText(all []i18n.Text, t i18n.Text) []i18n.Text {
	if t.Vi == "" || slices.Contains(all, t) {
		return all
	}
	return append(all, t)
}

// beginsWith reports whether a folded text begins with one of the phrases, each a whole number of words.
func beginsWith(folded string, phrases ...string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.HasPrefix(folded+" ", p+" ") })
}
