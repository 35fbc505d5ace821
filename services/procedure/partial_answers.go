package procedure

import "congdvc/services/eform"

// A truth is what is known about a condition while some questions are not answered yet.
type truth int8

const (
	no truth = iota - 1
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// partialAnswers is what is known about a form that is answered in part.
type partialAnswers struct {
	answers eform.Answers    // pruned
	shown   map[string]truth // by field: whether it is asked
}

// answeredInPart goes through the form in document order; a condition asks about earlier fields only.
func answeredInPart(form *eform.Form, pruned eform.Answers) *partialAnswers {
	p := &partialAnswers{answers: pruned, shown: make(map[string]truth, len(form.Fields()))}
	for i := range form.Steps {
		for j := range form.Steps[i].Sections {
			section := &form.Steps[i].Sections[j]
			around := p.truth(section.When)
			for k := range section.Fields {
				f := &section.Fields[k]
				p.shown[f.ID] = min(around, p.truth(f.When))
			}
		}
	}
	return p
}

// truth says whether a condition holds, does not, or may still go either way. A nil condition holds.
func (p *partialAnswers) truth(c *eform.Condition) truth {
	switch {
	case c == nil:
		return yes
	case len(c.All) > 0:
		t := yes
		for i := range c.All {
			t = min(t, p.truth(&c.All[i]))
		}
		return t
	case len(c.Any) > 0:
		t := no
		for i := range c.Any {
			t = max(t, p.truth(&c.Any[i]))
		}
		return t
	case c.Not != nil:
		return -p.truth(c.Not)
	}
	if p.answers[c.Field].Empty() && p.shown[c.Field] != no {
		return unknown
	}
	return truthOf(c.Holds(p.answers))
}
