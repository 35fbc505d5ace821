package eform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"congdvc/i18n"
)

// Load reads a definition and refuses one that is not right in every part: unknown members, types or
// dictionaries, ids used twice, texts missing in a language, conditions about fields that do not exist or
// stand later (so that there are no cycles), rules that compare unlike things, persons with unknown parts.
// The error joins all faults, each with its place; it is meant for the author of the definition.
func Load(raw []byte) (*Form, error) {
	var f Form
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var doc struct {
		Schema string `json:"$schema"`
		*Form
	}
	doc.Form = &f
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("eform: read definition: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("eform: read definition: more after its end")
	}
	l := loader{form: &f, seen: map[string]bool{}}
	l.expand()
	l.index()
	l.all()
	if len(l.faults) > 0 {
		return nil, fmt.Errorf("eform: definition %q: %w", f.ID, errors.Join(l.faults...))
	}
	return &f, nil
}

// loader checks one definition and collects what is wrong.
type loader struct {
	form   *Form
	seen   map[string]bool // fields passed so far, in document order
	faults []error
}

func (l *loader) fault(place, format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(place+": "+format, args...))
}

// index fills the look-ups of the form, and the names that its inputs will have.
func (l *loader) index() {
	f := l.form
	f.byID, f.inputs = map[string]*Field{}, map[string]string{}
	for i := range f.Steps {
		for j := range f.Steps[i].Sections {
			section := &f.Steps[i].Sections[j]
			for k := range section.Fields {
				field := &section.Fields[k]
				field.step, field.section, field.is = i+1, section, kindOf(field.Type)
				for c := range field.Columns {
					field.Columns[c].is = kindOf(field.Columns[c].Type)
				}
				if f.byID[field.ID] != nil {
					l.fault(field.ID, "this id is used twice")
				}
				f.byID[field.ID] = field
				f.order = append(f.order, field)
				for _, name := range inputNames(field) {
					if other, taken := f.inputs[name]; taken && other != field.ID {
						l.fault(field.ID, "its input %s is also one of %s", name, other)
					}
					f.inputs[name] = field.ID
				}
			}
		}
	}
}

var (
	idPattern   = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	codePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	autoPattern = regexp.MustCompile(`^[a-z0-9 -]*$`)
)

const (
	maxSteps   = 40
	maxID      = 80
	maxColumns = 20
	maxOptions = 200
)

func (l *loader) all() {
	if l.form.ID == "" || len(l.form.ID) > maxID {
		l.fault("form", "an id of 1 to %d characters is needed", maxID)
	}
	l.optionalText("form title", l.form.Title)
	if n := len(l.form.Steps); n < 1 || n > maxSteps {
		l.fault("form", "%d steps; 1 to %d are possible", n, maxSteps)
	}
	ids := map[string]bool{}
	for i := range l.form.Steps {
		step := &l.form.Steps[i]
		place := "step " + step.ID
		l.id(place, step.ID, ids)
		l.text(place+" title", step.Title)
		l.optionalText(place+" intro", step.Intro)
		if len(step.Sections) == 0 {
			l.fault(place, "no sections")
		}
		sections := map[string]bool{}
		for j := range step.Sections {
			l.section(&step.Sections[j], sections)
		}
	}
}

func (l *loader) section(s *Section, ids map[string]bool) {
	place := "section " + s.ID
	l.id(place, s.ID, ids)
	l.optionalText(place+" title", s.Title)
	l.optionalText(place+" hint", s.Hint)
	l.condition(place+" when", s.When, 0)
	if len(s.Fields) == 0 {
		l.fault(place, "no fields")
	}
	for i := range s.Fields {
		field := &s.Fields[i]
		l.condition(field.ID+" when", field.When, 0)
		l.field(field, nil)
		l.seen[field.ID] = true
	}
}

func (l *loader) id(place, id string, ids map[string]bool) {
	if !idPattern.MatchString(id) || len(id) > maxID {
		l.fault(place, "id %q is not lower-case words joined by dots", id)
	}
	if ids[id] {
		l.fault(place, "this id is used twice")
	}
	ids[id] = true
}

// text checks a text that must be there, in both languages.
func (l *loader) text(place string, t i18n.Text) {
	if t == (i18n.Text{}) {
		l.fault(place, "the text is missing")
		return
	}
	l.optionalText(place, t)
}

// optionalText checks a text that may be missing, but not in one language alone.
func (l *loader) optionalText(place string, t i18n.Text) {
	if t == (i18n.Text{}) {
		return
	}
	for _, lang := range []struct{ name, text string }{{"vi", t.Vi}, {"en", t.En}} {
		switch {
		case lang.text == "":
			l.fault(place, "the text in %s is missing", lang.name)
		case !norm.NFC.IsNormalString(lang.text), strings.TrimSpace(lang.text) != lang.text,
			clean(lang.text, keepLines) != lang.text:
			l.fault(place, "the text in %s is not clean (NFC, no spaces around it, no invisible characters)",
				lang.name)
		}
	}
}

// inputNames lists the fixed names of a field's HTML inputs. Those of a table's cells have a number in them
// and are not here; ids cannot have one.
func inputNames(f *Field) []string {
	names := []string{f.ID}
	for _, box := range f.kind().boxes {
		if box != "" {
			names = append(names, f.ID+box)
		}
	}
	return names
}

// FieldOf returns the id of the field to which an input belongs: "con.ngay_sinh" for "con.ngay_sinh.ngay",
// "cu_tru" for the table's cell "cu_tru.0.tu_nam". The faults of a check name inputs.
func (f *Form) FieldOf(input string) (id string, ok bool) {
	if id, ok := f.inputs[input]; ok {
		return id, true
	}
	for id := input; ; {
		i := strings.LastIndexByte(id, '.')
		if i < 0 {
			return "", false
		}
		id = id[:i]
		field, row, cell := f.byID[id], "", ""
		if field == nil || field.Shape() != TableRows {
			continue
		}
		row, cell, _ = strings.Cut(input[len(id)+1:], ".")
		n, err := strconv.Atoi(row)
		if err != nil || n < 0 || strconv.Itoa(n) != row {
			return "", false
		}
		known := cell == "" || slices.ContainsFunc(field.Columns, func(c Field) bool {
			return slices.Contains(inputNames(&c), cell)
		})
		return id, known
	}
}
