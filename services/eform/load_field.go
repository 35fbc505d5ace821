package eform

import (
	"slices"
	"strconv"

	"congdvc/i18n"
)

// Defaults and limits of fields.
const (
	defaultText     = 500  // characters of a text
	defaultLongText = 4000 // characters of a long_text
	mostText        = 20000
	mostRows        = 50 // of a table
	radioOptions    = 7  // more are shown as a select
	selectOptions   = 15 // more of a dictionary are searched for by typing
)

var inputModes = []string{"", "text", "decimal", "numeric", "tel", "search", "email", "url"}

// field checks one field; table is the field whose column it is, or nil.
func (l *loader) field(f, table *Field) {
	place := f.ID
	if table != nil {
		place = table.ID + " column " + f.ID
	}
	if !idPattern.MatchString(f.ID) || len(f.ID) > maxID {
		l.fault(place, "id %q is not lower-case words joined by dots", f.ID)
	}
	if kinds[f.Type] == nil {
		l.fault(place, "unknown type %q", f.Type)
		return
	}
	l.text(place+" label", f.Label)
	l.optionalText(place+" hint", f.Hint)
	l.members(place, f)
	f.kind().complete(l, place, f)
	l.amounts(place, f)
	for i := range f.Rules {
		l.rule(place, f, table, &f.Rules[i])
	}
	l.matches(place, f, table)
	l.dryRun(place, f)
}

// A member of Field that only some types have, with whether a field sets it.
type onlySomeHave struct {
	name string
	set  func(*Field) bool
}

var onlySome = []onlySomeHave{
	{"options", func(f *Field) bool { return len(f.Options) > 0 }},
	{"dictionary", func(f *Field) bool { return f.Dictionary != "" }},
	{"display", func(f *Field) bool { return f.Display != "" }},
	{"min", func(f *Field) bool { return f.Min != "" }},
	{"max", func(f *Field) bool { return f.Max != "" }},
	{"decimals", func(f *Field) bool { return f.Decimals != 0 }},
	{"unit", func(f *Field) bool { return f.Unit != i18n.Text{} }},
	{"max_length", func(f *Field) bool { return f.MaxLength != 0 }},
	{"need_detail", func(f *Field) bool { return f.NeedDetail }},
	{"matches", func(f *Field) bool { return f.Matches != nil }},
	{"ground", func(f *Field) bool { return f.Ground != nil }},
	{"columns", func(f *Field) bool { return len(f.Columns) > 0 }},
	{"compute", func(f *Field) bool { return f.Compute != "" }},
	{"from", func(f *Field) bool { return len(f.From) > 0 }},
	{"parts", func(f *Field) bool { return len(f.Parts) > 0 }},
}

// members refuses members that mean nothing for the type: they are mistakes of the author.
func (l *loader) members(place string, f *Field) {
	for _, m := range onlySome {
		if m.set(f) && !slices.Contains(f.kind().members, m.name) {
			l.fault(place, "%s means nothing for the type %s", m.name, f.Type)
		}
	}
	if !f.Asks() && (f.Optional || f.Prefill != "" || len(f.Rules) > 0) {
		l.fault(place, "optional, prefill and rules mean nothing for the type %s", f.Type)
	}
	l.ground(place, f)
	if f.Prefill != "" && f.Asks() && !slices.Contains(f.kind().prefills, prefillName(f.Prefill)) {
		l.fault(place, "prefill %q is unknown or does not fit the type %s", f.Prefill, f.Type)
	}
	if f.Prefill == "person.gender" && f.Dictionary != genders {
		l.fault(place, "prefill person.gender needs the dictionary %s", genders)
	}
	if !slices.Contains(inputModes, f.InputMode) {
		l.fault(place, "unknown input_mode %q", f.InputMode)
	}
	if !autoPattern.MatchString(f.Autocomplete) {
		l.fault(place, "autocomplete %q is not made of lower-case words", f.Autocomplete)
	}
	l.optionalText(place+" unit", f.Unit)
}

