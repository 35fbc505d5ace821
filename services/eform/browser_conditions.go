package eform

import "slices"

// Watch is what a page needs so that the browser can decide which questions of one step are asked. It tells
// how to read those fields of the step that conditions ask about, and which fields of other steps they ask
// about.
type Watch struct {
	Here      map[string]Editor
	Elsewhere []string
}

// WatchOf collects the fields used in those conditions of a step that a browser can evaluate.
func (f *Form) WatchOf(s *Step) Watch {
	w, here := Watch{Here: map[string]Editor{}}, f.Number(s)
	note := func(c *Condition) {
		c.each(func(one *Condition) {
			source := f.byID[one.Field]
			switch {
			case source == nil || !f.BrowserTells(one):
			case source.step == here:
				w.Here[source.ID] = source.Editor()
			case !slices.Contains(w.Elsewhere, source.ID):
				w.Elsewhere = append(w.Elsewhere, source.ID)
			}
		})
	}
	for i := range s.Sections {
		section := &s.Sections[i]
		note(f.SectionWhen(section))
		for j := range section.Fields {
			note(section.Fields[j].When)
		}
	}
	return w
}

// SectionWhen is the condition under which a section has anything to ask: its own condition and, where every
// field has one, that at least one field is asked. Nil is always.
func (f *Form) SectionWhen(s *Section) *Condition { return both(s.When, AnyWhen(s.Fields)) }

// AnyWhen is the condition under which at least one of some fields of a section is asked, given that the
// section is shown. Nil is always.
func AnyWhen(fields []Field) *Condition {
	var any []Condition
	for i := range fields {
		if fields[i].When == nil {
			return nil
		}
		any = append(any, *fields[i].When)
	}
	return &Condition{Any: any}
}

// BrowserTells reports whether a browser can evaluate a condition. It cannot for computed fields, whose
// values only the portal knows. For numbers with structure (identity numbers, phones) it can tell only
// whether they are filled in.
func (f *Form) BrowserTells(c *Condition) bool {
	tells := true
	c.each(func(one *Condition) {
		source := f.byID[one.Field]
		switch {
		case source == nil || !source.Asks():
			tells = false
		case one.Op != opEmpty && one.Op != opFilled:
			tells = tells && source.kind().browser == asPortal
		}
	})
	return tells
}

// Controls reports whether a page has to ask the portal again when the answer to a field changes: another
// question of the same step depends on it, or on what is computed from it, by a condition that a browser
// cannot evaluate.
func (f *Form) Controls(id string) bool {
	field := f.byID[id]
	if field == nil {
		return false
	}
	step := f.Step(field.step)
	for i := range step.Sections {
		s := &step.Sections[i]
		if f.portalTells(f.SectionWhen(s), id) {
			return true
		}
		for j := range s.Fields {
			if f.portalTells(s.Fields[j].When, id) {
				return true
			}
		}
	}
	return false
}

// Decides reports whether another question is asked or not depending on the answer to a field, or on what is
// computed from it.
func (f *Form) Decides(id string) bool {
	found := false
	look := func(one *Condition) { found = found || f.madeOf(one.Field, id, 0) }
	for i := range f.Steps {
		for j := range f.Steps[i].Sections {
			f.Steps[i].Sections[j].When.each(look)
		}
	}
	for _, field := range f.order {
		field.When.each(look)
	}
	return found
}

// portalTells reports whether a condition asks about a field, or what is computed from it, and only the
// portal can evaluate the condition.
func (f *Form) portalTells(c *Condition, id string) bool {
	if f.BrowserTells(c) {
		return false
	}
	found := false
	c.each(func(one *Condition) { found = found || f.madeOf(one.Field, id, 0) })
	return found
}

func (f *Form) madeOf(id, source string, depth int) bool {
	if id == source {
		return true
	}
	field := f.byID[id]
	if field == nil || depth > len(f.order) {
		return false
	}
	return slices.ContainsFunc(field.From, func(from string) bool {
		of, table := f.source(from)
		if table != nil {
			of = table
		}
		return of != nil && f.madeOf(of.ID, source, depth+1)
	})
}

// each calls look for every comparison of a condition.
func (c *Condition) each(look func(*Condition)) {
	if c == nil {
		return
	}
	if c.Field != "" {
		look(c)
	}
	c.Not.each(look)
	for _, list := range [][]Condition{c.All, c.Any} {
		for i := range list {
			list[i].each(look)
		}
	}
}

// RowsFull reports whether a table of so many rows takes no further one.
func (f *Field) RowsFull(rows int) bool { return rows >= f.most() }
