package portal

import (
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/services/procedure"
)

// manyPapers is how many papers are shown unfolded.
const manyPapers = 15

// papersBox is the list of papers for what was chosen.
type papersBox struct {
	Short  string // how many there are: "3 giấy tờ"; "" when the source names none
	Groups []papersGroup
	None   bool       // nothing has to be submitted or shown, and that is certain
	Notes  [][]string // what else the source says, each by its lines
}

// papersGroup is one kind of paper; see papersKinds.
type papersGroup struct {
	Title, Hint string
	Lang        string // of the title, where it is not in the page's own language
	Count       string
	Folded      bool
	Lines       []requirementLine
}

type requirementLine struct {
	Name, Help, Quantity, Substitute, Forms string
	Rest                                    *restOfText // of a long name
	Optional, Conditional                   bool
	// of the texts, where they are not in the page's own language
	Lang      string
	files     []string
	Templates []link // forms to download
}

// papersKinds are, in the order of the page: papers to submit, papers that depend on an answer not given yet,
// papers to submit if one has them, papers to show. Message keys calculator.papers.<kind>, and
// calculator.papers.<kind>_hint where a kind needs one.
var papersKinds = []string{"submit", "depends", "optional", "show"}

func papersKind(a procedure.Asked) string {
	switch {
	case a.Mode == procedure.Show:
		return "show"
	case !a.Certain:
		return "depends"
	case a.Optional:
		return "optional"
	}
	return "submit"
}

func (c *choosing) papers(l i18n.Lang) *papersBox {
	asked := c.ver.Asked(c.choice)
	box := &papersBox{Notes: textLines(l, c.ver.Notes), None: len(asked) == 0 && c.ver.Source == nil}
	if c.ver.Source != nil && len(c.ver.Cases) == 0 {
		if box.Groups = underHeadings(l, asked); len(box.Groups) > 1 {
			box.Short = i18n.T(l, "procedure.papers_depend")
			return box
		}
	}
	box.Groups = nil
	lines := map[string][]requirementLine{}
	for _, a := range asked {
		kind := papersKind(a)
		lines[kind] = append(lines[kind], askedLine(l, a))
	}
	for _, kind := range papersKinds {
		if len(lines[kind]) > 0 {
			box.Groups = append(box.Groups, papersOf(l, kind, lines[kind]))
		}
	}
	must, may, show := len(lines["submit"]), len(lines["depends"]), len(lines["show"])
	switch {
	case c.ver.Source != nil && len(asked) == 0:
	case must+may == 0 && c.ver.Source != nil && len(lines["optional"]) > 0:
		box.Short = i18n.T(l, "procedure.papers_depend")
	case must+may == 0 && show > 0:
		box.Short = i18n.T(l, "calculator.papers_shown", "Count", show)
	case must+may == 0:
		box.Short = i18n.T(l, "calculator.papers_none")
	case may > 0 && must == 0:
		box.Short = i18n.T(l, "procedure.papers_depend")
	case may > 0:
		box.Short = i18n.T(l, "calculator.papers_more", "Count", must, "More", may)
	default:
		box.Short = i18n.T(l, "procedure.papers", "Count", must)
	}
	return box
}

func papersOf(l i18n.Lang, kind string, lines []requirementLine) papersGroup {
	group := papersGroup{Title: i18n.T(l, "calculator.papers."+kind), Lines: lines,
		Folded: len(lines) > manyPapers, Count: i18n.T(l, "procedure.papers", "Count", len(lines))}
	if kind == "depends" || kind == "show" {
		group.Hint = i18n.T(l, "calculator.papers."+kind+"_hint")
	}
	return group
}

// underHeadings groups the papers of an imported record by the headings of its source, in its order. No
// program can tell which heading applies to somebody.
func underHeadings(l i18n.Lang, asked []procedure.Asked) []papersGroup {
	var groups []papersGroup
	at := map[string]int{}
	for _, a := range asked {
		line := askedLine(l, a)
		heading := line.Help
		line.Help = ""
		i, known := at[heading]
		if !known {
			i, at[heading] = len(groups), len(groups)
			groups = append(groups, papersGroup{Title: strings.TrimRight(heading, ": "), Lang: line.Lang,
				Folded: len(asked) > manyPapers})
			if heading == "" {
				groups[i].Title, groups[i].Lang = i18n.T(l, "calculator.papers.submit"), ""
			}
		}
		groups[i].Lines = append(groups[i].Lines, line)
		groups[i].Count = i18n.T(l, "procedure.papers", "Count", len(groups[i].Lines))
	}
	return groups
}

// askedLine is a paper that the choices ask for, or may ask for.
func askedLine(l i18n.Lang, a procedure.Asked) requirementLine {
	line := requirementOfLaw(l, a.Requirement)
	line.Conditional = !a.Certain
	return line
}

// requirementOfLaw is a paper as the law names it, whatever was chosen.
func requirementOfLaw(l i18n.Lang, r procedure.Requirement) requirementLine {
	line := requirementLine{
		Help: r.Help.In(l), Substitute: r.Substitute.In(l), Optional: r.Optional, Quantity: paperCount(l, r),
	}
	line.Name, line.Rest = fold(l, r.Name)
	line.files, line.Lang = r.Forms, foreign(l, r.Name)
	return line
}

func paperCount(l i18n.Lang, r procedure.Requirement) string {
	switch {
	case r.Originals > 0 && r.Copies > 0:
		return i18n.T(l, "procedure.originals_copies", "Originals", r.Originals, "Copies", r.Copies)
	case r.Originals > 0:
		return i18n.T(l, "procedure.originals", "Count", r.Originals)
	case r.Copies > 0:
		return i18n.T(l, "procedure.copies", "Count", r.Copies)
	}
	return ""
}

// casePapers are all papers of one case, for readers who want the whole law.
type casePapers struct {
	Name, Help string
	Lang       string // of both, where they are not in the page's own language
	Lines      []requirementLine
	Common     bool // it asks for nothing but what every case asks for
}

// everyCase lists the papers of every case, whatever was chosen; those that all cases share come first. It is
// empty for a procedure without cases: there the computed list has every paper.
func everyCase(l i18n.Lang, ver *procedure.Version) []casePapers {
	if len(ver.Cases) == 0 {
		return nil
	}
	always := casePapers{Name: i18n.T(l, "calculator.every_case")}
	all := make([]casePapers, len(ver.Cases))
	for _, r := range ver.Requirements {
		line := requirementOfLaw(l, r)
		line.Conditional = r.When != nil
		if len(r.Cases) == 0 {
			always.Lines = append(always.Lines, line)
		}
		for i, c := range ver.Cases {
			if slices.Contains(r.Cases, c.ID) {
				all[i].Lines = append(all[i].Lines, line)
			}
		}
	}
	for i, c := range ver.Cases {
		all[i].Name, all[i].Help, all[i].Lang = c.Name.In(l), c.Help.In(l), foreign(l, c.Name)
		all[i].Common = len(all[i].Lines) == 0 && len(always.Lines) > 0
	}
	if len(always.Lines) > 0 {
		all = append([]casePapers{always}, all...)
	}
	return all
}
