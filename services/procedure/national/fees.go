package national

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/procedure"
)

// perUnit is a note that only repeats the price and the unit: "100.000 đồng/Giấy chứng nhận."
var perUnit = regexp.MustCompile(`^([0-9.]{1,15}) ?(?:đồng|đ|VNĐ|VND) ?/ ?([^0-9/(),;:.]{1,40})\.?$`)

// certainFee returns the fee of a channel when all its rows agree on a single figure and no note changes it.
func certainFee(rows []filing) (procedure.FeeRule, bool) {
	var certain procedure.FeeRule
	for i, row := range rows {
		if len(row.PHILEPHI) != 1 || i > 0 && !sameFee(row.PHILEPHI[0], rows[0].PHILEPHI[0]) {
			return procedure.FeeRule{}, false
		}
	}
	f := rows[0].PHILEPHI[0]
	if !f.certain() {
		return procedure.FeeRule{}, false
	}
	certain.Amount, certain.Unit = new(dong.Amount(*f.SOTIEN)), procedure.UnitFlat
	switch note := tidy(f.MOTA); {
	case note == "", *certain.Amount == 0 && none(note):
	default:
		said, sum := perUnit.FindStringSubmatch(note), strconv.FormatInt(int64(*certain.Amount), 10)
		if said == nil || strings.ReplaceAll(said[1], ".", "") != sum || *certain.Amount == 0 {
			return procedure.FeeRule{}, false
		}
		certain.UnitName = vi(said[2])
	}
	switch tidy(f.LOAI) {
	case "Phí":
		certain.Code, certain.Kind, certain.Name = "phi", "phi", i18n.Text{Vi: "Phí"}
	case "Lệ phí":
		certain.Code, certain.Kind, certain.Name = "le_phi", "le_phi", i18n.Text{Vi: "Lệ phí"}
	default:
		certain.Code, certain.Name = "phi_le_phi", i18n.Text{Vi: "Phí, lệ phí"}
	}
	return certain, true
}

// certain reports whether the sum is one that a fee can have.
func (f statedFee) certain() bool {
	return f.SOTIEN != nil && *f.SOTIEN == math.Trunc(*f.SOTIEN) && *f.SOTIEN >= 0 &&
		*f.SOTIEN <= procedure.MostFee
}

func sameFee(a, b statedFee) bool {
	if a.SOTIEN == nil || b.SOTIEN == nil {
		return false
	}
	return *a.SOTIEN == *b.SOTIEN && a.LOAI == b.LOAI && a.MOTA == b.MOTA
}

// addFee adds a fee; if another channel has the same fee, its rule gets this channel too.
func addFee(d *procedure.Definition, certain procedure.FeeRule, channel string) {
	for i := range d.Fees {
		known := &d.Fees[i]
		if known.Code == certain.Code && *known.Amount == *certain.Amount &&
			known.UnitName == certain.UnitName {
			known.Channels = append(known.Channels, channel)
			return
		}
	}
	certain.Channels = []string{channel}
	d.Fees = append(d.Fees, certain)
}

// setFeeText keeps what the rows say of fees.
func setFeeText(c *procedure.Channel, rows []filing) {
	for _, row := range rows {
		for _, f := range row.PHILEPHI {
			var said []string
			if kind := tidy(f.LOAI); kind != "" {
				said = append(said, kind)
			}
			if f.certain() {
				said = append(said, i18n.Money(i18n.Vi, dong.Amount(*f.SOTIEN)))
			}
			if note := tidy(f.MOTA); note != "" {
				said = append(said, note)
			}
			c.FeeText = appendText(c.FeeText, i18n.Text{Vi: strings.Join(said, ": ")})
		}
	}
}
