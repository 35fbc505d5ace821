package eform

import (
	"strconv"
	"strings"
	"time"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/workday"
)

// Row is one question with its answer as people read it, for the page that shows all answers and for papers.
type Row struct {
	Step      int    // counted from 1
	Section   string // title of it or of the person whom the question is about; may be empty
	Person    string // id of the block, of a question about a person
	Field     string // id
	Label     string
	Text      string // empty when not answered; lines are parted by "\n"
	Table     *Grid  // instead of Text, for a table with rows
	Sensitive bool
}

// Grid is a table as people read it.
type Grid struct {
	Head []string
	Rows [][]string
}

// Present lays out the shown fields in the form's order: every question with its answer or an empty text, and
// what is computed where it is there. A malformed answer appears as it was typed.
func (f *Form) Present(a Answers, l i18n.Lang) []Row {
	s := f.shown(a)
	rows := make([]Row, 0, len(f.order))
	for _, field := range f.order {
		v := s.answers[field.ID]
		if !s.fields[field.ID] || !field.Asks() && v.Empty() {
			continue
		}
		row := Row{
			Step: field.step, Section: field.section.Title.In(l), Field: field.ID,
			Label: field.Label.In(l), Sensitive: field.Sensitive,
		}
		if p := field.person; p != nil {
			row.Section, row.Person = p.Label.In(l), p.ID
		}
		if field.Shape() == TableRows && !v.Empty() {
			row.Table = field.grid(v, l)
		} else {
			row.Text = field.Read(v, l)
		}
		rows = append(rows, row)
	}
	return rows
}

func (f *Field) grid(v Value, l i18n.Lang) *Grid {
	g := &Grid{Head: make([]string, len(f.Columns))}
	for i := range f.Columns {
		g.Head[i] = f.Columns[i].Label.In(l)
	}
	for _, row := range v.Rows {
		if len(filled(row)) == 0 {
			continue
		}
		cells := make([]string, len(f.Columns))
		for i := range f.Columns {
			cells[i] = f.Columns[i].show(row[f.Columns[i].ID], l)
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// Read writes a value of the field as people read it. Of a table it gives the number of rows.
func (f *Field) Read(v Value, l i18n.Lang) string {
	if v.Empty() {
		return ""
	}
	return f.kind().shape.show(f, v, l)
}

func asItIs(_ *Field, text string, _ i18n.Lang) string { return text }

// showEntry writes what an answer is called among those that the field offers.
func showEntry(f *Field, text string, l i18n.Lang) string {
	if f.Dictionary != "" {
		return DictionaryText(f.Dictionary, text, l)
	}
	for _, o := range f.entries() {
		if o.Value == text {
			return o.Label.In(l)
		}
	}
	return text
}

func showMoney(_ *Field, text string, l i18n.Lang) string {
	n, ok := parseNumber(text)
	if !ok {
		return text
	}
	return i18n.Money(l, dong.Amount(n/100))
}

func showNumber(f *Field, text string, l i18n.Lang) string {
	n, ok := parseNumber(text)
	if !ok {
		return text
	}
	whole, decimals, _ := strings.Cut(text, ".")
	written := i18n.Number(l, int64(n/100))
	if whole == "-0" {
		written = "-0"
	}
	if decimals != "" && l == i18n.En {
		written += "." + decimals
	} else if decimals != "" {
		written += "," + decimals
	}
	if unit := f.Unit.In(l); unit != "" {
		written += "\u00a0" + unit
	}
	return written
}

func showDate(_ *Field, text string, l i18n.Lang) string {
	s, ok := parseSpan(text)
	switch {
	case !ok || len(text) == len("2006"):
		return text
	case len(text) == len("2006-01-02"):
		return i18n.Date(l, s.first)
	}
	return readMonth(s.first, l)
}

func readMonth(d workday.Date, l i18n.Lang) string {
	year := strconv.Itoa(d.Year)
	if l == i18n.En {
		return time.Month(d.Month).String() + " " + year
	}
	return d.String()[5:7] + "/" + year
}

func readAddress(v Value, l i18n.Lang) string {
	row := v.first()
	var parts []string
	for _, part := range []string{row[PartDetail], CommuneOf(v, l),
		DictionaryText(provinces, row[PartProvince], l)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ", ")
	if old := row[PartOld]; old != "" {
		text += " " + i18n.T(l, "eform.address_old", "Old", old)
	}
	return text
}
