package eform

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"congdvc/i18n"
	"congdvc/services/fault"
)

// What follows a field's id in the names of its inputs.
const (
	boxDay      = ".ngay"
	boxMonth    = ".thang"
	boxYear     = ".nam"
	boxProvince = ".tinh"
	boxCommune  = ".xa"
	boxDetail   = ".chi_tiet"
	boxOld      = ".huyen_cu"
)

// Names of the buttons that change the number of rows of a table without JavaScript. The value of the first
// is the table's id, that of the second the table's id, a dot and the row's number counted from 0.
const (
	ButtonAdd    = "__add"
	ButtonRemove = "__remove"
)

// An addressPart pairs a part of an address with its input.
type addressPart struct{ part, input string }

// addressParts are those that people type.
var addressParts = []addressPart{
	{PartProvince, boxProvince}, {PartCommune, boxCommune}, {PartDetail, boxDetail}, {PartOld, boxOld},
}

// DecodeStep reads the posted inputs of one step: get returns the values of a name, nil when it was not
// posted. Every field of the step that takes an answer is in the result, also when hidden or empty, so that
// what was cleared is known. Texts are trimmed, in Unicode NFC and without invisible characters; dates,
// numbers, phones and the like become canonical where they can be read, else they stay as typed for CheckStep
// to find. Blank rows of a table are dropped, the pressed row button is obeyed. The error is a fault.List:
// more rows than the table takes, or a text beyond what any field takes; the answers are then without the
// excess.
func (f *Form) DecodeStep(s *Step, get func(name string) []string) (Answers, error) {
	d := decoder{get: get}
	a := Answers{}
	for i := range s.Sections {
		for j := range s.Sections[i].Fields {
			if field := &s.Sections[i].Fields[j]; field.Asks() {
				a[field.ID] = d.value(field)
			}
		}
	}
	return a, d.faults.Err()
}

type decoder struct {
	get    func(name string) []string
	faults fault.List
}

// one returns the first posted value of a name.
func (d *decoder) one(name string) string {
	if values := d.get(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (d *decoder) value(f *Field) Value { return f.kind().shape.decode(d, f) }

// text reads one canonical text of a field or column from the inputs whose names begin with name.
func (d *decoder) text(f *Field, name string) string { return f.kind().posted(d, f, name) }

func postedLine(d *decoder, f *Field, name string) string {
	return f.Canonical(d.within(f.Label, name, clean(d.one(name), dropLines), mostText))
}

func postedLines(d *decoder, f *Field, name string) string {
	return d.within(f.Label, name, clean(d.one(name), keepLines), mostText)
}

func postedDate(p precision) func(*decoder, *Field, string) string {
	return func(d *decoder, _ *Field, name string) string {
		return joinDate(p, d.one(name+boxDay), d.one(name+boxMonth), d.one(name+boxYear))
	}
}

// address reads the boxes of an address.
func (d *decoder) address(f *Field) Value {
	row := map[string]string{}
	for _, p := range addressParts {
		if text := d.short(f.Label, f.ID+p.input, defaultText); text != "" {
			row[p.part] = text
		}
	}
	if len(row) == 0 {
		return Value{}
	}
	return Value{Rows: []map[string]string{row}}
}

// many reads the boxes of a choices field. What the form offers comes first, in its order.
func (d *decoder) many(f *Field) Value {
	posted := map[string]bool{}
	var unknown []string
	for _, text := range d.get(f.ID) {
		text = cut(clean(text, dropLines), defaultText)
		if text == "" || posted[text] {
			continue
		}
		posted[text] = true
		if len(unknown) < mostRows {
			unknown = append(unknown, text)
		}
	}
	var many []string
	for _, o := range f.entries() {
		if posted[o.Value] {
			many = append(many, o.Value)
			unknown = slices.DeleteFunc(unknown, func(s string) bool { return s == o.Value })
		}
	}
	return Value{Many: append(many, unknown...)}
}

func (d *decoder) table(f *Field) Value {
	most := f.most()
	add := d.one(ButtonAdd) == f.ID
	remove := -1
	if row, ok := strings.CutPrefix(d.one(ButtonRemove), f.ID+"."); ok {
		if n, err := strconv.Atoi(row); err == nil {
			remove = n
		}
	}
	var rows []map[string]string
	for i := 0; d.posted(f, i); i++ {
		row := d.row(f, i)
		if i == remove || len(row) == 0 {
			continue
		}
		if len(rows) == most {
			d.faults.Add(errRowsMany.With("Count", most).With("Name", inSentence(f.Label)).At(f.ID))
			return Value{Rows: rows}
		}
		rows = append(rows, row)
	}
	if add && len(rows) < most {
		rows = append(rows, map[string]string{})
	}
	return Value{Rows: rows}
}

// posted reports whether any input of a row was posted. Rows are read up to the first gap, and at most twice
// as many as a table may have.
func (d *decoder) posted(f *Field, row int) bool {
	if row > 2*mostRows {
		return false
	}
	for i := range f.Columns {
		for _, name := range inputNames(&f.Columns[i]) {
			if d.get(cellName(f.ID, row, name)) != nil {
				return true
			}
		}
	}
	return false
}

func (d *decoder) row(f *Field, i int) map[string]string {
	row := map[string]string{}
	for k := range f.Columns {
		c := &f.Columns[k]
		if text := d.text(c, cellName(f.ID, i, c.ID)); text != "" {
			row[c.ID] = text
		}
	}
	return row
}

// cellName is the name of the input of a table's cell.
func cellName(table string, row int, column string) string {
	return table + "." + strconv.Itoa(row) + "." + column
}

func (d *decoder) short(label i18n.Text, name string, most int) string {
	return d.within(label, name, clean(d.one(name), dropLines), most)
}

// within refuses a text that is too long for any field.
func (d *decoder) within(label i18n.Text, name, text string, most int) string {
	if utf8.RuneCountInString(text) > most {
		d.faults.Add(named(errTextLong.With("Max", most), label).At(name))
	}
	return cut(text, most)
}

// cut shortens a text to at most n characters.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
