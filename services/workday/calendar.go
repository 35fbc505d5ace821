// Package workday computes with calendar days, office hours, holidays and make-up days: when an office works,
// when a term of law ends, and why. It is pure: calendars are data that the caller loads, and the time is an
// argument.
//
// The rules are those that the field follows. A term counts from the working day after valid reception. A
// term of calendar days or months that would end on a day off rolls to the next working day (Civil Code 2015,
// art. 148(5)). A dossier received after the office closes, or on a day off, counts as received on the next
// working day. A supplement request stops the clock.
//
// One rule is not verified in law: calendar days, too, count from the next working day, as one-stop software
// does it, and not from the next day (Civil Code 2015, art. 147(2)).
package workday

import (
	"time"

	"congdvc/services/fault"
)

// ErrCalendarUnknown says that a computation left the days for which the holidays are known.
var ErrCalendarUnknown = fault.New(fault.Unavailable, "workday.calendar_unknown")

// Hours is one stretch of office hours of a day. An office with a lunch break has two.
type Hours struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// A Calendar says when an office works. It is never written to after it was made, so that goroutines share
// it.
type Calendar struct {
	Name string          `json:"name"`
	Week [7][]Hours      `json:"week"` // office hours by time.Weekday, in order; none on a day off
	Off  map[Date]string `json:"off"`  // holidays, with their names
	// days worked although the week has them off or half, with the reason; their hours are Monday's
	MakeUp  map[Date]string `json:"make_up"`
	From    Date            `json:"from"`    // first day that the data knows
	Through Date            `json:"through"` // last day that the data knows
}

// Works reports whether the office works on a day. A day in Off is never worked. Outside of From..Through the
// week alone decides.
func (c *Calendar) Works(d Date) bool { return len(c.hours(d)) > 0 }

// hours returns the office hours of a day, none when it is off.
func (c *Calendar) hours(d Date) []Hours {
	if _, off := c.Off[d]; off {
		return nil
	}
	if _, worked := c.MakeUp[d]; worked {
		return c.Week[time.Monday]
	}
	return c.Week[d.Weekday()]
}

// Closing returns the instant at which the office closes on a working day; on a day off, the end of that day.
func (c *Calendar) Closing(d Date) time.Time {
	hours := c.hours(d)
	if len(hours) == 0 {
		return d.At(24 * 60)
	}
	return d.At(hours[len(hours)-1].To)
}

// known reports whether the data covers a day.
func (c *Calendar) known(d Date) bool {
	return !c.From.IsZero() && !d.Before(c.From) && !d.After(c.Through)
}

// next returns the first working day after d.
func (c *Calendar) next(d Date) (Date, error) {
	for d = d.AddDays(1); c.known(d); d = d.AddDays(1) {
		if c.Works(d) {
			return d, nil
		}
	}
	return Date{}, ErrCalendarUnknown
}

// between counts the working days after a, up to and including b; zero when b is not after a.
func (c *Calendar) between(a, b Date) int {
	n := 0
	for d := a.AddDays(1); !d.After(b); d = d.AddDays(1) {
		if c.Works(d) {
			n++
		}
	}
	return n
}

// whyOff says why a day is not worked.
func (c *Calendar) whyOff(d Date) (Why, string) {
	if name, off := c.Off[d]; off {
		return Holiday, name
	}
	return Weekend, ""
}
