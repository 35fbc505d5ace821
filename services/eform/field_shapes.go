package eform

import (
	"slices"
	"strings"

	"congdvc/i18n"
)

// A Shape is how the answer of a field is held in its Value, whatever the field's type.
type Shape string

// The shapes of answers.
const (
	OneText    Shape = "one text"
	ManyTexts  Shape = "many texts"
	OneAddress Shape = "one address" // one row of the Part keys
	TableRows  Shape = "rows of a table"
	NoAnswer   Shape = "no answer"
)

// A shape says what is done with answers of one Shape.
type shape struct {
	name    Shape
	misfits func(f *Field, v Value) bool
	decode  func(d *decoder, f *Field) Value
	check   func(c *checker, f *Field, v Value) // of an answer that fits
	show    func(f *Field, v Value, l i18n.Lang) string
	rowKeys func(f *Field) []string // the members that a row may have
}

var (
	oneText = &shape{
		name:    OneText,
		misfits: func(_ *Field, v Value) bool { return v.Many != nil || v.Rows != nil },
		decode:  func(d *decoder, f *Field) Value { return Value{Text: d.text(f, f.ID)} },
		check:   (*checker).oneText,
		show:    showTexts,
		rowKeys: noKeys,
	}
	manyTexts = &shape{
		name:    ManyTexts,
		misfits: func(_ *Field, v Value) bool { return v.Text != "" || v.Rows != nil },
		decode:  (*decoder).many,
		check:   (*checker).choices,
		show:    showTexts,
		rowKeys: noKeys,
	}
	oneAddress = &shape{
		name:    OneAddress,
		misfits: misfitsAddress,
		decode:  (*decoder).address,
		check:   (*checker).address,
		show:    func(_ *Field, v Value, l i18n.Lang) string { return readAddress(v, l) },
		rowKeys: func(*Field) []string { return addressKeys },
	}
	tableRows = &shape{
		name:    TableRows,
		misfits: misfitsTable,
		decode:  (*decoder).table,
		check:   (*checker).table,
		show: func(f *Field, v Value, l i18n.Lang) string {
			return i18n.T(l, "eform.rows", "Count", len(f.grid(v, l).Rows))
		},
		rowKeys: columnIDs,
	}
	noAnswer = &shape{
		name:    NoAnswer,
		misfits: func(_ *Field, v Value) bool { return !v.Empty() },
		decode:  func(*decoder, *Field) Value { return Value{} },
		check:   func(*checker, *Field, Value) {},
		show:    func(*Field, Value, i18n.Lang) string { return "" },
		rowKeys: noKeys,
	}
)

func noKeys(*Field) []string { return nil }

var addressKeys = []string{PartProvince, PartCommune, PartCommuneName, PartDetail, PartOld}

func columnIDs(f *Field) []string {
	keys := make([]string, len(f.Columns))
	for i := range f.Columns {
		keys[i] = f.Columns[i].ID
	}
	return keys
}

func misfitsAddress(_ *Field, v Value) bool {
	return v.Text != "" || v.Many != nil || len(v.Rows) > 1 || !knows(v.first(), func(key string) bool {
		return slices.Contains(addressKeys, key)
	})
}

func misfitsTable(f *Field, v Value) bool {
	return v.Text != "" || v.Many != nil || slices.ContainsFunc(v.Rows, func(row map[string]string) bool {
		return !knows(row, func(key string) bool { return f.column(key) != nil })
	})
}

func knows(row map[string]string, known func(key string) bool) bool {
	for key := range row {
		if !known(key) {
			return false
		}
	}
	return true
}

// showTexts writes one text, or several in lines.
func showTexts(f *Field, v Value, l i18n.Lang) string {
	if len(v.Many) == 0 {
		return f.show(v.Text, l)
	}
	texts := make([]string, len(v.Many))
	for i, text := range v.Many {
		texts[i] = f.show(text, l)
	}
	return strings.Join(texts, "\n")
}
