package workday

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
)

// Zone is Vietnam's time, UTC+7 all year. It is fixed here so that no machine needs a time zone database.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// A Date is a calendar day in Vietnam, without time or zone. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day in Vietnam at an instant.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Zone).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-11-23", exactly: four, two and two digits of a day that exists.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("workday: %q is not a date as 2026-11-23", s)
	}
	y, m, d := t.Date()
	return Date{y, m, d}, nil
}

// String gives "2026-11-23", and nothing for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	y, m, day := time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, day}
}

// AddMonths returns the day with the same number n months later, or the last day of that month when it has no
// such day (Civil Code 2015, art. 148(3)).
func (d Date) AddMonths(n int) Date {
	last := Date{d.Year, d.Month + time.Month(n) + 1, 0}.AddDays(0)
	last.Day = min(last.Day, d.Day)
	return last
}

// DaysSince counts the days from e to d, below zero when e is later.
func (d Date) DaysSince(e Date) int {
	const day = 24 * 60 * 60
	midnight := func(d Date) int64 { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() }
	return int((midnight(d) - midnight(e)) / day)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Compare returns -1, 0 or 1 as d is before, equal to or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// At returns the instant of a time of the day in Vietnam.
func (d Date) At(c Clock) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, int(c), 0, 0, Zone)
}

// MarshalText gives what String gives, so that JSON and map keys show "2026-11-23".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText gives.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value writes a `date` column. The zero Date is an error: a column that may be null has a *Date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, fmt.Errorf("workday: zero date for the database")
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), nil
}

// Scan reads a `date` column. Null is an error: a column that may be null has a *Date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		// A date arrives as midnight in the driver's zone; its own fields are the day.
		y, m, day := v.Date()
		*d = Date{y, m, day}
		return nil
	case string:
		return d.scanText(v)
	case []byte:
		return d.scanText(string(v))
	}
	return fmt.Errorf("workday: cannot read a date from %T", src)
}

func (d *Date) scanText(s string) error {
	parsed, err := ParseDate(s)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// A Clock is a time of the day in minutes from midnight, 0 to 1440 (24:00, the end of the day).
type Clock int

// ParseClock reads "15:00", two digits each, up to "24:00".
func ParseClock(s string) (Clock, error) {
	if len(s) == 5 && s[2] == ':' {
		digit := func(i int) int { return int(s[i]) - '0' }
		h, m := 10*digit(0)+digit(1), 10*digit(3)+digit(4)
		for _, i := range []int{0, 1, 3, 4} {
			if d := digit(i); d < 0 || d > 9 {
				h = -1
			}
		}
		if c := Clock(h*60 + m); h >= 0 && m < 60 && c <= 24*60 {
			return c, nil
		}
	}
	return 0, fmt.Errorf("workday: %q is not a time as 15:00", s)
}

// String gives "15:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText gives what String gives.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText gives.
func (c *Clock) UnmarshalText(text []byte) error {
	parsed, err := ParseClock(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
