package eform

import (
	"congdvc/identity/number"
)

// The canonical texts of numbers and dates, exactly: a date that the calendar does not have does not match.
const (
	fraction1 = `(\.[1-9])?`
	fraction2 = `(\.[0-9]?[1-9])?`
	wholes    = `(0|-?[1-9][0-9]{0,14})`
	sums      = `(0|[1-9][0-9]{0,14})`
	someYear  = `(1[89][0-9]{2}|2[01][0-9]{2}|2200)`
	leapYear  = `((1[89]|2[01])(0[48]|[2468][048]|[13579][26])|2000)`
	someMonth = `(0[1-9]|1[0-2])`
	someDay   = `(` + someYear +
		`-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|` + leapYear + `-02-29)`
	somePeriod = `(` + someYear + `(-` + someMonth + `)?|` + someDay + `)`
)

func exactly(pattern string) node { return node{"type": "string", "pattern": "^" + pattern + "$"} }

// value is the schema of an answered field or of a filled cell.
func (w *schemaWriter) value(f *Field) node { return f.kind().schema(w, f) }

func anyTextSchema(*schemaWriter, *Field) node { return node{"type": "string"} }

func textSchema(_ *schemaWriter, f *Field) node {
	return node{"type": "string", "minLength": 1, "maxLength": f.MaxLength}
}

func nameSchema(*schemaWriter, *Field) node {
	return node{"type": "string", "minLength": 1, "maxLength": 100}
}

func citizenIDSchema(*schemaWriter, *Field) node {
	id := exactly(`[0-9]{12}`)
	id["not"] = node{"pattern": "^000"}
	return id
}

func taxCodeSchema(*schemaWriter, *Field) node {
	return exactly(`([0-9]{10}|[0-9]{12}|[0-9]{10}-[0-9]{3})`)
}

func phoneSchema(*schemaWriter, *Field) node {
	return node{"type": "string", "pattern": number.PhonePattern}
}

func emailSchema(*schemaWriter, *Field) node {
	return node{"type": "string", "format": "email", "minLength": 3, "maxLength": 254}
}

func numberSchema(w *schemaWriter, f *Field) node {
	if f.Decimals == 0 {
		return boundedSchema(wholes)(w, f)
	}
	schema := boundedSchema(`-?(0|[1-9][0-9]{0,14})`+[]string{fraction1, fraction2}[f.Decimals-1])(w, f)
	schema["not"] = node{"const": "-0"}
	return schema
}

// boundedSchema is for numbers, sums and dates. It includes those of their bounds that do not move with the
// day.
func boundedSchema(pattern string) func(*schemaWriter, *Field) node {
	return func(_ *schemaWriter, f *Field) node {
		schema := exactly(pattern)
		var bounds []any
		for _, b := range []struct {
			op string
			at Bound
		}{{opGe, f.Min}, {opLe, f.Max}} {
			if b.at != "" && b.at != todayWord {
				bounds = append(bounds, node{"pattern": f.orderPattern(b.op, string(b.at))})
			}
		}
		if len(bounds) > 0 {
			schema["allOf"] = bounds
		}
		return schema
	}
}

func entrySchema(w *schemaWriter, f *Field) node { return w.oneOf(f) }

func entriesSchema(w *schemaWriter, f *Field) node {
	many := node{"type": "array", "items": w.oneOf(f), "uniqueItems": true, "minItems": max(1, f.least())}
	if f.Max != "" {
		many["maxItems"] = f.most()
	}
	return many
}

// oneOf lists the values of a choice; those of a dictionary stand among the definitions.
func (w *schemaWriter) oneOf(f *Field) node {
	name := "dictionary." + f.Dictionary
	if f.Dictionary == "" || w.defs[name] == nil {
		var values []any
		for _, o := range f.entries() {
			values = append(values, node{"const": o.Value, "title": o.Label.In(w.lang)})
		}
		if f.Dictionary == "" {
			return node{"oneOf": values}
		}
		w.defs[name] = node{"oneOf": values}
	}
	return node{"allOf": []any{ref(name)}}
}

func addressSchema(w *schemaWriter, f *Field) node {
	province := w.oneOf(&Field{Type: Choice, Dictionary: provinces})
	text := node{"type": []string{"string", "null"}, "maxLength": defaultText}
	needed := node{"type": "string", "minLength": 1, "maxLength": defaultText}
	parts := node{
		PartProvince: province, PartCommune: needed, PartCommuneName: text, PartDetail: text,
		PartOld: text,
	}
	required := []string{PartProvince, PartCommune}
	if f.NeedDetail {
		parts[PartDetail], required = needed, append(required, PartDetail)
	}
	row := node{"type": "object", "properties": parts, "required": required, "additionalProperties": false}
	return node{"type": "array", "minItems": 1, "maxItems": 1, "items": row}
}

// tableSchema allows blank rows between the others, as the check does: only filled rows count.
func tableSchema(w *schemaWriter, f *Field) node {
	cells, required := node{}, []string{}
	for i := range f.Columns {
		c := &f.Columns[i]
		cell := w.value(c)
		if c.Optional {
			cell = node{"anyOf": []any{cell, blankText()}}
		} else {
			required = append(required, c.ID)
		}
		cell["title"] = c.Label.In(w.lang)
		cells[c.ID] = cell
	}
	row := node{"type": "object", "properties": cells, "additionalProperties": false}
	if len(required) > 0 {
		row["required"] = required
	}
	return node{
		"type": "array", "items": node{"anyOf": []any{f.blankRow(), row}},
		"contains": node{"not": f.blankRow()}, "minContains": f.least(), "maxContains": f.most(),
	}
}
