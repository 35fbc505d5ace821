package eform

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"congdvc/services/workday"
)

// mostTries bounds how many sets of answers are tried for one condition; beyond it the field counts as
// reachable.
const mostTries = 20_000

// Unreachable reports every field that the form can never ask for: its condition, that of its section and
// those of the fields they ask about contradict each other, or want an empty answer where one must be given.
// It is separate from Load because versions that are stored already must still load. The error joins all of
// them.
func (f *Form) Unreachable() error {
	var faults []error
	for _, field := range f.order {
		if !field.certain() && !f.reachable(field) {
			faults = append(faults, fmt.Errorf("eform: %s: %s can never be asked: its condition never holds",
				f.ID, field.ID))
		}
	}
	return errors.Join(faults...)
}

// reachable tries all sets of answers that can make a difference, for the fields that decide about a field.
func (f *Form) reachable(field *Field) bool {
	domains := map[string]map[string]Value{}
	f.deciding(field, domains)
	ids := slices.SortedFunc(maps.Keys(domains), func(a, b string) int {
		return slices.Index(f.order, f.byID[a]) - slices.Index(f.order, f.byID[b])
	})
	tries := 0
	var try func(n int, a Answers) bool
	try = func(n int, a Answers) bool {
		if tries++; tries > mostTries {
			return true
		}
		if n == len(ids) {
			return f.asked(field, a)
		}
		source := f.byID[ids[n]]
		if !f.asked(source, a) {
			return try(n+1, a)
		}
		if !source.needed() && try(n+1, a) {
			return true
		}
		for _, key := range slices.Sorted(maps.Keys(domains[source.ID])) {
			a[source.ID] = domains[source.ID][key]
			if try(n+1, a) {
				return true
			}
		}
		delete(a, source.ID)
		return false
	}
	return try(0, Answers{})
}

func (f *Form) asked(field *Field, a Answers) bool {
	return field.section.When.Holds(a) && field.When.Holds(a)
}

// deciding gathers the fields on which it depends whether a field is asked, each with the values that make a
// difference.
func (f *Form) deciding(field *Field, domains map[string]map[string]Value) {
	for _, when := range []*Condition{field.section.When, field.When} {
		when.each(func(one *Condition) {
			source := f.byID[one.Field]
			if domains[source.ID] == nil {
				domains[source.ID] = source.telling(nil)
				f.deciding(source, domains)
			}
			maps.Copy(domains[source.ID], source.telling(append(slices.Clone(one.Values), one.Value)))
		})
	}
}

// telling are the values of a field that can make a difference to comparisons with some texts: those texts,
// their neighbours where there is an order, and one other value.
func (f *Field) telling(texts []string) map[string]Value {
	values := map[string]Value{}
	add := func(text string) {
		switch {
		case text == "" || f.possibleAnswer(text) != nil:
		case f.Shape() == ManyTexts:
			values[text] = Value{Many: []string{text}}
		default:
			values[text] = Value{Text: text}
		}
	}
	for _, text := range texts {
		add(text)
		if n, ok := parseNumber(text); ok && f.Numeric() {
			add((n + 1).String())
			add((n - 1).String())
			add((n + 100).String())
			add((n - 100).String())
		}
		if s, ok := parseSpan(text); ok && f.Dated() {
			add(s.last.AddDays(1).String())
			add(s.first.AddDays(-1).String())
		}
	}
	for _, o := range f.entries() {
		add(o.Value)
		if len(values) > len(texts)+1 {
			break
		}
	}
	switch {
	case f.kind().shape.rowKeys(f) != nil:
		values[""] = Value{Rows: []map[string]string{{"": "x"}}}
	case f.Shape() == ManyTexts:
		if all := optionValues(f.entries()); f.Max == "" || len(all) <= f.most() {
			values[""] = Value{Many: all}
		}
	case f.made() && f.Numeric():
		add("1")
	case f.ordered(): // the bounds, and what any such field takes
		examples := f.kind().examples
		for _, text := range []string{string(f.Min), string(f.Max), examples[len(examples)-1]} {
			add(text)
		}
	case len(f.entries()) == 0:
		values[""] = Value{Text: "x"}
	}
	return values
}

// possibleAnswer is possible, but also checks the bounds that do not move with the day.
func (f *Field) possibleAnswer(text string) error {
	bounded := *f
	for _, b := range []*Bound{&bounded.Min, &bounded.Max} {
		if *b == todayWord {
			*b = ""
		}
	}
	if !f.possible(text) {
		return errChoice
	}
	if bad := f.badText(text); bad != nil {
		return bad
	}
	if f.Numeric() {
		if bad := bounded.outside(text, workday.Date{}); bad != nil {
			return bad
		}
	}
	if s, ok := parseSpan(text); ok && f.Dated() {
		if bad := bounded.outsideDates(s.first.String(), s.first); bad != nil {
			return bad
		}
	}
	return nil
}

// TypesChanged reports every field or column whose type differs between two versions of a form. Answers are
// carried over by id, so another question must have another id. The error joins all of them.
func TypesChanged(was, is *Form) error {
	old := map[string]Type{}
	(&schemaWriter{form: was}).each(func(id string, f *Field) { old[id] = f.Type })
	var faults []error
	(&schemaWriter{form: is}).each(func(id string, f *Field) {
		if before, known := old[id]; known && before != f.Type {
			faults = append(faults,
				fmt.Errorf("eform: %s: %s was of type %s and is now of type %s; give it another id", is.ID,
					id, before, f.Type))
		}
	})
	return errors.Join(faults...)
}
