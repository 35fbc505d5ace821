package eformtest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"congdvc/services/eform"
	"congdvc/services/workday"
)

// Nasty are texts of the wrong kind, form or length.
var Nasty = []string{
	"x", " ", "\u0007", "a\u202eb", "Nguye\u0302\u0303n Lan", " Lan", "Lan ", "Lan\n", "Lan 2", "'", "-0",
	"-0.5", "0", "00", "01", "1.50", "1.5", "1.505", "-1", "1e3", "999999999999999", "9999999999999999",
	"2026-02-29", "2024-02-29", "1900-02-29", "1799-12-31", "2201-01-01", "2200-12-31", "2026", "2026-13",
	"2026-11", "2026-11-5", "31/2/2026", "2090-01-01", "1850-06-15", "037190000123", "000190000123",
	"03719000012", "0100233488", "0100233489", "0100233488-000", "0100233488-001", "0912345678", "912345678",
	"+84912345678", "lan@example.vn", "lan@Example.VN", "lan@", "lan..a@example.vn", "lan@x.1", "yes", "no",
	"maybe", "01", "nam", "nu", "金", "김 Lan", "😀", "Ơ\u0306n", "K‘Brê", "Tan @ Lim", "０９", "+4915123456789",
	"+849123456789", "a\ufe0f", "m²",
}

// Spoil returns answers with one change, nearly always for the worse: a text of the wrong kind, an empty or
// missing answer, the wrong shape, an answer to what is not asked or not known, rows too many.
func Spoil(f *eform.Form, a eform.Answers, r *rand.Rand, on workday.Date) eform.Answers {
	out := maps.Clone(a)
	shown := f.Shown(a)
	var fields []*eform.Field
	for _, field := range f.Fields() {
		if field.Asks() && shown[field.ID] {
			fields = append(fields, field)
		}
	}
	field := fields[r.IntN(len(fields))]
	switch r.IntN(10) {
	case 0:
		delete(out, field.ID)
	case 1:
		out[field.ID] = pick(r, eform.Value{}, eform.Value{Many: []string{"x"}},
			eform.Value{Many: []string{""}}, eform.Value{Text: "x"},
			eform.Value{Rows: []map[string]string{{}}}, eform.Value{Rows: []map[string]string{{"x": ""}}},
			eform.Value{Rows: []map[string]string{{"x": "y"}}})
	case 2:
		if hidden := f.Fields()[r.IntN(len(f.Fields()))]; hidden.Asks() && !shown[hidden.ID] {
			out[hidden.ID] = value(hidden, r, on)
			break
		}
		out["khong_co"] = pick(r, eform.Value{Text: "x"}, eform.Value{})
	case 3:
		out[field.ID] = value(field, r, on) // right by itself
	default:
		out[field.ID] = spoilt(field, a[field.ID], r, on)
	}
	return out
}

func spoilt(f *eform.Field, v eform.Value, r *rand.Rand, on workday.Date) eform.Value {
	switch f.Shape() {
	case eform.TableRows:
		return eform.Value{Rows: spoiltRows(f, v, r, on)}
	case eform.OneAddress:
		row := address(r)
		part := pick(r, eform.PartProvince, eform.PartCommune, eform.PartDetail, eform.PartOld)
		if part == eform.PartCommune {
			delete(row, eform.PartCommuneName)
		}
		row[part] = pick(r, "", "99", long(501), pick(r, Nasty...))
		return pick(r, eform.Value{Rows: []map[string]string{row}},
			eform.Value{Rows: []map[string]string{row, row}})
	case eform.ManyTexts:
		return eform.Value{Many: pick(r, append(slices.Clone(v.Many), pick(r, Nasty...)),
			append(slices.Clone(v.Many), v.Many...), nil)}
	}
	return eform.Value{Text: spoiltText(f, r)}
}

func spoiltText(f *eform.Field, r *rand.Rand) string {
	if r.IntN(8) == 0 {
		return long(pick(r, 100, 101, max(1, f.MaxLength), f.MaxLength+1))
	}
	if f.Searched() && r.IntN(2) == 0 { // typed they are an entry, sent as a value they are none
		name := pick(r, f.Entries()...).Label
		return pick(r, name.Vi, name.En, strings.ToLower(name.Vi), strings.Fields(name.Vi)[0], name.Vi+" x")
	}
	return pick(r, Nasty...)
}

func long(n int) string { return strings.Repeat("ằ", n) }

func spoiltRows(f *eform.Field, v eform.Value, r *rand.Rand, on workday.Date) []map[string]string {
	rows := slices.Clone(v.Rows)
	switch r.IntN(5) {
	case 0: // blank rows do not count
		return append([]map[string]string{{}, {f.Columns[0].ID: ""}}, rows...)
	case 1: // too many, perhaps
		for range 1 + r.IntN(60) {
			rows = append(rows, value(f, r, on).Rows[0])
		}
		return rows
	case 2:
		return append(rows, map[string]string{"khong_co": pick(r, "x", "")})
	}
	if len(rows) == 0 {
		rows = []map[string]string{value(f, r, on).Rows[0]}
	}
	i := r.IntN(len(rows))
	rows[i] = maps.Clone(rows[i])
	c := &f.Columns[r.IntN(len(f.Columns))]
	rows[i][c.ID] = pick(r, "", spoiltText(c, r))
	return rows
}
