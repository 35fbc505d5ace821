package eform

// Controls reports whether another question of the same step is asked or not depending on the answer to a field: a page
// then asks anew when that answer changes.
func (f *Form) Controls(id string) bool {
	field := f.byID[id]
	if field == nil {
		return false
	}
	step := f.Step(field.step)
	for i := range step.Sections {
		s := &step.Sections[i]
		if s.When.asksAbout(id) {
			return true
		}
		for j := range s.Fields {
			if s.Fields[j].When.asksAbout(id) {
				return true
			}
		}
	}
	return false
}

func (c *Condition) asksAbout(id string) bool {
	if c == nil {
		return false
	}
	if c.Field == id || c.Not.asksAbout(id) {
		return true
	}
	for _, list := range [][]Condition{c.All, c.Any} {
		for i := range list {
			if list[i].asksAbout(id) {
				return true
			}
		}
	}
	return false
}

// RowsFull reports whether a table of so many rows takes no further one.
func (f *Field) RowsFull(rows int) bool { return rows >= f.most() }
