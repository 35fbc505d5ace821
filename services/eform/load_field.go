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

// cellTypes are the types that a column may have.
var cellTypes = []Type{Text, LongText, Name, Number, Money, Date, PartialDate, Choice, YesNo, CitizenID, TaxCode, Phone, Email}

var allTypes = append([]Type{Choices, Address, Table, Info, Computed}, cellTypes...)

var inputModes = []string{"", "text", "decimal", "numeric", "tel", "search", "email", "url"}

// prefills lists what may be filled in from the account, with the types of field that can take it.
var prefills = map[string][]Type{
	"person.name":         {Name, Text},
	"person.number":       {CitizenID, TaxCode, Text},
	"person.born":         {Date, PartialDate},
	"person.gender":       {Choice},
	"person.phone":        {Phone},
	"person.email":        {Email},
	"person.address":      {Address},
	"organisation.name":   {Text},
	"organisation.number": {TaxCode, Text},
}

// field checks one field; table is the field whose column it is, or nil.
func (l *loader) field(f, table *Field) {
	place := f.ID
	if table != nil {
		place = table.ID + " column " + f.ID
	}
	if !idPattern.MatchString(f.ID) || len(f.ID) > maxID {
		l.fault(place, "id %q is not lower-case words joined by dots", f.ID)
	}
	if !slices.Contains(allTypes, f.Type) {
		l.fault(place, "unknown type %q", f.Type)
		return
	}
	l.text(place+" label", f.Label, true)
	l.text(place+" hint", f.Hint, false)
	l.members(place, f)
	l.choices(place, f)
	l.amounts(place, f)
	if table == nil {
		l.columns(place, f)
		l.computed(place, f)
	}
	for i := range f.Rules {
		l.rule(place, f, table, &f.Rules[i])
	}
	l.matches(place, f, table)
	l.dryRun(place, f)
}

// members refuses members that mean nothing for the type: they are mistakes of the author.
func (l *loader) members(place string, f *Field) {
	only := func(name string, set bool, types ...Type) {
		if set && !slices.Contains(types, f.Type) {
			l.fault(place, "%s means nothing for the type %s", name, f.Type)
		}
	}
	only("options", len(f.Options) > 0, Choice, Choices)
	only("dictionary", f.Dictionary != "", Choice, Choices)
	only("display", f.Display != "", Choice, Choices)
	only("min", f.Min != "", Number, Money, Date, Choices, Table)
	only("max", f.Max != "", Number, Money, Date, Choices, Table)
	only("decimals", f.Decimals != 0, Number)
	only("unit", f.Unit != i18n.Text{}, Number)
	only("max_length", f.MaxLength != 0, Text, LongText)
	only("need_detail", f.NeedDetail, Address)
	only("matches", f.Matches != nil, CitizenID)
	only("columns", len(f.Columns) > 0, Table)
	only("compute", f.Compute != "", Computed)
	only("from", len(f.From) > 0, Computed)
	only("parts", len(f.Parts) > 0, PersonBlock)
	if !f.Asks() && (f.Optional || f.Prefill != "" || len(f.Rules) > 0) {
		l.fault(place, "optional, prefill and rules mean nothing for the type %s", f.Type)
	}
	l.ground(place, f)
	if f.Prefill != "" && f.Asks() && !slices.Contains(prefillTypes(f.Prefill), f.Type) {
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
	l.text(place+" unit", f.Unit, false)
}

func (l *loader) choices(place string, f *Field) {
	if f.Type != Choice && f.Type != Choices {
		return
	}
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
		l.text(place+" option "+o.Value, o.Label, true)
		l.text(place+" option "+o.Value+" hint", o.Hint, false)
	}
	switch f.Display {
	case Radio, Select:
	case Search:
		if f.Type != Choice || f.Dictionary == "" {
			l.fault(place, "only a choice from a dictionary can be searched")
		}
	case "":
		f.Display = Radio
		switch n := len(f.entries()); {
		case n > selectOptions && f.Type == Choice && f.Dictionary != "":
			f.Display = Search
		case n > radioOptions:
			f.Display = Select
		}
	default:
		l.fault(place, "unknown display %q", f.Display)
	}
}

// amounts checks bounds and lengths, and fills in their defaults.
func (l *loader) amounts(place string, f *Field) {
	switch f.Type {
	case Text:
		f.MaxLength = orDefault(f.MaxLength, defaultText)
	case LongText:
		f.MaxLength = orDefault(f.MaxLength, defaultLongText)
	case Table:
		if f.Min == "" && !f.Optional {
			f.Min = "1"
		}
		if f.Max == "" {
			f.Max = Bound(strconv.Itoa(mostRows))
		}
	}
	if f.MaxLength < 0 || f.MaxLength > mostText {
		l.fault(place, "max_length is 1 to %d", mostText)
	}
	if f.Decimals < 0 || f.Decimals > maxDecimals {
		l.fault(place, "decimals are 0 to %d", maxDecimals)
	}
	for _, b := range []Bound{f.Min, f.Max} {
		if b != "" && !f.bounds(b) {
			l.fault(place, "the bound %q does not fit the type %s", b, f.Type)
		}
	}
	if f.Min != "" && f.Max != "" && f.Min != Today && f.Max != Today && compareTexts(string(f.Min), string(f.Max)) > 0 {
		l.fault(place, "min is above max")
	}
}

// bounds reports whether b can be a bound of the field.
func (f *Field) bounds(b Bound) bool {
	if f.Type == Date {
		_, ok := parseDay(string(b))
		return ok || b == Today
	}
	n, ok := parseNumber(string(b))
	switch f.Type {
	case Number:
		return ok && (f.Decimals > 0 || n.whole())
	case Money:
		return ok && n.whole() && n >= 0
	case Table:
		return ok && n.whole() && n >= 0 && n <= mostRows*100
	}
	return ok && n.whole() && n >= 0
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func (l *loader) columns(place string, f *Field) {
	if f.Type != Table {
		return
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
		if !slices.Contains(cellTypes, c.Type) {
			l.fault(place, "a column cannot be of type %q", c.Type)
			continue
		}
		if c.When != nil || c.Prefill != "" {
			l.fault(place, "column %s: when and prefill are not for columns", c.ID)
		}
		l.field(c, f)
	}
}
