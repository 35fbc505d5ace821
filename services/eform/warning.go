package eform

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"congdvc/i18n"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// A Warning is what is unlikely but may be true, and has to be confirmed before it is handed in.
type Warning struct {
	*fault.Fault // what does not fit; Field is the name of the input to look at first

	Rule   string   // its name among the schema's "x-rules": compare, same_gender, same_year_of_birth
	Fields []string // ids of the answers that do not fit together; of a column "table.column"
	Row    int      // of a table, counted from 1; 0 elsewhere
	Sides  []Side   // the answers, one a field
	// Token names the warning together with the answers that it is about: other answers give another token.
	// It is made from personal data, so treat it as such.
	Token string
}

// A Side is one of the answers that do not fit together.
type Side struct {
	Label i18n.Text
	field *Field
	text  string
}

// Read writes the answer as people read it.
func (s Side) Read(l i18n.Lang) string { return s.field.show(s.text, l) }

// The rules that identity numbers are held against, by their names among "x-rules".
const (
	ruleCompare    = "compare"
	ruleSameGender = "same_gender"
	ruleSameYear   = "same_year_of_birth"
)

// Warnings returns what is unlikely but may be true, so that the person can confirm it: an identity number
// that tells another gender or year of birth, and rules that the definition marks so. Order and Field are
// those of Check.
func (f *Form) Warnings(a Answers, on workday.Date) []Warning {
	c := checker{shown: f.shown(a), on: on, warn: true}
	for _, field := range f.order {
		if field.Asks() && c.shown.fields[field.ID] {
			c.warnings(field)
		}
	}
	return c.warned
}

// spot is where an answer stands: a field of the form, or a cell of a table.
type spot struct {
	label i18n.Text
	input string
	table *Field // nil outside of one
	row   int    // counted from 1
	find  func(id string) (*Field, string)
}

// id names a field of the same table, or of the form.
func (s spot) id(f *Field) string {
	if s.table != nil {
		return s.table.ID + "." + f.ID
	}
	return f.ID
}

// side is an answer beside that of the spot.
func (s spot) side(f *Field, text string) Side {
	label := f.Label
	if s.table != nil {
		label = rowLabel(label, s.row-1)
	}
	return Side{label, f, text}
}

// warnAt adds a warning about a field and, where there is one, another field that it does not fit. The rule's
// content is part of the token, so that a changed rule has to be confirmed again.
func (c *checker) warnAt(at spot, bad *fault.Fault, rule string, content any, sides ...Side) {
	w := Warning{Fault: named(bad, at.label).At(at.input + bad.Field), Rule: rule, Row: at.row, Sides: sides}
	texts := make([]string, len(sides))
	for i, side := range sides {
		w.Fields = append(w.Fields, at.id(side.field))
		texts[i] = side.text
	}
	raw, err := json.Marshal([]any{rule, content, w.Fields, texts})
	if err != nil {
		panic("eform: write a warning: " + err.Error()) // strings and numbers only
	}
	sum := sha256.Sum256(raw)
	w.Token = hex.EncodeToString(sum[:])
	c.warned = append(c.warned, w)
}
