package eform

import (
	"strconv"
	"strings"
	"time"

	"congdvc/identity/number"
	"congdvc/services/workday"
)

// Years outside these are typing mistakes.
const (
	firstYear = 1800
	lastYear  = 2200
)

// span is what a date or partial date says: some day from First to Last.
type span struct{ first, last workday.Date }

// parseSpan reads canonical text: "2006", "2006-01" or "2006-01-02".
func parseSpan(s string) (span, bool) {
	switch len(s) {
	case len("2006"):
		if y, err := strconv.Atoi(s); err == nil && onlyDigits(s) && y >= firstYear && y <= lastYear {
			return span{workday.Date{Year: y, Month: time.January, Day: 1},
				workday.Date{Year: y, Month: time.December, Day: 31}}, true
		}
	case len("2006-01"):
		if first, ok := parseDay(s + "-01"); ok {
			return span{first, first.AddMonths(1).AddDays(-1)}, true
		}
	case len("2006-01-02"):
		if day, ok := parseDay(s); ok {
			return span{day, day}, true
		}
	}
	return span{}, false
}

// parseDay reads "2006-01-02".
func parseDay(s string) (workday.Date, bool) {
	d, err := workday.ParseDate(s)
	return d, err == nil && d.Year >= firstYear && d.Year <= lastYear
}

// moved adds years, then days.
func (s span) moved(years, days int) span {
	return span{s.first.AddMonths(12 * years).AddDays(days), s.last.AddMonths(12 * years).AddDays(days)}
}

// may reports whether s op o is true for at least one reading of both dates. When only the year of a date is
// known, an answer that may be right is not refused.
func (s span) may(op string, o span) bool {
	switch op {
	case opLt, opLe:
		return relation(op, s.first.Compare(o.last))
	case opGt, opGe:
		return relation(op, s.last.Compare(o.first))
	case opEq:
		return !s.first.After(o.last) && !o.first.After(s.last)
	case opNe:
		return s.first != s.last || o.first != o.last || s.first != o.first
	}
	return false
}

// A precision says how much of a date has to be known.
type precision string

const (
	wholeDate  precision = "whole"
	partOfDate precision = "part" // the year, or year and month, are enough
)

// joinDate makes one text of the three boxes. It is canonical when they are a date that is precise enough,
// else the typed parts with slashes between, "31/2/2026". It is empty when nothing was typed.
func joinDate(p precision, day, month, year string) string {
	day, month, year = box(day), box(month), box(year)
	if day == "" && month == "" && year == "" {
		return ""
	}
	if s := canonicalDate(number.Plain(day), number.Plain(month), number.Plain(year)); s != "" {
		if p == partOfDate || len(s) == len("2006-01-02") {
			return s
		}
	}
	return day + "/" + month + "/" + year
}

// box cleans what was typed into one box, and keeps no more of it than is needed to show a mistake. A slash
// would make the joined text ambiguous.
func box(s string) string {
	return clean(cut(clean(strings.ReplaceAll(s, "/", " "), dropLines), 20), dropLines)
}

func canonicalDate(day, month, year string) string {
	if len(year) != 4 || day != "" && month == "" {
		return ""
	}
	text := year
	for _, part := range []string{month, day} {
		if part == "" {
			break
		}
		if len(part) > 2 || !onlyDigits(part) {
			return ""
		}
		text += "-" + ("0" + part)[len(part)-1:]
	}
	if _, ok := parseSpan(text); !ok {
		return ""
	}
	return text
}

// DateBoxes splits the text of a date or partial date, canonical or as typed, for the three boxes of its
// input: "2026-11-05" gives "5", "11", "2026".
func DateBoxes(text string) (day, month, year string) {
	if _, ok := parseSpan(text); ok {
		year, rest, _ := strings.Cut(text, "-")
		month, day, _ := strings.Cut(rest, "-")
		return strings.TrimPrefix(day, "0"), strings.TrimPrefix(month, "0"), year
	}
	parts := strings.SplitN(text, "/", 3)
	if len(parts) != 3 {
		return "", "", text
	}
	return parts[0], parts[1], parts[2]
}
