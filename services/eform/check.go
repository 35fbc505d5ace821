package eform

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/services/fault"
	"congdvc/services/typeface"
	"congdvc/services/workday"
)

// Check returns everything that is wrong with the answers to the shown fields, in the form's order. A fault's
// Field is the name of the input to put right: the field's id, "x.ngay" of a date, "x.tinh" of an address,
// "table.0.column" of a cell; FieldOf leads back to the field. The day decides what "today" means.
func (f *Form) Check(a Answers, on workday.Date) fault.List {
	return f.check(a, on, 0)
}

// CheckStep is Check for one step only. It needs the answers of the other steps too, for conditions and
// rules.
func (f *Form) CheckStep(s *Step, a Answers, on workday.Date) fault.List {
	return f.check(a, on, f.Number(s))
}

func (f *Form) check(a Answers, on workday.Date, step int) fault.List {
	c := checker{shown: f.shown(a), on: on}
	for _, field := range f.order {
		if field.Asks() && c.shown.fields[field.ID] && (step == 0 || field.step == step) {
			c.field(field, a[field.ID])
		}
	}
	return c.faults
}

// checker collects the faults of one set of answers.
type checker struct {
	shown  shown
	on     workday.Date
	warn   bool // look for warnings, not for faults
	faults fault.List
	warned []Warning
}

// named gives a fault the label of its field, as it stands and for the middle of a sentence.
func named(f *fault.Fault, label i18n.Text) *fault.Fault {
	return f.With("Label", label).With("Name", inSentence(label))
}

func (c *checker) add(f *fault.Fault, label i18n.Text, input string) {
	if f != nil {
		c.faults.Add(named(f, label).At(input + f.Field))
	}
}

func (c *checker) field(f *Field, v Value) {
	if bad := f.badShape(v); bad {
		c.add(errShape, f.Label, f.FirstInput())
		return
	}
	if v.Empty() && f.Shape() != TableRows { // of a table the rows are counted
		if !f.Optional {
			c.add(f.missing(), f.Label, f.ID)
		}
		return
	}
	f.kind().shape.check(c, f, v)
}

// oneText checks the one text of a field by itself and against others.
func (c *checker) oneText(f *Field, v Value) {
	if c.text(f, v.Text, f.Label, f.ID) {
		c.rules(f, v.Text, spot{label: f.Label, input: f.ID, find: c.answer})
	}
}

// badShape reports whether a value is a list where the field takes a text, and the like.
func (f *Field) badShape(v Value) bool { return f.kind().shape.misfits(f, v) }

// FirstInput is the name of the input to link to for a fault of the field as a whole.
func (f *Field) FirstInput() string { return f.ID + f.firstBox() }

// missing is the fault of a field that must be answered and is not.
func (f *Field) missing() *fault.Fault {
	switch {
	case f.kind().missing == notTyped && f.firstBox() == "":
		return errRequired
	case f.kind().missing == notTyped:
		return errRequired.At(f.firstBox())
	case strings.HasSuffix(f.Label.Vi, "?"):
		return errUnanswered
	}
	return errRequiredChoice
}

// text checks a text by its type and bounds, and reports whether it is right.
func (c *checker) text(f *Field, text string, label i18n.Text, input string) bool {
	bad := f.badText(text)
	if bad == nil {
		bad = f.outside(text, c.on)
	}
	c.add(bad, label, input)
	return bad == nil
}

// outside returns the fault of a well-formed number or date that is beyond a bound.
func (f *Field) outside(text string, on workday.Date) *fault.Fault {
	switch {
	case f.Min == "" && f.Max == "":
		return nil
	case f.Dated():
		return f.outsideDates(text, on)
	case !f.Numeric():
		return nil
	case f.Min != "" && compareTexts(text, string(f.Min)) < 0:
		return errLeast.With("Limit", f.inBothLanguages(string(f.Min)))
	case f.Max != "" && compareTexts(text, string(f.Max)) > 0:
		return errMost.With("Limit", f.inBothLanguages(string(f.Max)))
	}
	return nil
}

