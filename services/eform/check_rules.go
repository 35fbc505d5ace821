package eform

import (
	"strconv"

	"congdvc/identity/number"
	"congdvc/services/workday"
)

// answer finds another field of the form and its text, which is empty while the field is hidden.
func (c *checker) answer(id string) (*Field, string) {
	return c.shown.form.byID[id], c.shown.answers[id].Text
}

// rules checks the comparisons of one well-formed text. They are faults, or when the checker looks for them
// warnings.
func (c *checker) rules(f *Field, text string, at spot) {
	for i := range f.Rules {
		r := &f.Rules[i]
		if r.Warn != c.warn || !r.When.Holds(c.shown.answers) {
			continue
		}
		sides, with := []Side{at.side(f, text)}, r.Value
		if r.Right != "" && r.Right != todayWord {
			var right *Field
			if right, with = at.find(r.Right); with == "" || right.badText(with) != nil {
				continue
			}
			sides = append(sides, at.side(right, with))
		}
		if r.holds(f, text, with, c.on) {
			continue
		}
		bad := ErrRule.With("Message", r.Message)
		if box := f.firstBox(); box != "" {
			bad = bad.At(box)
		}
		if c.warn {
			c.warnAt(at, bad, ruleCompare, []any{r.Op, r.Right, r.Value, r.Years, r.Days}, sides...)
			continue
		}
		c.add(bad, at.label, at.input)
	}
}

func (r *Rule) holds(f *Field, text, with string, on workday.Date) bool {
	if !f.Dated() {
		if f.Numeric() {
			return relation(r.Op, compareTexts(text, with))
		}
		return (text == with) == (r.Op == opEq)
	}
	left, _ := parseSpan(text)
	right := span{on, on}
	if r.Right != todayWord {
		right, _ = parseSpan(with)
	}
	return left.moved(r.Years, r.Days).may(r.Op, right)
}

// warnings looks at one shown field whose texts are well formed; malformed ones are faults, which Check
// reports.
func (c *checker) warnings(f *Field) {
	v := c.shown.answers[f.ID]
	if f.badShape(v) {
		return
	}
	if f.Shape() != TableRows {
		c.warnText(f, v.Text, spot{label: f.Label, input: f.ID, find: c.answer})
		return
	}
	for i, row := range v.Rows {
		for k := range f.Columns {
			c.warnText(&f.Columns[k], row[f.Columns[k].ID], cellSpot(f, &f.Columns[k], row, i))
		}
	}
}

func (c *checker) warnText(f *Field, text string, at spot) {
	if text != "" && f.badText(text) == nil {
		c.rules(f, text, at)
		c.matches(f, text, at)
	}
}

// genderCodes pairs the genders of an identity number with the dictionary gioi_tinh.
var genderCodes = map[string]string{"male": "nam", "female": "nu"}

// matches compares an identity number with the gender and the year of birth that were given beside it. Some
// people were registered wrongly, so a difference is a warning, not a fault.
func (c *checker) matches(f *Field, text string, at spot) {
	if f.Matches == nil {
		return
	}
	id := number.CitizenID(text)
	if f.Matches.Gender != "" {
		if field, gender := at.find(f.Matches.Gender); gender != "" && gender != genderCodes[id.Gender()] {
			c.warnAt(at, errGenderDiffers, ruleSameGender, nil, at.side(f, text), at.side(field, gender))
		}
	}
	if f.Matches.Born != "" {
		field, born := at.find(f.Matches.Born)
		if s, ok := parseSpan(born); ok && s.first.Year != id.BirthYear() {
			c.warnAt(at, errBornDiffers.With("Year", strconv.Itoa(id.BirthYear())), ruleSameYear, nil,
				at.side(f, text), at.side(field, born))
		}
	}
}
