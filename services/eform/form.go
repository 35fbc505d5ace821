// Package eform holds the electronic forms of procedures. A form is data: a JSON definition of steps,
// sections and fields with labels in both languages, conditions under which parts are shown, and rules that
// answers must keep. The package loads and checks definitions, turns posted input into canonical answers,
// checks and prunes answers, fills derived fields, and lays answers out for reading.
//
// The check of single values runs on validator v10, chosen because it is the Go validator that most people
// know and because its tags can be built from data. It is imported nowhere else; the way out is
// check_text.go, whose dozen tags are small functions of one string.
package eform

import (
	"crypto/sha256"
	"encoding/hex"

	"congdvc/i18n"
)

// The values of a yes_no field.
const (
	Yes = "yes"
	No  = "no"
)

// Form is a loaded definition. It is immutable and safe for concurrent use; Load makes it.
type Form struct {
	ID    string    `json:"id"`             // the procedure's code
	Title i18n.Text `json:"title,omitzero"` // the form's name on paper, as "Tờ khai đăng ký khai sinh"
	Steps []Step    `json:"steps"`

	byID   map[string]*Field
	order  []*Field          // every field in document order, columns left out
	inputs map[string]string // fixed names of HTML inputs to their field
}

// Step is one page of the form.
type Step struct {
	ID       string    `json:"id"`
	Title    i18n.Text `json:"title"`
	Intro    i18n.Text `json:"intro,omitzero"`
	Sections []Section `json:"sections"`
}

// Section is a group of questions that belong together, shown while When holds.
type Section struct {
	ID     string     `json:"id"`
	Title  i18n.Text  `json:"title,omitzero"`
	Hint   i18n.Text  `json:"hint,omitzero"`
	When   *Condition `json:"when,omitempty"`
	Fields []Field    `json:"fields"`
}

// Field is one question. Which members may be set depends on Type; the rows of kinds list them.
type Field struct {
	ID       string     `json:"id"`
	Type     Type       `json:"type"`
	Label    i18n.Text  `json:"label"`
	Hint     i18n.Text  `json:"hint,omitzero"`
	Optional bool       `json:"optional,omitempty"`
	When     *Condition `json:"when,omitempty"` // the section's own condition applies as well

	Options    []Option `json:"options,omitempty"`    // choice, choices: either these
	Dictionary string   `json:"dictionary,omitempty"` // or the entries of a dictionary
	// "radio" or "select"; Load fills it in for choice and choices
	Display string `json:"display,omitempty"`

	Min        Bound     `json:"min,omitempty"` // number, money, date; for choices and table: how many
	Max        Bound     `json:"max,omitempty"`
	Decimals   int       `json:"decimals,omitempty"` // number: digits after the decimal comma, at most 2
	Unit       i18n.Text `json:"unit,omitzero"`      // number: "m²"
	MaxLength  int       `json:"max_length,omitempty"`
	NeedDetail bool      `json:"need_detail,omitempty"` // address: house, street or hamlet must be given too

	Rules   []Rule   `json:"rules,omitempty"`
	Matches *Matches `json:"matches,omitempty"` // citizen_id
	Columns []Field  `json:"columns,omitempty"` // table; their ids are unique within it
	Compute string   `json:"compute,omitempty"` // computed: one of the compute constants
	From    []string `json:"from,omitempty"`    // computed: the fields that it is made from
	Parts   []Part   `json:"parts,omitempty"`   // person: the questions

	Ground *Ground `json:"ground,omitempty"` // choice: tells on what ground the person files

	// "person.name" and the like: what the portal may fill in; ResultPrefill reads those of e-results
	Prefill      string `json:"prefill,omitempty"`
	Autocomplete string `json:"autocomplete,omitempty"`
	InputMode    string `json:"input_mode,omitempty"`
	Sensitive    bool   `json:"sensitive,omitempty"` // mask it where it need not be read

	step    int // 1-based
	section *Section
	person  *Person
	is      *kind  // what its type is
	tag     string // the validator's tag for one text of this field
}

// Step returns the number of the step that the field is in, counted from 1; 0 for the column of a table.
func (f *Field) Step() int { return f.step }

// Option is one entry of a choice or of a dictionary.
type Option struct {
	Value string    `json:"value"`
	Label i18n.Text `json:"label"`
	Hint  i18n.Text `json:"hint,omitzero"`
}

// Rule compares its field with another field, with today or with a fixed value: the field, moved by Years and
// Days, must stand in the relation Op to the right side. It is skipped while either side is empty or
// malformed, and while When does not hold.
type Rule struct {
	Op      string    `json:"op"`              // eq, ne, lt, le, gt or ge
	Right   string    `json:"right,omitempty"` // "today", a field, or within a table a column of the same row
	Value   string    `json:"value,omitempty"` // canonical text instead of Right
	Years   int       `json:"years,omitempty"`
	Days    int       `json:"days,omitempty"`
	Message i18n.Text `json:"message"`        // says how to put it right
	Warn    bool      `json:"warn,omitempty"` // the person may confirm that it is so

	When *Condition `json:"when,omitempty"` // about questions before this one; not of a column
}

// todayWord is the right side of a rule, or the bound of a date, that stands for the day of the check.
const todayWord = "today"

// Matches names the fields that a personal identification number also tells about.
type Matches struct {
	Gender string `json:"gender,omitempty"` // a choice from the dictionary gioi_tinh
	Born   string `json:"born,omitempty"`   // a date or partial_date
}

// Hash returns the SHA-256 of a definition's exact bytes in lower-case hex, which a dossier's revision
// records.
func Hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Step returns the nth step, counted from 1, or nil when there is none.
func (f *Form) Step(n int) *Step {
	if n < 1 || n > len(f.Steps) {
		return nil
	}
	return &f.Steps[n-1]
}

// Number returns the number of a step, counted from 1, or 0 when this form has none of its id. The step may
// come from another compilation of the same definition.
func (f *Form) Number(s *Step) int {
	for i := range f.Steps {
		if f.Steps[i].ID == s.ID {
			return i + 1
		}
	}
	return 0
}

// Field returns the field with an id, or nil. Columns of tables are found in their table.
func (f *Form) Field(id string) *Field { return f.byID[id] }

// Fields returns every field in the order of the definition, columns of tables left out.
func (f *Form) Fields() []*Field { return f.order }

// column returns the table's column with an id, or nil.
func (f *Field) column(id string) *Field {
	for i := range f.Columns {
		if f.Columns[i].ID == id {
			return &f.Columns[i]
		}
	}
	return nil
}
