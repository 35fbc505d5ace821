package procedure

import (
	"errors"
	"time"

	"congdvc/services/workday"
)

// usualSupplement bounds a supplement of a procedure whose definition says nothing: calendar days. The
// general rule is 15 working days, or the time of a special law (Decree 297/2025/NĐ-CP, art. 6(5)); the
// longest one that is known, of the State Bank's procedures, is 60 days.
const usualSupplement = 60

// SupplementUntil is the latest day that an agency may set today as the last one of a supplement. Where the
// calendar does not reach so far, two calendar days are counted for each working day and a month for
// holidays, which is never too little. Errors: workday.ErrTerm.
func (v *Version) SupplementUntil(c *workday.Calendar, now time.Time) (workday.Date, error) {
	today := workday.DateOf(now)
	if v.SupplementWithin == nil {
		return today.AddDays(usualSupplement), nil
	}
	term := *v.SupplementWithin
	switch term.Unit {
	case workday.CalendarDay:
		return today.AddDays(term.Amount), nil
	case workday.Month:
		return today.AddMonths(term.Amount), nil
	}
	due, err := c.Due(now, term)
	if errors.Is(err, workday.ErrCalendarUnknown) {
		return today.AddDays(2*term.Amount + 31), nil
	}
	return due.Date, err
}

// mostSupplement is about a year: more is a mistake.
var mostSupplement = map[workday.Unit]int{workday.WorkingDay: 250, workday.CalendarDay: 366,
	workday.WorkingHour: 2000, workday.Month: 12}

func (c *checker) supplement() {
	if t := c.d.SupplementWithin; t != nil && (t.Amount < 1 || t.Amount > mostSupplement[t.Unit] ||
		t.CutOff != nil) {
		c.wrong("a supplement within %d %s is no time that a law sets", t.Amount, t.Unit)
	}
}
