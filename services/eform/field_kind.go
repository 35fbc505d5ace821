package eform

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
)

// none says explicitly that a row has nothing of a kind. A nil slice would mean that the row forgot to say.
var none = []string{}

// complains names the first piece that the row of a type lacks, or the first unknown name in it.
func (k *kind) complains(t Type) error {
	if k == nil {
		return fmt.Errorf("eform: the type %s has no row", t)
	}
	row := reflect.ValueOf(*k)
	for i := range row.NumField() {
		if row.Field(i).IsZero() {
			return fmt.Errorf("eform: the type %s does not say its %s", t, row.Type().Field(i).Name)
		}
	}
	for _, name := range k.unsaid {
		if !slices.ContainsFunc(unsaidRules, func(r unsaidRule) bool { return r.name == name }) {
			return fmt.Errorf("eform: the type %s has an unknown rule %s", t, name)
		}
	}
	for _, name := range k.members {
		if !slices.ContainsFunc(onlySome, func(m onlySomeHave) bool { return m.name == name }) {
			return fmt.Errorf("eform: the type %s has an unknown member %s", t, name)
		}
	}
	return nil
}

// kind returns the row of the field's type, which Load puts into the field. An unknown type, which Load
// refuses, is treated as a text until then.
func (f *Field) kind() *kind {
	if f.is != nil {
		return f.is
	}
	return kindOf(f.Type)
}

func kindOf(t Type) *kind {
	if row := kinds[t]; row != nil {
		return row
	}
	return kinds[Text]
}

// Types lists every type that a field can have, sorted.
func Types() []Type { return slices.Sorted(maps.Keys(kinds)) }

// Editors lists the editors that the page's script must have, sorted.
func Editors() []Editor {
	all := map[Editor]bool{}
	for _, row := range kinds {
		if row.editor != noEditor {
			all[row.editor] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Asks reports whether the field takes an answer from a person: everything but info and computed.
func (f *Field) Asks() bool { return f.kind().answered == byPerson }

// made reports whether the portal computes the answer.
func (f *Field) made() bool { return f.kind().answered == byPortal }

// Shape returns how the field's answer is held.
func (f *Field) Shape() Shape { return f.kind().shape.name }

// Chosen reports whether the answer is one of the field's entries.
func (f *Field) Chosen() bool {
	k := f.kind()
	return k.missing == notChosen && k.shape == oneText
}

// Control returns the part of a page that asks for the answer.
func (f *Field) Control() Control { return f.kind().control(f) }

// Editor returns how the page's script reads the answer.
func (f *Field) Editor() Editor { return f.kind().editor }

// Keyboard returns the inputmode of the field's inputs; empty leaves it to the browser.
func (f *Field) Keyboard() string {
	k := f.kind().keyboard
	switch {
	case f.InputMode != "":
		return f.InputMode
	case k == usualKeyboard:
		return ""
	}
	return k
}

// Examples returns canonical texts that a field of this type takes. draw chooses among the first n numbers;
// it is used for digits and for parts that vary. A field with entries has no examples.
func (f *Field) Examples(draw func(n int) int) []string {
	texts := make([]string, 0, len(f.kind().examples))
	for _, pattern := range f.kind().examples {
		texts = append(texts, exampleParts.ReplaceAllStringFunc(pattern, func(part string) string {
			if part == "#" {
				return strconv.Itoa(draw(10))
			}
			ways := strings.Split(strings.Trim(part, "()"), "|")
			return ways[draw(len(ways))]
		}))
	}
	return texts
}

var exampleParts = regexp.MustCompile(`#|\([^)]*\)`)

// show writes one canonical text as people read it.
func (f *Field) show(text string, l i18n.Lang) string { return f.kind().show(f, text, l) }

// entries lists the answers that the field offers: its options, those of its dictionary, yes and no, or none.
func (f *Field) entries() []Option { return f.kind().entries(f) }

// compared says with what the field's text can be compared.
func (f *Field) compared() comparison {
	c := f.kind().compared
	if c == asMade {
		return makers[f.Compute].gives
	}
	return c
}

// Dated and Numeric report whether the answer is a date, wholly or partly known, or a number.
func (f *Field) Dated() bool   { return f.compared() == asDates }
func (f *Field) Numeric() bool { return f.compared() == asNumbers }

func (f *Field) ordered() bool { return f.Dated() || f.Numeric() }

// firstBox is what is appended to the id for the name of the first input; "" when the name is the id itself.
func (f *Field) firstBox() string { return f.kind().boxes[0] }

// The boxes of fields with one input, of dates and of addresses.
var (
	oneBox       = []string{""}
	dateBoxes    = []string{boxDay, boxMonth, boxYear}
	addressBoxes = []string{boxProvince, boxCommune, boxDetail, boxOld}
)

func always(c Control) func(*Field) Control { return func(*Field) Control { return c } }

// byDisplay is the control of a choice.
func byDisplay(f *Field) Control {
	switch f.Display {
	case displayRadio:
		return ControlRadios
	case displaySearch:
		return ControlSearch
	}
	return ControlSelect
}

func noEntries(*Field) []Option { return nil }

func listed(f *Field) []Option {
	if f.Dictionary != "" {
		return Dictionary(f.Dictionary)
	}
	return f.Options
}

var yesOrNo = []Option{
	{Value: Yes, Label: i18n.Text{Vi: i18n.T(i18n.Vi, "eform.yes"), En: i18n.T(i18n.En, "eform.yes")}},
	{Value: No, Label: i18n.Text{Vi: i18n.T(i18n.Vi, "eform.no"), En: i18n.T(i18n.En, "eform.no")}},
}

func yesAndNo(*Field) []Option { return yesOrNo }
