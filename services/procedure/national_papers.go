package procedure

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/identity/number"
)

var (
	// headingNumber is what stands before the words of a heading: "(1.1)", "a.2)", "II.", "3 )".
	headingNumber = regexp.MustCompile(`^[\s(]*([0-9]{1,2}([.][0-9]{1,2})*|[A-Za-zĐđ]([.]?[0-9]{1,2})?|[IVX]{1,5})\s*[).:/–-]+\s*`)
	formNames     = regexp.MustCompile(`\s*;\s*`)
)

// headed gives the words of a heading, folded, without its number.
func headed(heading string) string {
	return strings.Join(number.Words(headingNumber.ReplaceAllString(heading, "")), " ")
}

// isCase reports whether a heading names a situation that a person is in, by its first words.
func isCase(heading string) bool {
	return beginsWith(headed(heading), "truong hop", "doi voi", "ap dung doi voi", "danh cho", "ho so doi voi", "ho so ap dung doi voi")
}

// isAddition reports whether a heading tells what comes on top of the other papers, or is a remark in brackets.
func isAddition(heading string) bool {
	if strings.HasPrefix(heading, "(") && !headingNumber.MatchString(heading) {
		return true
	}
	said := " " + headed(heading) + " "
	return slices.ContainsFunc([]string{" uy quyen ", " kem theo ", " ngoai ra ", " nop them ", " bo sung them ", " thi co the "}, func(words string) bool {
		return strings.Contains(said, words)
	})
}

// isShown reports whether the papers below a heading are shown, not handed in.
func isShown(heading string) bool {
	said := " " + headed(heading) + " "
	return strings.Contains(said, " xuat trinh ") && !strings.Contains(said, " nop ")
}

// isPlain reports whether a heading says no more than that papers follow.
func isPlain(heading string) bool {
	switch strings.TrimSuffix(strings.TrimSuffix(headed(heading), " gom"), " bao") {
	case "", "giay to phai nop", "giay to phai xuat trinh", "thanh phan ho so", "ho so", "cac giay to phai nop", "cac giay to phai xuat trinh", "chung tu phai nop":
		return true
	}
	return false
}

// trueCases reports whether the headings are the cases of the procedure: two or more, each names a situation, and none
// adds to another. Where one does not, a person could be in none or in several of them, so all are headings only.
func trueCases(groups []nationalGroup) bool {
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

// nationalPapers reads cases and requirements. A row of neither originals, copies nor forms is a note.
func (d *Definition) nationalPapers(r *nationalRecord) {
	cases := trueCases(r.THANHPHANHOSO)
	for _, g := range r.THANHPHANHOSO {
		heading, id := tidy(g.TRUONGHOP), ""
		if cases {
			id = fmt.Sprintf("truong_hop_%d", len(d.Cases)+1)
			name, help := cut(heading)
			d.Cases = append(d.Cases, Case{ID: id, Name: i18n.Text{Vi: name}, Help: i18n.Text{Vi: help}})
		}
		for _, p := range g.GIAYTO {
			d.nationalPaper(p, heading, id)
		}
		if len(g.GIAYTO) == 0 && !cases && !isPlain(heading) {
			d.Notes = appendText(d.Notes, i18n.Text{Vi: heading})
		}
	}
	for i := range d.Requirements {
		d.Requirements[i].ID = fmt.Sprintf("giay_to_%d", i+1)
	}
}

func (d *Definition) nationalPaper(p nationalPaper, heading, id string) {
	r := Requirement{Name: vi(p.TENGIAYTO), Mode: Submit, Originals: quantity(p.SOBANCHINH), Copies: quantity(p.SOBANSAO)}
	for _, form := range formNames.Split(tidy(p.MAUDON), -1) {
		if form != "" && !slices.Contains(r.Forms, form) {
			r.Forms = append(r.Forms, form)
		}
	}
	if r.Originals+r.Copies+len(r.Forms) == 0 || r.Name.Vi == "" {
		d.Notes = appendText(d.Notes, r.Name)
		return
	}
	if isShown(heading) {
		r.Mode = Show
	}
	if id != "" {
		r.Cases = []string{id}
	} else if !isPlain(heading) {
		r.Help = i18n.Text{Vi: heading}
	}
	for i := range d.Requirements {
		if known := &d.Requirements[i]; known.same(r) {
			if id != "" && !slices.Contains(known.Cases, id) {
				known.Cases = append(known.Cases, id)
			}
			return
		}
	}
	d.Requirements = append(d.Requirements, r)
}

// same reports whether two rows ask for one paper.
func (r *Requirement) same(o Requirement) bool {
	return r.Name == o.Name && r.Help == o.Help && r.Mode == o.Mode && r.Originals == o.Originals && r.Copies == o.Copies && slices.Equal(r.Forms, o.Forms)
}

// mostPapers is more than is asked of any paper; a larger figure is a mistake.
const mostPapers = 1000

func quantity(n float64) int {
	if n != math.Trunc(n) || n < 0 || n > mostPapers {
		return 0
	}
	return int(n)
}

// longestCase is how many characters of a heading make a good name for a case.
const longestCase = 160

// cut parts a long heading into a name and the rest: at the end of a sentence where there is one, else between two
// clauses, and then both say that they are parts and keep what stands between them.
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
