package eform

import (
	"encoding/json"
	"fmt"

	"congdvc/i18n"
)

// node is a JSON object being made: of a schema, or of something that stands in one.
type node = map[string]any

// JSONSchema writes the form as a JSON Schema 2020-12 of its answers as a revision carries them: an object of
// field id to text, list of texts or list of rows, with texts in their canonical form. Titles are in the
// language. Whatever the form accepts (Check finds no fault, Prune drops nothing) the schema accepts too.
//
// "x-rules" lists what a schema cannot say. Each entry has the fields it is about, the key of the fault that
// the portal answers with, and a description; those with "warning" may be confirmed. "x-steps" gives the
// order in which a person is asked, "x-persons" the fields that are about one person.
//
// The same form gives the same bytes. The error is that of writing JSON.
func JSONSchema(f *Form, l i18n.Lang) ([]byte, error) {
	w := schemaWriter{form: f, lang: l, defs: node{
		"empty":  emptySchema(),
		"filled": node{"not": ref("empty")},
	}}
	properties, required := node{}, []string{}
	for _, field := range f.order {
		properties[field.ID] = w.property(field)
		if field.certain() && field.needed() {
			required = append(required, field.ID)
		}
	}
	schema := node{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  "urn:congdvc:form:" + f.ID,
		"title":                i18n.T(l, "eform.schema_title", "Code", f.ID),
		"description":          i18n.T(l, "eform.schema_about"),
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
		"$defs":                w.defs,
		"x-steps":              w.steps(),
		"x-persons":            w.persons(),
		"x-rules":              w.rules(),
	}
	if len(required) > 0 {
		schema["required"] = required
	}
	if asked := w.conditions(); len(asked) > 0 {
		schema["allOf"] = asked
	}
	raw, err := json.Marshal(schema)
	if err != nil {
		return nil, fmt.Errorf("eform: write schema of %s: %w", f.ID, err)
	}
	return raw, nil
}

// schemaWriter writes the schema of one form and collects the definitions that it refers to.
type schemaWriter struct {
	form *Form
	lang i18n.Lang
	defs node
}

func ref(name string) node { return node{"$ref": "#/$defs/" + name} }

// emptySchema is Value.Empty.
func emptySchema() node {
	return node{"anyOf": []any{
		blankText(),
		node{"type": "array", "items": node{"type": "object", "additionalProperties": blankText()}},
	}}
}

func blankText() node { return node{"enum": []any{"", nil}} }

// certain reports whether the field is asked whatever the answers are.
func (f *Field) certain() bool { return f.When == nil && f.section.When == nil }

// needed reports whether the field must be answered where it is asked.
func (f *Field) needed() bool {
	return f.Asks() && !f.Optional && (f.Shape() != TableRows || f.least() > 0)
}

// property is the schema of a field's value, which may be empty where the field is not asked or not needed.
func (w *schemaWriter) property(f *Field) node {
	if f.Shape() == NoAnswer {
		return ref("empty")
	}
	value := w.value(f)
	if !f.certain() || !f.needed() {
		value = node{"anyOf": []any{value, f.blank()}}
	}
	value["title"] = f.Label.In(w.lang)
	if hint := f.Hint.In(w.lang); hint != "" {
		value["description"] = hint
	}
	if unit := f.Unit.In(w.lang); unit != "" {
		value["x-unit"] = unit
	}
	if f.made() {
		value["readOnly"] = true
	}
	if f.person != nil {
		value["x-person"] = f.person.ID
	}
	return value
}

// blank is what a field's value may be when it is not answered.
func (f *Field) blank() node {
	if f.made() {
		return ref("empty")
	}
	switch f.Shape() {
	case TableRows:
		return node{"anyOf": []any{blankText(), node{"type": "array", "items": f.blankRow()}}}
	case OneAddress:
		return node{"anyOf": []any{blankText(), node{"type": "array", "items": f.blankRow(), "maxItems": 1}}}
	}
	return node{"enum": []any{"", nil, []any{}}}
}

func (f *Field) blankRow() node {
	cells := node{}
	for _, key := range f.kind().shape.rowKeys(f) {
		cells[key] = blankText()
	}
	return node{"type": "object", "properties": cells, "additionalProperties": false}
}

// conditions says when fields are asked: then those that are needed are there, else all of them are empty.
// Fields of one condition that follow each other share an entry.
func (w *schemaWriter) conditions() []any {
	var all []any
	var last string
	var then, otherwise node
	for _, f := range w.form.order {
		if f.certain() {
			continue
		}
		when := w.when(f)
		key, err := json.Marshal(when)
		if err != nil || string(key) != last {
			then, otherwise, last = node{}, node{}, string(key)
			all = append(all, node{"if": when, "then": then, "else": node{"properties": otherwise}})
		}
		otherwise[f.ID] = ref("empty")
		if !f.needed() {
			continue
		}
		properties, _ := then["properties"].(node)
		if properties == nil {
			properties = node{}
			then["properties"] = properties
		}
		required, _ := then["required"].([]string)
		properties[f.ID], then["required"] = ref("filled"), append(required, f.ID)
	}
	return all
}

// steps tells the order of the questions.
func (w *schemaWriter) steps() []any {
	var steps []any
	for i := range w.form.Steps {
		step := &w.form.Steps[i]
		fields := []string{}
		for j := range step.Sections {
			for k := range step.Sections[j].Fields {
				fields = append(fields, step.Sections[j].Fields[k].ID)
			}
		}
		steps = append(steps, node{"id": step.ID, "title": step.Title.In(w.lang), "fields": fields})
	}
	return steps
}

// persons tells which fields are about one person.
func (w *schemaWriter) persons() []any {
	persons, last := []any{}, node{}
	for _, f := range w.form.order {
		switch {
		case f.person == nil:
			continue
		case last["id"] != f.person.ID:
			last = node{"id": f.person.ID, "title": f.person.Label.In(w.lang), "fields": []string{}}
			persons = append(persons, last)
		}
		fields, _ := last["fields"].([]string)
		last["fields"] = append(fields, f.ID)
	}
	return persons
}
