package i18n

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// Date writes a day: "23/11/2026", "23 November 2026". The zero Date is nothing.
func Date(l Lang, d workday.Date) string {
	if d.IsZero() {
		return ""
	}
	if l == En {
		return fmt.Sprintf("%d %s %d", d.Day, T(l, "format.month."+strconv.Itoa(int(d.Month))), d.Year)
	}
	return fmt.Sprintf("%02d/%02d/%04d", d.Day, int(d.Month), d.Year)
}

// LongDate writes a day with its weekday: "thứ Hai, 23/11/2026", "Monday 23 November 2026".
func LongDate(l Lang, d workday.Date) string {
	if d.IsZero() {
		return ""
	}
	weekday := T(l, "format.weekday."+strconv.Itoa(int(d.Weekday())))
	if l == En {
		return weekday + " " + Date(l, d)
	}
	return weekday + ", " + Date(l, d)
}

// DateTime writes an instant in Vietnam's time: "14:09, 23/11/2026", "14:09, 23 November 2026".
func DateTime(l Lang, t time.Time) string {
	return Clock(l, t) + ", " + Date(l, workday.DateOf(t))
}

// Clock writes the time of the day of an instant in Vietnam: "14:09" in both languages.
func Clock(_ Lang, t time.Time) string { return t.In(workday.Zone).Format("15:04") }

// A Later is an instant to come, as somebody is told it Now.
type Later struct{ Now, At time.Time }

// LaterOf is the instant after a wait, at the next full minute: whoever comes back by their clock does not
// come too early.
func LaterOf(now time.Time, wait time.Duration) Later {
	at := now.Add(wait)
	if full := at.Truncate(time.Minute); full.Before(at) {
		at = full.Add(time.Minute)
	}
	return Later{now, at}
}

// In writes the instant in Vietnam's time, with its day unless that is today: "14:35", "08:05, 28/11/2026".
func (t Later) In(l Lang) string {
	if workday.DateOf(t.At) == workday.DateOf(t.Now) {
		return Clock(l, t.At)
	}
	return DateTime(l, t.At)
}

// Number writes an integer with its digits in groups: "1.500", "1,500".
func Number(l Lang, n int64) string { return dong.Amount(n).Grouped(group(l)) }

// Money writes a sum: "150.000 đ", "VND 150,000", with a NO-BREAK SPACE.
func Money(l Lang, a dong.Amount) string {
	if l == En {
		return "VND" + nbsp + a.Grouped(group(l))
	}
	return a.String()
}

// Size writes a number of bytes, in units of 1024 and with one decimal at most: "1,2 MB", "1.2 MB", "20 MB",
// with a NO-BREAK SPACE. It rounds down, so a size never reads larger than it is: a limit is never shown as
// more than it allows.
func Size(l Lang, bytes int64) string {
	if bytes < 1024 {
		return strings.ReplaceAll(T(l, "format.bytes", "Count", bytes), " ", nbsp)
	}
	unit, name := int64(1024), "KB"
	for _, larger := range []string{"MB", "GB", "TB"} {
		if bytes/unit < 1024 {
			break
		}
		unit, name = unit*1024, larger
	}
	text := Number(l, bytes/unit)
	if tenth := bytes % unit * 10 / unit; tenth > 0 {
		text += decimal(l) + strconv.FormatInt(tenth, 10)
	}
	return text + nbsp + name
}

func group(l Lang) string {
	if l == En {
		return ","
	}
	return "."
}

func decimal(l Lang) string {
	if l == En {
		return "."
	}
	return ","
}

// formatted writes the values that each language writes in its own way, and leaves the others to the
// template.
func formatted(l Lang, value any) any {
	switch v := value.(type) {
	case dong.Amount:
		return Money(l, v)
	case workday.Date:
		return Date(l, v)
	case time.Time:
		return DateTime(l, v)
	case Later:
		return v.In(l)
	case Text:
		return v.In(l)
	}
	return value
}

// communeKinds are the kinds of communes, and what each is in English.
var communeKinds = []struct{ vi, en string }{{"Xã", "Commune"}, {"Phường", "Ward"},
	{"Đặc khu", "Special Zone"}}

// Commune writes the name of a commune, given in Vietnamese: "Phường Hoa Lư" is "Hoa Lư Ward" in English. A
// name without a known kind in front stays as it is.
func Commune(l Lang, name string) string {
	kind, bare := CommuneKind(name)
	if l == Vi || kind == "" {
		return name
	}
	for _, k := range communeKinds {
		if k.vi == kind {
			name = bare + " " + k.en
		}
	}
	return name
}

// communeShort are the kinds as people shorten them, and the towns of before July 2025, whose kind is gone.
var communeShort = regexp.MustCompile(`(?i)^(p|f|phường|phuong|x|xã|xa|tt|thị trấn|thi tran|đk|dk)(\. ?| )(.+)$`)

// communeTail is what people put behind a commune: its district or city of before July 2025, its province.
var communeTail = regexp.MustCompile(`(?i)( ?, ?(` +
	`(q|h|tp|tx|t)(\. ?| )|quận |huyện |thành phố |thị xã |tỉnh |quan |huyen |thanh pho |thi xa |tinh )[^,]+)+$`)

// CommuneInFull writes the kind of a commune in full where it is shortened: "P. Hoa Lư" is "Phường Hoa Lư".
// The kind of an old town, and districts, cities and provinces behind the name, are left out. The text is
// plain, see number.Plain.
func CommuneInFull(text string) string {
	text = communeTail.ReplaceAllString(text, "")
	m := communeShort.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	switch strings.ToLower(m[1]) {
	case "p", "f", "phường", "phuong":
		return "Phường " + m[3]
	case "x", "xã", "xa":
		return "Xã " + m[3]
	case "đk", "dk":
		return "Đặc khu " + m[3]
	}
	return m[3]
}

// CommuneKind splits the kind of a commune from its name: "Phường" and "Hoa Lư". The kind is "" where there
// is none.
func CommuneKind(name string) (kind, bare string) {
	for _, k := range communeKinds {
		if rest, ok := strings.CutPrefix(name, k.vi+" "); ok {
			return k.vi, rest
		}
	}
	return "", name
}
