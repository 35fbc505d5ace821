package portal

import (
	"congdvc/services/eform"
	"congdvc/services/fault"
)

type sectionView struct {
	Title, Hint string
	When        string // the condition under which it is asked, for the browser; empty for always
	Hidden      bool   // it is not asked now
	Groups      []groupView
}

// groupView are consecutive questions of a section: those about one person, or others, without a title.
type groupView struct {
	Person       string // id of the person
	Title, Hint  string
	When         string
	Hidden       bool
	Fields       []fieldView
	first, after int // of the section's fields
}

// sections are the parts of a step. A question that is not asked now is included if the browser can find out
// by itself when it is. Other questions come once the portal knows that they are asked.
func (f formView) sections(step *eform.Step) []sectionView {
	shown := f.view.Form.Shown(f.answers)
	errorsOf := f.errorsByField()
	var sections []sectionView
	for i := range step.Sections {
		s := &step.Sections[i]
		when := f.view.Form.SectionWhen(s)
		section := sectionView{Title: s.Title.In(f.lang), Hint: s.Hint.In(f.lang), Hidden: true}
		told := f.view.Form.BrowserTells(when)
		if told {
			section.When = browserCondition(when)
		}
		for _, group := range f.groups(s) {
			f.fill(&group, s, told, shown, errorsOf)
			if len(group.Fields) > 0 {
				section.Hidden = section.Hidden && group.Hidden
				section.Groups = append(section.Groups, group)
			}
		}
		if len(section.Groups) > 0 {
			sections = append(sections, section)
		}
	}
	return sections
}

// groups divides the questions of a section by the person whom they are about.
func (f formView) groups(s *eform.Section) []groupView {
	var groups []groupView
	for i := range s.Fields {
		group := groupView{first: i}
		if person := s.Fields[i].Person(); person != nil {
			group.Person, group.Title, group.Hint = person.ID, person.Label.In(f.lang), person.Hint.In(f.lang)
		}
		if i == 0 || group.Person != groups[len(groups)-1].Person {
			groups = append(groups, group)
		}
		groups[len(groups)-1].after = i + 1
	}
	return groups
}

// fill draws the questions of a group. Its title is hidden when all of them are.
func (f formView) fill(
	group *groupView, s *eform.Section, told bool, shown map[string]bool, errorsOf map[string]fault.List,
) {
	fields := s.Fields[group.first:group.after]
	if when := eform.AnyWhen(fields); told && group.Person != "" && f.view.Form.BrowserTells(when) {
		group.When = browserCondition(when)
	}
	group.Hidden = true
	for i := range fields {
		field := &fields[i]
		browser := told && f.view.Form.BrowserTells(field.When)
		if !shown[field.ID] && !browser {
			continue
		}
		view := f.field(field, errorsOf[field.ID])
		view.Hidden = !shown[field.ID]
		if browser {
			view.When = browserCondition(field.When)
		}
		group.Hidden = group.Hidden && view.Hidden
		group.Fields = append(group.Fields, view)
	}
}
