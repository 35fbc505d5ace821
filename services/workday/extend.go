package workday

import (
	"fmt"
	"slices"
	"time"
)

// Extended marks the days by which an agency prolonged a term.
const Extended Why = "extended"

// Extend moves a due date by a further length of time, as an agency announces it with its apology. It counts
// from the due date as if the dossier had been received then: working days are the next ones; calendar days
// and months roll to a working day; hours go on from the minute. A cut-off has no effect. A length of 0
// working days moves nothing. Where everything is counted in working days, extending and then pausing gives
// the same date as pausing and then extending. Errors: ErrTerm, ErrCalendarUnknown.
func (c *Calendar) Extend(due Due, by Term) (Due, error) {
	if by.Amount < 0 || by.Amount == 0 && by.Unit != WorkingDay {
		return Due{}, fmt.Errorf("%w: %d %s", ErrTerm, by.Amount, by.Unit)
	}
	if by.Amount == 0 {
		return due, nil
	}
	steps := slices.Clone(due.Steps)
	w := walk{c: c, day: due.Date, steps: steps}
	var err error
	out := Due{}
	switch by.Unit {
	case WorkingDay:
		err = w.workingDays(by.Amount)
	case CalendarDay:
		err = w.roll(due.Date.AddDays(by.Amount))
	case Month:
		err = w.roll(due.Date.AddMonths(by.Amount))
	case WorkingHour:
		if len(w.steps) == 0 {
			w.steps = []Step{{Date: due.Date, Counted: true, Why: Counted}}
		}
		out, err = w.workingHours(due.At, time.Duration(by.Amount)*time.Hour)
		w.steps = out.Steps
	default:
		err = fmt.Errorf("%w: unit %q", ErrTerm, by.Unit)
	}
	if err != nil {
		return Due{}, err
	}
	for i := range w.steps {
		if s := &w.steps[i]; s.Date.After(due.Date) && s.Counted && (s.Why == Counted || s.Why == MakeUp) {
			s.Why, s.Note = Extended, ""
		}
	}
	if by.Unit == WorkingHour {
		return Due{At: out.At, Date: out.Date, Steps: w.steps}, nil
	}
	return Due{At: c.same(due, w.day), Date: w.day, Steps: w.steps}, nil
}

// roll counts every day up to one, and goes on to a working day.
func (w *walk) roll(last Date) error {
	for w.day.Before(last) {
		if err := w.forward(); err != nil {
			return err
		}
		w.last().Counted = true
	}
	for !w.c.Works(w.day) {
		if err := w.forward(); err != nil {
			return err
		}
		if w.c.Works(w.day) {
			w.last().Why = Rolled
		}
	}
	return nil
}

// same returns the time of a due date for another day: the close of the office; but a term of hours keeps its
// minute if the office still works then.
func (c *Calendar) same(due Due, day Date) time.Time {
	at := c.Closing(day)
	if due.At.Equal(c.Closing(due.Date)) {
		return at
	}
	if same := due.At.Add(day.At(0).Sub(due.Date.At(0))); same.Before(at) {
		return same
	}
	return at
}
