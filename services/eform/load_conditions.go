package eform

import (
	"errors"
	"slices"
)

// maxDepth bounds how deep conditions may be nested.
const maxDepth = 10

// condition checks one condition at its place in the form.
func (l *loader) condition(place string, c *Condition, depth int) {
	if c == nil {
		return
	}
	forms := 0
	for _, set := range []bool{len(c.All) > 0, len(c.Any) > 0, c.Not != nil, c.Field != "" || c.Op != "" ||
		c.Value != "" || len(c.Values) > 0} {
		if set {
			forms++
		}
	}
	if forms != 1 || depth > maxDepth {
		l.fault(place, "a condition is one comparison, all, any or not, at most %d deep", maxDepth)
		return
	}
	for i := range c.All {
		l.condition(place, &c.All[i], depth+1)
	}
	for i := range c.Any {
		l.condition(place, &c.Any[i], depth+1)
	}
	l.condition(place, c.Not, depth+1)
	if c.Field != "" || c.Op != "" {
		l.comparison(place, c)
	}
}

func (l *loader) comparison(place string, c *Condition) {
	f := l.form.byID[c.Field]
	switch {
	case f == nil:
		l.fault(place, "it asks about %q, which is not a field", c.Field)
		return
	case l.seen != nil && !l.seen[c.Field]:
		l.fault(place, "it asks about %s, which stands later or is itself", c.Field)
		return
	case f.Shape() == NoAnswer:
		l.fault(place, "it asks about %s, which takes no answer", c.Field)
		return
	}
	single := c.Value != "" && len(c.Values) == 0
	switch c.Op {
	case opEmpty, opFilled:
		if c.Value != "" || len(c.Values) > 0 {
			l.fault(place, "%s takes no value", c.Op)
		}
		return
	case opIn:
		if c.Value != "" || len(c.Values) == 0 {
			l.fault(place, "in takes values")
		}
	case opEq, opNe:
		if !single {
			l.fault(place, "%s takes one value", c.Op)
		}
	case opLt, opLe, opGt, opGe:
		if !single || !f.ordered() {
			l.fault(place, "%s takes one value and a date, a number or a sum", c.Op)
		}
	default:
		l.fault(place, "unknown op %q", c.Op)
		return
	}
	for _, text := range append(slices.Clone(c.Values), c.Value) {
		if text != "" && !f.possible(text) {
			l.fault(place, "%s can never be %q", c.Field, text)
		}
	}
}

// CheckCondition checks a condition about a form's answers that stands outside its definition, as those of a
// procedure's requirements and fees do. The error names every fault.
func (f *Form) CheckCondition(c *Condition) error {
	l := loader{form: f}
	l.condition("condition", c, 0)
	return errors.Join(l.faults...)
}

// possible reports whether a canonical text can be a value of the field.
func (f *Field) possible(text string) bool {
	switch {
	case f.compared() == notAtAll:
		return false
	case f.Numeric():
		_, ok := parseNumber(text)
		return ok
	}
	return f.badText(text) == nil
}

func (l *loader) rule(place string, f, table *Field, r *Rule) {
	place += " rule"
	l.text(place+" message", r.Message)
	if r.When != nil && table != nil {
		l.fault(place, "the rule of a column has no condition")
	}
	l.condition(place, r.When, 0)
	if !slices.Contains([]string{opEq, opNe, opLt, opLe, opGt, opGe}, r.Op) {
		l.fault(place, "unknown op %q", r.Op)
	}
	if (r.Right == "") == (r.Value == "") {
		l.fault(place, "either right or value is needed")
		return
	}
	if f.compared() == notAtAll || f.compared() == asMembers {
		l.fault(place, "a rule cannot compare a field of type %s", f.Type)
		return
	}
	if (r.Years != 0 || r.Days != 0) && !f.Dated() {
		l.fault(place, "years and days need a date")
	}
	if !f.ordered() && r.Op != opEq && r.Op != opNe {
		l.fault(place, "%s needs a date, a number or a sum", r.Op)
	}
	if r.Value != "" {
		if !f.possible(r.Value) {
			l.fault(place, "%s can never be %q", f.ID, r.Value)
		}
		return
	}
	if r.Right == todayWord {
		if !f.Dated() {
			l.fault(place, "only a date can be compared with today")
		}
		return
	}
	right := l.form.byID[r.Right]
	if table != nil {
		right = table.column(r.Right)
	}
	switch {
	case right == nil || right == f:
		l.fault(place, "the right side %q is not another field", r.Right)
	case right.compared() != f.compared():
		l.fault(place, "%s cannot be compared with %s", f.Type, right.Type)
	}
}

func (l *loader) matches(place string, f, table *Field) {
	if f.Matches == nil {
		return
	}
	find := func(id string) *Field {
		if table != nil {
			return table.column(id)
		}
		return l.form.byID[id]
	}
	if g := f.Matches.Gender; g != "" {
		if o := find(g); o == nil || !o.Chosen() || o.Dictionary != genders {
			l.fault(place, "matches: %q is not a choice from the dictionary %s", g, genders)
		}
	}
	if b := f.Matches.Born; b != "" {
		if o := find(b); o == nil || !o.Dated() {
			l.fault(place, "matches: %q is not a date", b)
		}
	}
}

func (l *loader) computed(place string, f *Field) {
	maker, known := makers[f.Compute]
	if !known {
		l.fault(place, "unknown compute %q", f.Compute)
		return
	}
	if n := len(f.From); n < 1 || n > maker.most {
		l.fault(place, "%s is made from 1 to %d fields", f.Compute, maker.most)
	}
	for _, id := range f.From {
		source, table := l.form.source(id)
		owner := source
		switch {
		case source == nil:
			l.fault(place, "it is made from %q, which is not a field", id)
			continue
		case table != nil:
			owner = table
		}
		if !l.seen[owner.ID] {
			l.fault(place, "it is made from %s, which stands later or is itself", id)
		}
		if !maker.takes(source) || table != nil && f.Compute != computeTotal {
			l.fault(place, "%s cannot be made from %s", f.Compute, id)
		}
	}
}

// dryRun tries the field's tag on the validator, which panics on a tag that it cannot read.
func (l *loader) dryRun(place string, f *Field) {
	defer func() {
		if r := recover(); r != nil {
			l.fault(place, "the validator cannot read its rules: %v", r)
		}
	}()
	f.tag = f.kind().tag(f)
	f.badText("x")
}
