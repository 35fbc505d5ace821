package procedure

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/workday"
)

// nationalChannelIDs are the channels in the order to show. The order in the records means nothing.
var nationalChannelIDs = []struct{ id, name string }{{Online, "Trực tuyến"}, {Counter, "Trực tiếp"}, {Post, "Dịch vụ bưu chính"}}

// nationalChannels reads the ways of filing with times and fees. A record may list one several times.
func (d *Definition) nationalChannels(r *nationalRecord) (left []string) {
	for _, known := range nationalChannelIDs {
		var rows []nationalChannel
		for _, row := range r.CACHTHUCTHUCHIEN {
			if tidy(row.KENH) == known.name {
				rows = append(rows, row)
			}
		}
		if len(rows) == 0 {
			continue
		}
		c := Channel{ID: known.id, Times: []Time{}}
		c.nationalTimes(rows)
		if fee, certain := certainFee(rows); certain {
			d.addNationalFee(fee, known.id)
		} else {
			c.nationalFeeText(rows)
		}
		d.Channels = append(d.Channels, c)
	}
	for _, row := range r.CACHTHUCTHUCHIEN {
		if name := tidy(row.KENH); !slices.ContainsFunc(nationalChannelIDs, func(k struct{ id, name string }) bool { return k.name == name }) {
			left = append(left, fmt.Sprintf("the channel %.40q", name))
		}
	}
	return left
}

// The units of a time that mean the same to the portal. An hour is not among them: the records count hours of the
// clock and of the office alike.
var nationalUnits = map[string]workday.Unit{"Ngày làm việc": workday.WorkingDay, "Ngày": workday.CalendarDay, "Tháng": workday.Month}

// longestTerm is more than any procedure takes, in any unit.
const longestTerm = 1000

// nationalTerm is the time of a row where number and unit are certain.
func nationalTerm(row nationalChannel) (workday.Term, bool) {
	unit, known := nationalUnits[tidy(row.DONVITINH)]
	n := row.THOIGIANGIAIQUYET
	if !known || n == nil || *n != math.Trunc(*n) || *n < 1 || *n > longestTerm {
		return workday.Term{}, false
	}
	return workday.Term{Amount: int(*n), Unit: unit}, true
}

// nationalTimes sets the channel's time when all its rows agree on it, else keeps what each says.
func (c *Channel) nationalTimes(rows []nationalChannel) {
	first, certain := nationalTerm(rows[0])
	for _, row := range rows[1:] {
		other, ok := nationalTerm(row)
		certain = certain && ok && other == first
	}
	var notes []string
	for _, row := range rows {
		note := tidy(row.MOTA)
		if !certain {
			c.TimeText = appendText(c.TimeText, timeText(row, note))
		} else if note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	if certain {
		c.Times = []Time{{Term: first, Note: i18n.Text{Vi: strings.Join(notes, "\n")}}}
	}
}

func appendText(all []i18n.Text, t i18n.Text) []i18n.Text {
	if t.Vi == "" || slices.Contains(all, t) {
		return all
	}
	return append(all, t)
}

// timeText says a time as the record does.
func timeText(row nationalChannel, note string) i18n.Text {
	if row.THOIGIANGIAIQUYET == nil {
		return i18n.Text{Vi: note}
	}
	number := strings.ReplaceAll(strconv.FormatFloat(*row.THOIGIANGIAIQUYET, 'f', -1, 64), ".", ",")
	after := ""
	if note != "" {
		after = ": " + note
	}
	if unit := tidy(row.DONVITINH); unit != "" {
		return i18n.Text{Vi: number + " " + strings.ToLower(unit) + after}
	}
	if note != "" {
		return i18n.Text{Vi: i18n.T(i18n.Vi, "procedure.source.no_unit", "Amount", number) + after}
	}
	return i18n.Text{
		Vi: i18n.T(i18n.Vi, "procedure.source.no_unit", "Amount", number),
		En: i18n.T(i18n.En, "procedure.source.no_unit", "Amount", number),
	}
}

// perUnit is a note that says again what is paid, and for what: "100.000 đồng/Giấy chứng nhận."
var perUnit = regexp.MustCompile(`^([0-9.]{1,15}) ?(?:đồng|đ|VNĐ|VND) ?/ ?([^0-9/(),;:.]{1,40})\.?$`)

// certainFee returns the fee of a channel when all its rows agree on a single figure and no note changes it.
func certainFee(rows []nationalChannel) (FeeRule, bool) {
	var fee FeeRule
	for i, row := range rows {
		if len(row.PHILEPHI) != 1 || i > 0 && !sameFee(row.PHILEPHI[0], rows[0].PHILEPHI[0]) {
			return FeeRule{}, false
		}
	}
	f := rows[0].PHILEPHI[0]
	if f.SOTIEN == nil || *f.SOTIEN != math.Trunc(*f.SOTIEN) || *f.SOTIEN < 0 || *f.SOTIEN > MostFee {
		return FeeRule{}, false
	}
	fee.Amount, fee.Unit = new(dong.Amount(*f.SOTIEN)), UnitFlat
	switch note := tidy(f.MOTA); {
	case note == "", *fee.Amount == 0 && none(note):
	default:
		said := perUnit.FindStringSubmatch(note)
		if said == nil || strings.ReplaceAll(said[1], ".", "") != strconv.FormatInt(int64(*fee.Amount), 10) || *fee.Amount == 0 {
			return FeeRule{}, false
		}
		fee.UnitName = vi(said[2])
	}
	switch tidy(f.LOAI) {
	case "Phí":
		fee.Code, fee.Kind, fee.Name = "phi", "phi", i18n.Text{Vi: "Phí"}
	case "Lệ phí":
		fee.Code, fee.Kind, fee.Name = "le_phi", "le_phi", i18n.Text{Vi: "Lệ phí"}
	default:
		fee.Code, fee.Name = "phi_le_phi", i18n.Text{Vi: "Phí, lệ phí"}
	}
	return fee, true
}

func sameFee(a, b nationalFee) bool {
	if a.SOTIEN == nil || b.SOTIEN == nil {
		return false
	}
	return *a.SOTIEN == *b.SOTIEN && a.LOAI == b.LOAI && a.MOTA == b.MOTA
}

// addNationalFee adds a fee, or its channel where another has the same.
func (d *Definition) addNationalFee(fee FeeRule, channel string) {
	for i := range d.Fees {
		known := &d.Fees[i]
		if known.Code == fee.Code && *known.Amount == *fee.Amount && known.UnitName == fee.UnitName {
			known.Channels = append(known.Channels, channel)
			return
		}
	}
	fee.Channels = []string{channel}
	d.Fees = append(d.Fees, fee)
}

// nationalFeeText keeps what the rows say of fees.
func (c *Channel) nationalFeeText(rows []nationalChannel) {
	for _, row := range rows {
		for _, f := range row.PHILEPHI {
			var said []string
			if kind := tidy(f.LOAI); kind != "" {
				said = append(said, kind)
			}
			if f.SOTIEN != nil && *f.SOTIEN == math.Trunc(*f.SOTIEN) && *f.SOTIEN >= 0 && *f.SOTIEN <= MostFee {
				said = append(said, i18n.Money(i18n.Vi, dong.Amount(*f.SOTIEN)))
			}
			if note := tidy(f.MOTA); note != "" {
				said = append(said, note)
			}
			c.FeeText = appendText(c.FeeText, i18n.Text{Vi: strings.Join(said, ": ")})
		}
	}
}