func (f *Field) outsideDates(text string, on workday.Date) *fault.Fault {
	day, _ := parseDay(text)
	limit := func(b Bound) workday.Date {
		if b == todayWord {
			return on
		}
		d, _ := parseDay(string(b))
		return d
	}
	switch {
	case f.Min == todayWord && day.Before(on):
		return errDatePast.At(boxDay)
	case f.Max == todayWord && day.After(on):
		return errDateFuture.At(boxDay)
	case f.Min != "" && day.Before(limit(f.Min)):
		return errDateEarly.With("Limit", limit(f.Min)).At(boxDay)
	case f.Max != "" && day.After(limit(f.Max)):
		return errDateLate.With("Limit", limit(f.Max)).At(boxDay)
	}
	return nil
}

func (c *checker) choices(f *Field, v Value) {
	many := v.Many
	for i, text := range many {
		if slices.Contains(many[:i], text) || f.badText(text) != nil {
			c.add(errChoice, f.Label, f.ID)
			return
		}
	}
	if f.Min != "" && len(many) < f.least() {
		c.add(errChoicesFew.With("Count", f.least()), f.Label, f.ID)
	}
	if f.Max != "" && len(many) > f.most() {
		c.add(errChoicesMany.With("Count", f.most()), f.Label, f.ID)
	}
}

// least and most are the bounds of a table or of choices.
func (f *Field) least() int { return f.Min.count() }
func (f *Field) most() int  { return f.Max.count() }

func (b Bound) count() int {
	n, err := strconv.Atoi(string(b))
	if err != nil {
		return 0
	}
	return n
}

func (c *checker) address(f *Field, v Value) {
	row := v.first()
	if entry(provinces, row[PartProvince]) == nil {
		c.add(errProvince, f.Label, f.ID+boxProvince)
	}
	if row[PartCommune] == "" {
		c.add(errCommune, f.Label, f.ID+boxCommune)
	}
	if row[PartDetail] == "" && f.NeedDetail {
		c.add(errDetail, f.Label, f.ID+boxDetail)
	}
	for _, p := range append(addressParts, addressPart{PartCommuneName, boxCommune}) {
		text := row[p.part]
		switch {
		case clean(text, dropLines) != text:
			c.add(errTextUnclean, f.Label, f.ID+p.input)
		case typeface.Lacking(text) != "":
			c.add(undrawn(f, text), f.Label, f.ID+p.input)
		case utf8.RuneCountInString(text) > defaultText:
			c.add(errTextLong.With("Max", defaultText), f.Label, f.ID+p.input)
		}
	}
}

func (c *checker) table(f *Field, v Value) {
	rows := 0
	for i, row := range v.Rows {
		if len(filled(row)) == 0 {
			continue
		}
		if rows++; rows > f.most() {
			break
		}
		for k := range f.Columns {
			c.cell(f, &f.Columns[k], row, i)
		}
	}
	if rows > f.most() {
		c.add(errRowsMany.With("Count", f.most()), f.Label, f.ID)
	}
	if rows < f.least() && (rows > 0 || !f.Optional) {
		c.add(errRowsFew.With("Count", f.least()), f.Label, f.ID)
	}
}

func (c *checker) cell(table, f *Field, row map[string]string, i int) {
	input, label, text := cellName(table.ID, i, f.ID), rowLabel(f.Label, i), row[f.ID]
	if text == "" {
		if !f.Optional {
			c.add(f.missing(), label, input)
		}
		return
	}
	if c.text(f, text, label, input) {
		c.rules(f, text, cellSpot(table, f, row, i))
	}
}

// cellSpot is where a cell of the row i, counted from 0, stands.
func cellSpot(table, f *Field, row map[string]string, i int) spot {
	return spot{
		label: rowLabel(f.Label, i), input: cellName(table.ID, i, f.ID), table: table, row: i + 1,
		find: func(id string) (*Field, string) { return table.column(id), row[id] },
	}
}

// rowLabel is a column's label with the number of the row, as people count.
func rowLabel(label i18n.Text, i int) i18n.Text {
	n := strconv.Itoa(i + 1)
	return i18n.Text{Vi: label.Vi + " (dòng " + n + ")", En: label.En + " (row " + n + ")"}
}

// inBothLanguages writes a number of the field's type for a message.
func (f *Field) inBothLanguages(text string) i18n.Text {
	return i18n.Text{Vi: f.show(text, i18n.Vi), En: f.show(text, i18n.En)}
}
