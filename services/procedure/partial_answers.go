package procedure

import "congdvc/services/eform"

// A truth is what is known of a condition when some questions are not answered yet.
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

// A sight is what is known of a form that is answered in part.
type sight struct {
	answers eform.Answers    // pruned
	shown   map[string]truth // by field: whether it is asked
}

// see goes through the form in document order; a condition asks about earlier fields only.
func see(form *eform.Form, pruned eform.Answers) *sight {
	s := &sight{answers: pruned, shown: make(map[string]truth, len(form.Fields()))}
	for i := range form.Steps {
		for j := range form.Steps[i].Sections {
			section := &form.Steps[i].Sections[j]
			around := s.truth(section.When)
			for k := range section.Fields {
				f := &section.Fields[k]
				s.shown[f.ID] = min(around, s.truth(f.When))
			}
		}
	}
	return s
}

// truth says whether a condition holds, does not, or may yet go either way. A nil condition holds.
func (s *sight) truth(c *eform.Condition) truth {
	switch {
	case c == nil:
		return yes
	case len(c.All) > 0:
		t := yes
		for i := range c.All {
			t = min(t, s.truth(&c.All[i]))
		}
		return t
	case len(c.Any) > 0:
		t := no
		for i := range c.Any {
			t = max(t, s.truth(&c.Any[i]))
		}
		return t
	case c.Not != nil:
		return -s.truth(c.Not)
	}
	if s.answers[c.Field].Empty() && s.shown[c.Field] != no {
		return unknown
	}
	return truthOf(c.Holds(s.answers))
}
