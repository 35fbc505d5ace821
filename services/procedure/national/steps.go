package national

import (
	"regexp"
	"strconv"

	"congdvc/i18n"
)

var stepMark = regexp.MustCompile(`(?m)^[ \t]*[-+*•]?[ \t]*[Bb]ước[ \t]+([0-9]{1,2})[ \t]*[:.)/–-]?[ \t]*`)

// steps splits a text that numbers its own steps, from the first one and without a gap. Any other text is one
// step, as it is.
func steps(text string) []i18n.Text {
	text = tidy(text)
	if text == "" {
		return nil
	}
	marks := stepMark.FindAllStringSubmatchIndex(text, -1)
	if len(marks) < 2 || marks[0][0] != 0 {
		return []i18n.Text{{Vi: text}}
	}
	var all []i18n.Text
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		step := vi(text[m[1]:end])
		if n, err := strconv.Atoi(text[m[2]:m[3]]); err != nil || n != i+1 || step.Vi == "" {
			return []i18n.Text{{Vi: text}}
		}
		all = append(all, step)
	}
	return all
}
