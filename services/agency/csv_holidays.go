package agency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/workday"
)

// The kinds of a Holiday.
const (
	dayOff    = "off"     // off, though the week says otherwise
	dayMakeUp = "make_up" // worked in place of another day
	dayUsual  = "usual"   // neither any more: takes back an earlier entry
)

// A Holiday is one day of a CSV file on which offices do not keep their week.
type Holiday struct {
	Line     int
	Kind     string
	Calendar string // "" for every calendar
	Day      SpecialDay
}

// ReadHolidays reads days off and make-up days from a CSV with the columns date (2026-02-16), kind (off,
// make_up, or usual to take an earlier entry back) and name, and any of name_en (the name in Vietnamese when
// empty), calendar (empty: all calendars), provisional and provisional_en (why the day is not certain yet).
// The error tells every fault with its line.
func ReadHolidays(from io.Reader) ([]Holiday, error) {
	lines, err := readCSV(from, []string{"date", "kind"}, []string{"name", "name_en", "calendar",
		"provisional", "provisional_en"})
	if err != nil {
		return nil, err
	}
	var days []Holiday
	var wrong faults
	seen := map[string]int{}
	for _, l := range lines {
		h := Holiday{
			Line: l.number, Kind: l.cells["kind"], Calendar: l.cells["calendar"],
			Day: SpecialDay{Name: i18n.Text{Vi: l.cells["name"], En: l.cells["name_en"]}},
		}
		date := wrong.date(l, "date")
		if date != nil {
			h.Day.Date = *date
		}
		if !slices.Contains([]string{dayOff, dayMakeUp, dayUsual}, h.Kind) {
			wrong.add(l.number, "kind %q is none of off, make_up, usual", h.Kind)
		}
		if h.Kind != dayUsual && h.Day.Name.Vi == "" {
			wrong.add(l.number, "name is empty")
		}
		if h.Day.Name.En == "" {
			h.Day.Name.En = h.Day.Name.Vi
		}
		if l.has("provisional") != l.has("provisional_en") {
			wrong.add(l.number, "needs provisional in both languages or in none")
		}
		if l.has("provisional") {
			h.Day.Provisional = &i18n.Text{Vi: l.cells["provisional"], En: l.cells["provisional_en"]}
		}
		key := h.Calendar + " " + h.Day.Date.String()
		if date != nil && seen[key] > 0 {
			wrong.add(l.number, "%s is on line %d already", h.Day.Date, seen[key])
		}
		seen[key] = l.number
		days = append(days, h)
	}
	return days, wrong.err()
}

const lockCalendars = `select definition from agency_calendar order by name for update`

// ImportHolidays sets days in the calendars; days that the file does not name stay. Through is the last day
// that the calendars know from now on, once the holidays of a new year are decided; zero leaves it. The same
// file again changes nothing. Every fault is returned; the transaction must then be given up.
func ImportHolidays(ctx context.Context, tx pgx.Tx, days []Holiday, through workday.Date) (Changes, error) {
	rows, err := tx.Query(ctx, lockCalendars)
	if err != nil {
		return Changes{}, fmt.Errorf("agency: read calendars: %w", err)
	}
	calendars, err := pgx.CollectRows(rows, pgx.RowTo[CalendarFile])
	if err != nil {
		return Changes{}, fmt.Errorf("agency: read calendars: %w", err)
	}
	var changes Changes
	var wrong faults
	for _, h := range days {
		if h.Calendar != "" && !slices.ContainsFunc(calendars, func(c CalendarFile) bool {
			return c.Name == h.Calendar
		}) {
			wrong.add(h.Line, "the calendar %q is unknown", h.Calendar)
		}
	}
	for _, c := range calendars {
		if through.After(c.Through) {
			c.Through = through
		}
		c.set(days, &wrong)
		works, err := c.Calendar()
		if err == nil {
			err = restTooLong(works)
		}
		if err != nil {
			wrong.all = append(wrong.all, err)
			continue
		}
		definition, err := json.Marshal(c)
		if err != nil {
			return Changes{}, fmt.Errorf("agency: write calendar %s: %w", c.Name, err)
		}
		if err := changes.count(tx.QueryRow(ctx, putCalendar, c.Name, definition)); err != nil {
			return Changes{}, fmt.Errorf("agency: import calendar %s: %w", c.Name, err)
		}
	}
	if len(calendars) == 0 {
		return Changes{}, errors.New("agency: there is no calendar; portal import starter brings the first")
	}
	return changes, wrong.err()
}

// longestRest is how many days in a row may be off. It is far more than any Tết, and small enough to keep a
// due date near.
const longestRest = 31

// restTooLong refuses a calendar that a file has left with more than longestRest days off in a row.
func restTooLong(c *workday.Calendar) error {
	rest := 0
	for d := c.From; !d.After(c.Through); d = d.AddDays(1) {
		if rest++; c.Works(d) {
			rest = 0
		}
		if rest > longestRest {
			return fmt.Errorf("agency: the calendar %s would have no working day from %s to %s or longer; "+
				"are days off of whole months meant?",
				c.Name, d.AddDays(-longestRest), d)
		}
	}
	return nil
}

// set puts into the calendar those of the days that are meant for it.
func (f *CalendarFile) set(days []Holiday, wrong *faults) {
	for _, h := range days {
		if h.Calendar != "" && h.Calendar != f.Name {
			continue
		}
		if h.Day.Date.Before(f.From) || h.Day.Date.After(f.Through) {
			wrong.add(h.Line,
				"%s is outside the calendar %s, which knows %s to %s; --through makes it know more",
				h.Day.Date, f.Name, f.From, f.Through)
			continue
		}
		other := func(d SpecialDay) bool { return d.Date == h.Day.Date }
		f.Off, f.MakeUp = slices.DeleteFunc(f.Off, other), slices.DeleteFunc(f.MakeUp, other)
		switch h.Kind {
		case dayOff:
			f.Off = append(f.Off, h.Day)
		case dayMakeUp:
			if f.wholeDay(h.Day.Date.Weekday()) {
				wrong.add(h.Line, "%s is a make-up day that the calendar %s works by its week already",
					h.Day.Date, f.Name)
				continue
			}
			f.MakeUp = append(f.MakeUp, h.Day)
		}
	}
	for _, all := range [][]SpecialDay{f.Off, f.MakeUp} {
		slices.SortFunc(all, func(a, b SpecialDay) int { return a.Date.Compare(b.Date) })
	}
}