// choices checks what a field lets people choose from, and settles how it is displayed.
func (l *loader) choices(place string, f *Field) {
	if (len(f.Options) > 0) == (f.Dictionary != "") {
		l.fault(place, "either options or a dictionary is needed")
	}
	if f.Dictionary != "" && Dictionary(f.Dictionary) == nil {
		l.fault(place, "unknown dictionary %q", f.Dictionary)
	}
	if n := len(f.Options); f.Dictionary == "" && (n < 2 || n > maxOptions) {
		l.fault(place, "%d options; 2 to %d are possible", n, maxOptions)
	}
	values := map[string]bool{}
	for _, o := range f.Options {
		if !codePattern.MatchString(o.Value) {
			l.fault(place, "the option's value %q is not made of letters, digits, _ . and -", o.Value)
		}
		if values[o.Value] {
			l.fault(place, "the option %s is there twice", o.Value)
		}
		values[o.Value] = true
		l.text(place+" option "+o.Value, o.Label)
		l.optionalText(place+" option "+o.Value+" hint", o.Hint)
	}
	switch f.Display {
	case displayRadio, displaySelect:
	case displaySearch:
		if f.Shape() != OneText || f.Dictionary == "" {
			l.fault(place, "only a choice from a dictionary can be searched")
		}
	case "":
		f.Display = displayRadio
		switch n := len(f.entries()); {
		case n > selectOptions && f.Shape() == OneText && f.Dictionary != "":
			f.Display = displaySearch
		case n > radioOptions:
			f.Display = displaySelect
		}
	default:
		l.fault(place, "unknown display %q", f.Display)
	}
}

// amounts checks bounds and lengths.
func (l *loader) amounts(place string, f *Field) {
	if f.MaxLength < 0 || f.MaxLength > mostText {
		l.fault(place, "max_length is 1 to %d", mostText)
	}
	if f.Decimals < 0 || f.Decimals > maxDecimals {
		l.fault(place, "decimals are 0 to %d", maxDecimals)
	}
	for _, b := range []Bound{f.Min, f.Max} {
		if b != "" && !f.kind().bounded(f, b) {
			l.fault(place, "the bound %q does not fit the type %s", b, f.Type)
		}
	}
	if f.Min != "" && f.Max != "" && f.Min != todayWord && f.Max != todayWord &&
		compareTexts(string(f.Min), string(f.Max)) > 0 {
		l.fault(place, "min is above max")
	}
}

// The bounds that types can have.

func never(*Field, Bound) bool { return false }

func dayBound(_ *Field, b Bound) bool {
	_, ok := parseDay(string(b))
	return ok || b == todayWord
}

func numberBound(f *Field, b Bound) bool {
	n, ok := parseNumber(string(b))
	return ok && (f.Decimals > 0 || n.whole())
}

// countBound is the bound of sums, and of numbers of rows or choices.
func countBound(_ *Field, b Bound) bool {
	n, ok := parseNumber(string(b))
	return ok && n.whole() && n >= 0
}

func rowsBound(f *Field, b Bound) bool {
	n, ok := parseNumber(string(b))
	return countBound(f, b) && ok && n <= mostRows*100
}

// asGiven is for types whose definition is right as it stands.
func asGiven(*loader, string, *Field) {}

// lengthFrom fills in the length of a text.
func lengthFrom(usual int) func(*loader, string, *Field) {
	return func(_ *loader, _ string, f *Field) {
		if f.MaxLength == 0 {
			f.MaxLength = usual
		}
	}
}

// columns checks a table.
func (l *loader) columns(place string, f *Field) {
	if f.Min == "" && !f.Optional {
		f.Min = "1"
	}
	if f.Max == "" {
		f.Max = Bound(strconv.Itoa(mostRows))
	}
	if n := len(f.Columns); n < 1 || n > maxColumns {
		l.fault(place, "%d columns; 1 to %d are possible", n, maxColumns)
	}
	inputs := map[string]bool{}
	for i := range f.Columns {
		c := &f.Columns[i]
		for _, name := range inputNames(c) {
			if inputs[name] {
				l.fault(place, "the column's input %s is there twice", name)
			}
			inputs[name] = true
		}
		if row := kinds[c.Type]; row == nil || row.inTable != mayBeColumn {
			l.fault(place, "a column cannot be of type %q", c.Type)
			continue
		}
		if c.When != nil || c.Prefill != "" {
			l.fault(place, "column %s: when and prefill are not for columns", c.ID)
		}
		l.field(c, f)
	}
}
