package workday

import (
	"errors"
	"slices"
	"time"
)

// ErrPause says that a pause ended before it began.
var ErrPause = errors.New("workday: pause ends before it begins")

// Shift moves a due date by the working days that a pause covered. The pause begins with the working day of
// its first instant, or the next one when the office was closed, and ends with that of its last. It never
// begins before the reception. So a pause within one day moves nothing, two halves of a pause move as much as
// the whole, and as many working days are left after it as before. An office that closes earlier on the new
// day makes At earlier. Errors: ErrPause, ErrCalendarUnknown.
func (c *Calendar) Shift(due Due, pausedFrom, resumed time.Time) (Due, error) {
	if resumed.Before(pausedFrom) {
		return Due{}, ErrPause
	}
	from, _, err := c.receive(pausedFrom, nil)
	if err != nil {
		return Due{}, err
	}
	to, _, err := c.receive(resumed, nil)
	if err != nil {
		return Due{}, err
	}
	begun, ended := DateOf(from), DateOf(to)
	for _, s := range due.Steps {
		if s.Why == Received && s.Date.After(begun) {
			begun = s.Date
		}
	}
	covered := c.between(begun, ended)
	if covered == 0 {
		return due, nil
	}
	w := walk{c: c, day: due.Date, steps: slices.Clone(due.Steps)}
	if err := w.workingDays(covered); err != nil {
		return Due{}, err
	}
	for i := range w.steps {
		if s := &w.steps[i]; s.Date.After(begun) && !s.Date.After(ended) && c.Works(s.Date) {
			s.Counted, s.Why, s.Note = false, Paused, ""
		}
	}
	return Due{At: c.same(due, w.day), Date: w.day, Steps: w.steps}, nil
}

// WorkingDaysLeft counts the working days after today up to and including the day of due: 0 on that day
// itself. Once due has passed it is negative, -1 until the close of the first working day after it. Days
// outside of the calendar's range count by the week alone.
func (c *Calendar) WorkingDaysLeft(now, due time.Time) int {
	today, last := DateOf(now), DateOf(due)
	if now.After(due) {
		return -max(1, c.between(last, today))
	}
	return c.between(today, last)
}
