package national

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// channelsInOrder are the channels in the order to show. The order in the records means nothing.
var channelsInOrder = []channelName{
	{procedure.Online, "Trực tuyến"},
	{procedure.Counter, "Trực tiếp"},
	{procedure.Post, "Dịch vụ bưu chính"},
}

// channelName is a channel with its name in the records.
type channelName struct{ id, name string }

// readChannels reads the ways of filing with times and fees. A record may list one several times.
func readChannels(d *procedure.Definition, r *record) (left []string) {
	for _, known := range channelsInOrder {
		var rows []filing
		for _, row := range r.CACHTHUCTHUCHIEN {
			if tidy(row.KENH) == known.name {
				rows = append(rows, row)
			}
		}
		if len(rows) == 0 {
			continue
		}
		c := procedure.Channel{ID: known.id, Times: []procedure.Time{}}
		setTimes(&c, rows)
		if fee, certain := certainFee(rows); certain {
			addFee(d, fee, known.id)
		} else {
			setFeeText(&c, rows)
		}
		d.Channels = append(d.Channels, c)
	}
	for _, row := range r.CACHTHUCTHUCHIEN {
		name := tidy(row.KENH)
		if !slices.ContainsFunc(channelsInOrder, func(k channelName) bool { return k.name == name }) {
			left = append(left, fmt.Sprintf("the channel %.40q", name))
		}
	}
	return left
}

// The units of time that mean the same in the records and in the portal. The hour is left out, because the
// records do not tell hours of the clock from hours of the office.
var units = map[string]workday.Unit{
	"Ngày làm việc": workday.WorkingDay,
	"Ngày":          workday.CalendarDay,
	"Tháng":         workday.Month,
}

// longestTerm is more than any procedure takes, in any unit.
const longestTerm = 1000

// termOf is the time of a row; ok only where its number and unit are certain.
func termOf(row filing) (workday.Term, bool) {
	unit, known := units[tidy(row.DONVITINH)]
	n := row.THOIGIANGIAIQUYET
	if !known || n == nil || *n != math.Trunc(*n) || *n < 1 || *n > longestTerm {
		return workday.Term{}, false
	}
	return workday.Term{Amount: int(*n), Unit: unit}, true
}

// setTimes sets the channel's time when all its rows agree on it, else keeps what each says.
func setTimes(c *procedure.Channel, rows []filing) {
	first, certain := termOf(rows[0])
	for _, row := range rows[1:] {
		other, ok := termOf(row)
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
		c.Times = []procedure.Time{{Term: first, Note: i18n.Text{Vi: strings.Join(notes, "\n")}}}
	}
}

// timeText says a time as the record does.
func timeText(row filing, note string) i18n.Text {
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
