package national

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"congdvc/identity/number"
)

// headingNumber is what stands before the words of a heading: "(1.1)", "a.2)", "II.", "3 )".
var headingNumber = regexp.MustCompile(
	`^[\s(]*([0-9]{1,2}([.][0-9]{1,2})*|[A-Za-zĐđ]([.]?[0-9]{1,2})?|[IVX]{1,5})\s*[).:/–-]+\s*`)

// headed gives the words of a heading, folded, without its number.
func headed(heading string) string {
	return strings.Join(number.Words(headingNumber.ReplaceAllString(heading, "")), " ")
}

// isCase reports whether a heading names a situation that a person is in, by its first words.
func isCase(heading string) bool {
	return beginsWith(headed(heading), "truong hop", "doi voi", "ap dung doi voi", "danh cho",
		"ho so doi voi", "ho so ap dung doi voi")
}

// isAddition reports whether a heading is about papers in addition to the others, or is a remark in brackets.
func isAddition(heading string) bool {
	if strings.HasPrefix(heading, "(") && !headingNumber.MatchString(heading) {
		return true
	}
	said := " " + headed(heading) + " "
	return slices.ContainsFunc([]string{" uy quyen ", " kem theo ", " ngoai ra ", " nop them ",
		" bo sung them ", " thi co the "}, func(words string) bool {
		return strings.Contains(said, words)
	})
}

// isShown reports whether the papers below a heading are shown, not handed in.
func isShown(heading string) bool {
	said := " " + headed(heading) + " "
	return strings.Contains(said, " xuat trinh ") && !strings.Contains(said, " nop ")
}

// isPlain reports whether a heading only says that papers follow.
func isPlain(heading string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(headed(heading), " gom"), " bao") {
	case "", "giay to phai nop", "giay to phai xuat trinh", "thanh phan ho so", "ho so",
		"cac giay to phai nop", "cac giay to phai xuat trinh", "chung tu phai nop":
		return true
	}
	return false
}

// trueCases reports whether the headings are the cases of the procedure: there are two or more, each names a
// situation, and none adds to another. If one does not fit, a person could be in none or in several of them,
// so none of them counts as a case.
func trueCases(groups []group) bool {
	seen := map[string]bool{}
	for _, g := range groups {
		heading := tidy(g.TRUONGHOP)
		if !isCase(heading) || isAddition(heading) || seen[heading] {
			return false
		}
		seen[heading] = true
	}
	return len(groups) > 1
}

// longestCase is how many characters of a heading make a good name for a case.
const longestCase = 160

// cut splits a long heading into a name and the rest: at the end of a sentence, or else between two clauses.
// In the second case both parts are marked as parts, and the text between them is kept.
func cut(heading string) (name, rest string) {
	heading = strings.TrimRight(heading, ": ")
	if utf8.RuneCountInString(heading) <= longestCase {
		return heading, ""
	}
	head := string([]rune(heading)[:longestCase])
	for _, ends := range []string{"\n", ". ", ": ", "; ", ", "} {
		at := strings.LastIndex(head, ends)
		if at <= len(head)/4 {
			continue
		}
		name, rest = strings.TrimRight(heading[:at], ".:;, \n"), tidy(heading[at+len(ends):])
		if ends == "; " || ends == ", " {
			name, rest = heading[:at]+ends+"…", "… "+rest
		}
		return name, rest
	}
	return heading, ""
}
