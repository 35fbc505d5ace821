package eform

import (
	"strings"

	"congdvc/identity/number"
)

// ReadAddress takes an address in one line apart, as identity providers give it: "Số 5, phường Hoa Lư, tỉnh Ninh Bình" has
// a province of the dictionary, a commune and the rest. What cannot be told with certainty stays in the detail.
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
				row[PartCommune], parts = communeNamed(parts[n-1]), parts[:n-1]
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
	wanted := withoutKind(name, "tinh ", "thanh pho ", "tp. ", "tp ")
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
	folded := number.Fold(name)
	return withoutKind(name, "xa ", "phuong ", "dac khu ") != folded
}

// communeNamed gives the code of a commune that the dictionary names, else the name itself.
func communeNamed(name string) string {
	for _, o := range Dictionary("xa") {
		if number.Fold(o.Label.Vi) == number.Fold(name) {
			return o.Value
		}
	}
	return name
}
