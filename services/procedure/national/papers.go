package national

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"congdvc/i18n"
	"congdvc/services/procedure"
)

var formNames = regexp.MustCompile(`\s*;\s*`)

// readPapers reads cases and requirements. A row without originals, copies and forms is a note.
func readPapers(d *procedure.Definition, r *record) {
	cases := trueCases(r.THANHPHANHOSO)
	for _, g := range r.THANHPHANHOSO {
		heading, id := tidy(g.TRUONGHOP), ""
		if cases {
			id = fmt.Sprintf("truong_hop_%d", len(d.Cases)+1)
			name, help := cut(heading)
			known := procedure.Case{ID: id, Name: i18n.Text{Vi: name}, Help: i18n.Text{Vi: help}}
			d.Cases = append(d.Cases, known)
		}
		for _, p := range g.GIAYTO {
			addPaper(d, p, heading, id)
		}
		if len(g.GIAYTO) == 0 && !cases && !isPlain(heading) {
			d.Notes = appendText(d.Notes, i18n.Text{Vi: heading})
		}
	}
	for i := range d.Requirements {
		d.Requirements[i].ID = fmt.Sprintf("giay_to_%d", i+1)
	}
}

// addPaper adds a row below a heading: as a requirement, as a further case of a requirement that is there
// already, or as a note. id is the case that the heading names, "" when it names none.
func addPaper(d *procedure.Definition, p paper, heading, id string) {
	r := procedure.Requirement{
		Name: vi(p.TENGIAYTO), Mode: procedure.Submit,
		Originals: quantity(p.SOBANCHINH), Copies: quantity(p.SOBANSAO),
	}
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
		r.Mode = procedure.Show
	}
	if id != "" {
		r.Cases = []string{id}
	} else if !isPlain(heading) {
		r.Help = i18n.Text{Vi: heading}
	}
	for i := range d.Requirements {
		if known := &d.Requirements[i]; samePaper(known, &r) {
			if id != "" && !slices.Contains(known.Cases, id) {
				known.Cases = append(known.Cases, id)
			}
			return
		}
	}
	d.Requirements = append(d.Requirements, r)
}

// samePaper reports whether two rows ask for one paper.
func samePaper(a, b *procedure.Requirement) bool {
	return a.Name == b.Name && a.Help == b.Help && a.Mode == b.Mode &&
		a.Originals == b.Originals && a.Copies == b.Copies && slices.Equal(a.Forms, b.Forms)
}

// mostPapers is more than is asked of any paper; a larger figure is a mistake.
const mostPapers = 1000

func quantity(n float64) int {
	if n != math.Trunc(n) || n < 0 || n > mostPapers {
		return 0
	}
	return int(n)
}
