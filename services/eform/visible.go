package eform

import "slices"

// shown is the part of a form that is shown for certain answers.
type shown struct {
	form    *Form
	fields  map[string]bool
	answers Answers // those of shown fields only
}

// shown goes through the form in document order. A condition sees only answers of fields that are shown
// themselves; since it can ask about earlier fields only, one pass is enough.
func (f *Form) shown(a Answers) shown {
	s := shown{f, make(map[string]bool, len(f.order)), make(Answers, len(a))}
	for i := range f.Steps {
		for j := range f.Steps[i].Sections {
			section := &f.Steps[i].Sections[j]
			if !section.When.Holds(s.answers) {
				continue
			}
			for k := range section.Fields {
				field := &section.Fields[k]
				if !field.When.Holds(s.answers) {
					continue
				}
				s.fields[field.ID] = true
				if v := a[field.ID]; field.Shape() != NoAnswer && !v.Empty() {
					s.answers[field.ID] = v
				}
			}
		}
	}
	return s
}

// Shown returns the ids of the fields that are shown for these answers. A field is hidden with its section,
// whatever its own condition.
func (f *Form) Shown(a Answers) map[string]bool { return f.shown(a).fields }

// VisibleSteps returns the numbers, counted from 1, of the steps that have at least one field for these
// answers.
func (f *Form) VisibleSteps(a Answers) []int {
	s := f.shown(a)
	var steps []int
	for _, field := range f.order {
		if s.fields[field.ID] && (len(steps) == 0 || steps[len(steps)-1] != field.step) {
			steps = append(steps, field.step)
		}
	}
	return steps
}

// Prune returns the answers of shown fields, and the ids of what it dropped, sorted: fields that the form
// does not know and filled fields that conditions hide. Empty answers are left out silently.
func (f *Form) Prune(a Answers) (kept Answers, dropped []string) {
	kept = f.shown(a).answers
	for id, v := range a {
		_, stays := kept[id]
		if !stays && (f.byID[id] == nil || !v.Empty()) {
			dropped = append(dropped, id)
		}
	}
	slices.Sort(dropped)
	return kept, dropped
}
