package agency

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"congdvc/i18n"
	"congdvc/services/workday"
)

// A Row is one agency of a CSV file. What the file does not tell stays as it is in the database, or takes the
// usual.
type Row struct {
	Line  int
	Entry Entry
	has   func(column string) bool
}

// twoLevels is the day on which communes came to stand directly below provinces (Law 72/2025/QH15).
var twoLevels = workday.Date{Year: 2025, Month: 7, Day: 1}

// usualCalendar is the calendar of an agency whose file names none.
const usualCalendar = "hanh-chinh"

var provinceCode = regexp.MustCompile(`^[0-9]{2}$`)

// ReadCommunes reads communes from a CSV with the columns code (5 digits), name ("Hoa Lư"), kind (Xã, Phường,
// Đặc khu) and province_code; full_name, name_en and full_name_en may be there too. Every row becomes a unit
// that addresses can name. A row of the province, two digits as "37", also becomes an agency: the People's
// Committee of the commune, below the agency with the code parent. Its own code is joined of parent, province
// and commune, and it is valid from 1 July 2025. The error tells every fault with its line.
func ReadCommunes(from io.Reader, province, parent string) (rows []Row, units []Unit, err error) {
	if !provinceCode.MatchString(province) {
		return nil, nil, fmt.Errorf("agency: the province %q is not two digits", province)
	}
	lines, err := readCSV(from, []string{"code", "name", "kind", "province_code"},
		[]string{"full_name", "name_en", "full_name_en"})
	if err != nil {
		return nil, nil, err
	}
	var (
		wrong faults
		codes = map[string]int{}
		names = map[string]int{}
	)
	for _, l := range lines {
		code, name := l.cells["code"], l.cells["name"]
		full := l.cells["kind"] + " " + name
		kind, _ := i18n.CommuneKind(full)
		switch {
		case !IsUnit(code):
			wrong.add(l.number, "code %q is not five digits; a spreadsheet may have dropped zeros in front",
				code)
		case codes[code] > 0:
			wrong.add(l.number, "code %s is on line %d already", code, codes[code])
		case kind == "" || kind != l.cells["kind"]:
			wrong.add(l.number, "kind %q is none of Xã, Phường, Đặc khu", l.cells["kind"])
		case !provinceCode.MatchString(l.cells["province_code"]):
			wrong.add(l.number, "province_code %q is not two digits", l.cells["province_code"])
		}
		codes[code] = l.number
		place := l.cells["province_code"] + full
		if names[place] > 0 {
			wrong.add(l.number, "%s is on line %d already", full, names[place])
		} else {
			names[place] = l.number
		}
		units = append(units, Unit{Code: code, Province: l.cells["province_code"], Name: full})
		if l.cells["province_code"] == province {
			rows = append(rows, Row{
				Line: l.number, Entry: commune(code, full, province, parent), has: ofCommune,
			})
		}
	}
	if len(rows) == 0 && len(wrong.all) == 0 {
		return nil, nil, fmt.Errorf("agency: no row is of the province %s", province)
	}
	return rows, units, wrong.err()
}

// ofCommune reports whether a column of a commune's row tells something about its agency.
func ofCommune(column string) bool {
	return column == "name" || column == "kind" || column == "parent" || column == "unit_code"
}

func commune(code, name, province, parent string) Entry {
	kind, bare := i18n.CommuneKind(name)
	joined := []any{"Parent", parent, "Province", province}
	return Entry{
		Code: parent + "." + province + "." + code, UnitCode: code, Kind: Commune, Parent: parent,
		Calendar: usualCalendar, ValidFrom: twoLevels,
		Name: i18n.Text{
			Vi: "UBND " + strings.ToLower(kind) + " " + bare,
			En: i18n.Commune(i18n.En, name) + " People's Committee",
		},
		Provisional: i18n.Text{
			Vi: i18n.T(i18n.Vi, "agency.joined_code", joined...),
			En: i18n.T(i18n.En, "agency.joined_code", joined...),
		},
	}
}

// ReadAgencies reads agencies from a CSV with the columns code, kind (province, department, commune), name,
// name_en and valid_from, and any of parent (a code), calendar, valid_to (first day on which it no longer
// holds), unit_code, qcvn, address, address_en and phone. An empty cell leaves what the database has of an
// agency with that code and first day. The error tells every fault with its line.
func ReadAgencies(from io.Reader) ([]Row, error) {
	lines, err := readCSV(from, []string{"code", "kind", "name", "name_en", "valid_from"},
		[]string{"parent", "calendar", "valid_to", "unit_code", "qcvn", "address", "address_en", "phone"})
	if err != nil {
		return nil, err
	}
	var rows []Row
	var wrong faults
	seen := map[string]int{}
	for _, l := range lines {
		e := Entry{
			Code: l.cells["code"], QCVN: l.cells["qcvn"], UnitCode: l.cells["unit_code"],
			Kind: Kind(l.cells["kind"]), Parent: l.cells["parent"],
			Name:    i18n.Text{Vi: l.cells["name"], En: l.cells["name_en"]},
			Address: i18n.Text{Vi: l.cells["address"], En: l.cells["address_en"]}, Phone: l.cells["phone"],
			Calendar: l.cells["calendar"], ValidTo: wrong.date(l, "valid_to"),
		}
		if from := wrong.date(l, "valid_from"); from != nil {
			e.ValidFrom = *from
		}
		if e.Calendar == "" {
			e.Calendar = usualCalendar
		}
		wrong.entry(l.number, e)
		key := e.Code + " from " + e.ValidFrom.String()
		if seen[key] > 0 {
			wrong.add(l.number, "%s is on line %d already", key, seen[key])
		}
		seen[key] = l.number
		rows = append(rows, Row{Line: l.number, Entry: e, has: l.has})
	}
	return rows, wrong.err()
}

// entry checks what an agency's row says by itself.
func (f *faults) entry(number int, e Entry) {
	if !IsCode(e.Code) {
		f.add(number, "code %q is not one as H42.37.14329", e.Code)
	}
	if e.Kind != Province && e.Kind != Department && e.Kind != Commune {
		f.add(number, "kind %q is none of province, department, commune", e.Kind)
	}
	if e.UnitCode != "" && !IsUnit(e.UnitCode) || e.Kind == Commune && e.UnitCode == "" {
		f.add(number, "unit_code %q is not the five digits of a commune", e.UnitCode)
	}
	if e.ValidTo != nil && e.ValidTo.Before(e.ValidFrom) {
		f.add(number, "valid_to lies before valid_from")
	}
	if e.Parent == e.Code || e.Kind != Province && e.Parent == "" {
		f.add(number, "needs a parent other than itself")
	}
	if (e.Address.Vi == "") != (e.Address.En == "") || strings.ContainsAny(e.Phone, "\n\t") {
		f.add(number, "needs its address in both languages and its telephone on one line")
	}
}
