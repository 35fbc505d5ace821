package eform

import (
	"maps"
	"slices"
	"strings"

	"congdvc/i18n"
	"congdvc/identity/number"
)

// ReadAddress splits an address in one line, as identity providers give it: "Số 5, phường Hoa Lư, tỉnh Ninh
// Bình" gives a province of the dictionary, a commune, still in words, and the rest. Whatever is not certain
// stays in the detail.
func ReadAddress(line string) Value {
	var parts []string
	for _, p := range strings.Split(line, ",") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	row := map[string]string{}
	if n := len(parts); n > 1 {
		if code := provinceNamed(parts[n-1]); code != "" {
			row[PartProvince], parts = code, parts[:n-1]
			if n := len(parts); n > 1 && isCommune(parts[n-1]) {
				row[PartCommune], parts = parts[n-1], parts[:n-1]
			}
		}
	}
	if detail := strings.Join(parts, ", "); detail != "" {
		row[PartDetail] = detail
	}
	if len(row) == 0 {
		return Value{}
	}
	return Value{Rows: []map[string]string{row}}
}

// provinceNamed gives the code of a province by its name, with or without its kind before it.
func provinceNamed(name string) string {
	wanted := withoutKind(name, "tinh ", "thanh pho ", "tp. ", "tp ", "tp.", "t. ", "t.")
	for _, o := range Dictionary("tinh") {
		if withoutKind(o.Label.Vi, "tinh ", "thanh pho ") == wanted {
			return o.Value
		}
	}
	return ""
}

func withoutKind(name string, kinds ...string) string {
	folded := number.Fold(name)
	for _, k := range kinds {
		if rest, ok := strings.CutPrefix(folded, k); ok {
			return rest
		}
	}
	return folded
}

func isCommune(name string) bool {
	name = i18n.CommuneInFull(number.Plain(name))
	return withoutKind(name, "xa ", "phuong ", "dac khu ") != number.Fold(name)
}

// A Commune is one that an address can name.
type Commune struct {
	Code string // five digits
	Name string // with its kind: "Phường Hoa Lư"
}

// Province is the province of an address, as its code; "" where it says none.
func Province(address Value) string { return address.first()[PartProvince] }

// Provinces lists the provinces of the addresses in these answers, each once.
func (f *Form) Provinces(a Answers) []string {
	var list []string
	for _, field := range f.order {
		code := Province(a[field.ID])
		if field.Shape() == OneAddress && code != "" && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}

// WithCommunes returns the answers with the commune of each of their addresses by code and name.
func (f *Form) WithCommunes(a Answers, find func(province, typed string) (Commune, bool)) Answers {
	out := maps.Clone(a)
	for _, field := range f.order {
		if v, ok := a[field.ID]; ok && field.Shape() == OneAddress {
			out[field.ID] = WithCommune(v, find)
		}
	}
	return out
}

// WithCommune returns an address with its commune by code and name, where find knows for certain which
// commune of the province (two digits) was typed. Otherwise the commune stays as typed.
func WithCommune(address Value, find func(province, typed string) (Commune, bool)) Value {
	row := maps.Clone(address.first())
	if row[PartCommune] == "" {
		return address
	}
	delete(row, PartCommuneName)
	c, ok := find(row[PartProvince], row[PartCommune])
	if !ok {
		if name := withoutProvince(row[PartCommune], row[PartProvince]); name != "" {
			c, ok = find(row[PartProvince], name)
		}
	}
	if ok {
		row[PartCommune], row[PartCommuneName] = c.Code, c.Name
	}
	return Value{Rows: []map[string]string{row}}
}

// withoutProvince is the name of a commune that its province stands behind: "Phường Hoa Lư - Ninh Bình",
// "Phường Hoa Lư (tỉnh Ninh Bình)". It is "" where that is not what was typed.
func withoutProvince(typed, province string) string {
	typed = number.Bare(typed)
	at := strings.LastIndexAny(typed, ",-(")
	if at < 0 || province == "" || provinceNamed(number.Bare(typed[at+1:])) != province {
		return ""
	}
	return strings.TrimSpace(typed[:at])
}

// CommuneOf reads the commune of an address: its name where its code is known, else what was typed.
func CommuneOf(v Value, l i18n.Lang) string {
	row := v.first()
	if name := row[PartCommuneName]; name != "" {
		return i18n.Commune(l, name)
	}
	return row[PartCommune]
}
