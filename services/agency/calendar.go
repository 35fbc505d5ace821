package agency

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A CalendarFile is an office calendar as data: the hours of a week, the days off, and the days worked in
// their place. Provisional says of a day that no published decision settles it yet.
type CalendarFile struct {
	Name        string       `json:"name"`
	Title       i18n.Text    `json:"title"`
	From        workday.Date `json:"from"`    // first day that the data knows
	Through     workday.Date `json:"through"` // last day that the data knows
	Provisional *i18n.Text   `json:"provisional,omitempty"`
	// by English name of the day in lower case; none when off
	Week   map[string][]workday.Hours `json:"week"`
	Off    []SpecialDay               `json:"off"`
	MakeUp []SpecialDay               `json:"make_up"`
}

// A SpecialDay is a day on which the week does not hold.
type SpecialDay struct {
	Date        workday.Date `json:"date"`
	Name        i18n.Text    `json:"name"`
	Provisional *i18n.Text   `json:"provisional,omitempty"`
}

// Calendar returns the calendar for computing, with Vietnamese names of days, or an error that lists what is
// wrong with the data.
func (f CalendarFile) Calendar() (*workday.Calendar, error) {
	c := &workday.Calendar{
		Name: f.Name, From: f.From, Through: f.Through,
		Off: map[workday.Date]string{}, MakeUp: map[workday.Date]string{},
	}
	var faults []error
	wrong := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("agency: calendar %q: "+format, append([]any{f.Name}, args...)...))
	}
	if f.Name == "" || f.From.IsZero() || f.Through.Before(f.From) {
		wrong("needs a name and a range of days")
	}
	for name, hours := range f.Week {
		day, ok := weekday(name)
		if !ok {
			wrong("unknown day %q", name)
			continue
		}
		for i, h := range hours {
			if h.To <= h.From || i > 0 && h.From < hours[i-1].To {
				wrong("hours of %s are not in order", name)
			}
		}
		c.Week[day] = hours
	}
	if len(c.Week[time.Monday]) == 0 {
		wrong("monday has no hours, by which make-up days are worked")
	}
	add := func(days []SpecialDay, to map[workday.Date]string, what string) {
		for _, d := range days {
			if d.Name.Vi == "" || d.Name.En == "" || d.Date.Before(f.From) || d.Date.After(f.Through) {
				wrong("%s %s needs a name in both languages and a day in range", what, d.Date)
			}
			if _, off := c.Off[d.Date]; off || to[d.Date] != "" {
				wrong("%s %s is there twice", what, d.Date)
			}
			to[d.Date] = d.Name.Vi
		}
	}
	add(f.Off, c.Off, "day off")
	add(f.MakeUp, c.MakeUp, "make-up day")
	for _, d := range f.MakeUp {
		// A Saturday on which the week works the morning only may still be made a whole day.
		if f.wholeDay(d.Date.Weekday()) {
			wrong("make-up day %s is worked by the week already", d.Date)
		}
	}
	return c, errors.Join(faults...)
}

// wholeDay reports whether the week works a day as long as a Monday.
func (f CalendarFile) wholeDay(day time.Weekday) bool {
	hours := f.Week[strings.ToLower(day.String())]
	return len(hours) > 0 && minutes(hours) >= minutes(f.Week["monday"])
}

// minutes is how long a day's hours are.
func minutes(day []workday.Hours) (sum workday.Clock) {
	for _, h := range day {
		sum += h.To - h.From
	}
	return sum
}

func weekday(name string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.ToLower(day.String()) == name {
			return day, true
		}
	}
	return 0, false
}

// dayNames holds the starter calendars' names of days by their Vietnamese form.
var dayNames = sync.OnceValues(func() (map[string]i18n.Text, error) {
	registry, err := Starter()
	if err != nil {
		return nil, err
	}
	names := map[string]i18n.Text{}
	for _, c := range registry.Calendars {
		for _, d := range append(c.Off[:len(c.Off):len(c.Off)], c.MakeUp...) {
			names[d.Name.Vi] = d.Name
		}
	}
	return names, nil
})

// dayName translates the name of a holiday or make-up day, given as the Note of a workday.Step. A name that
// the starter data does not know is returned as it is.
func dayName(note string, l i18n.Lang) string {
	names, err := dayNames()
	if err != nil {
		return note
	}
	if name, ok := names[note]; ok {
		return name.In(l)
	}
	return note
}

// A dayKey is a day as a workday.Step has it.
type dayKey struct {
	date workday.Date
	note string
}

// special holds the SpecialDays of every calendar that this process has read, by dayKey: a Step has room for
// the Vietnamese name only. It stays as small as the calendars are.
var special sync.Map

func (f CalendarFile) remember() {
	for _, days := range [][]SpecialDay{f.Off, f.MakeUp} {
		for _, d := range days {
			special.Store(dayKey{d.Date, d.Name.Vi}, d)
		}
	}
}

// DayText is the name of a holiday or make-up day of a calendar that was read before, and why it is not
// certain yet. For a day that is not known it is the result of dayName.
func DayText(date workday.Date, note string, l i18n.Lang) string {
	known, ok := special.Load(dayKey{date, note})
	if !ok {
		return dayName(note, l)
	}
	day, _ := known.(SpecialDay)
	if day.Provisional == nil {
		return day.Name.In(l)
	}
	return i18n.T(l, "agency.day_provisional", "Name", day.Name, "Why", *day.Provisional)
}

const calendarOf = `select c.definition from agency a join agency_calendar c on c.name = a.calendar where a.id = $1`

// CalendarOf returns the calendar by which an agency works. Errors: ErrNotFound.
func CalendarOf(ctx context.Context, db postgres.DB, id ID) (*workday.Calendar, error) {
	file, err := CalendarFileOf(ctx, db, id)
	if err != nil {
		return nil, err
	}
	file.remember()
	return file.Calendar()
}

// CalendarFileOf returns the calendar by which an agency works as it is stored: with the names of its days in
// both languages, and what of it is provisional. Errors: ErrNotFound.
func CalendarFileOf(ctx context.Context, db postgres.DB, id ID) (*CalendarFile, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	var file CalendarFile
	err := db.QueryRow(ctx, calendarOf, id).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("agency: calendar of %s: %w", id, err)
	}
	return &file, nil
}

// Special returns what is special about a day: that it is off although offices usually work on that day of
// the week, or the other way round. It is nil for any other day.
func (f *CalendarFile) Special(d workday.Date) *SpecialDay {
	for _, days := range [][]SpecialDay{f.Off, f.MakeUp} {
		for i := range days {
			if days[i].Date == d {
				return &days[i]
			}
		}
	}
	return nil
}
