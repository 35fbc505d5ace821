package eform

import (
	"unicode"
	"unicode/utf8"

	"congdvc/i18n"
)

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// lowerFirst makes the first letter small, unless the first word looks like an abbreviation ("CCCD", "GCN").
func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) || unicode.IsDigit(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// inSentence is a label for the middle of a sentence: "Ngày sinh" gives "ngày sinh".
func inSentence(label i18n.Text) i18n.Text {
	return i18n.Text{Vi: lowerFirst(label.Vi), En: lowerFirst(label.En)}
}
