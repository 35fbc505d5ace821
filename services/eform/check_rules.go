package eform

import (
	"strconv"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/workday"
)

// answer finds another field of the form and its text, which is empty while the field is hidden.
func (c *checker) answer(id string) (*Field, string) {
	return c.shown.form.byID[id], c.shown.answers[id].Text
}

// rules checks the comparisons of one well-formed text. They are faults, or when the checker looks for them warnings.
func (c *checker) rules(f *Field, text string, label i18n.Text, input string, find func(id string) (*Field, string)) {
	for i := range f.Rules {
		r := &f.Rules[i]
		if r.Warn != c.warn || !r.When.Holds(c.shown.answers) {
			continue
		}
		right, with := f, r.Value
		if r.Right != "" && r.Right != Today {
			if right, with = find(r.Right); with == "" || right.badText(with) != nil {
				continue
			}
		}
		if r.holds(f, text, with, c.on) {
			continue
		}
		at := input
		if f.dated() {
			at += boxDay
		}
		c.add(ErrRule.With("Message", r.Message), label, at)
	}
}

func (r *Rule) holds(f *Field, text, with string, on workday.Date) bool {
	if !f.dated() {
		if f.numeric() {
			return relation(r.Op, compareTexts(text, with))
		}
		return (text == with) == (r.Op == opEq)
	}
	left, _ := parseSpan(text)
	right := span{on, on}
	if r.Right != Today {
		right, _ = parseSpan(with)
	}
	return left.moved(r.Years, r.Days).may(r.Op, right)
}

// warnings looks at one shown field whose texts are well formed; what is not is a fault, and told there.
func (c *checker) warnings(f *Field) {
	v := c.shown.answers[f.ID]
	if f.badShape(v) {
		return
	}
	if f.Type != Table {
		if v.Text != "" && f.badText(v.Text) == nil {
			c.rules(f, v.Text, f.Label, f.ID, c.answer)
			c.matches(f, v.Text, f.Label, f.ID, c.answer)
		}
		return
	}
	for i, row := range v.Rows {
		find := func(id string) (*Field, string) { return f.Column(id), row[id] }
		for k := range f.Columns {
			column := &f.Columns[k]
			if text := row[column.ID]; text != "" && column.badText(text) == nil {
				label, input := rowLabel(column.Label, i), cellName(f.ID, i, column.ID)
				c.rules(column, text, label, input, find)
				c.matches(column, text, label, input, find)
			}
		}
	}
}

// genderCodes pairs the genders of an identity number with the dictionary gioi_tinh.
var genderCodes = map[string]string{"male": "nam", "female": "nu"}

// matches compares an identity number with the gender and the year of birth that were given beside it. People have
// been registered wrongly, so that a difference is a question and not a fault.
func (c *checker) matches(f *Field, text string, label i18n.Text, input string, find func(id string) (*Field, string)) {
	if f.Matches == nil {
		return
	}
	id := number.CitizenID(text)
	if f.Matches.Gender != "" {
		if _, gender := find(f.Matches.Gender); gender != "" && gender != genderCodes[id.Gender()] {
			c.add(ErrGenderDiffers, label, input)
		}
	}
	if f.Matches.Born != "" {
		_, born := find(f.Matches.Born)
		if s, ok := parseSpan(born); ok && s.first.Year != id.BirthYear() {
			c.add(ErrBornDiffers.With("Year", strconv.Itoa(id.BirthYear())), label, input)
		}
	}
}
