package workday

import (
	"errors"
	"fmt"
	"time"
)

// Unit is what a term is counted in. The values are stored in procedure data.
type Unit string

// The units of terms.
const (
	WorkingDay  Unit = "working_day"
	CalendarDay Unit = "calendar_day"
	WorkingHour Unit = "working_hour"
	Month       Unit = "month"
)

// A Term is a length of time set by law. Amount is at least 1; only working days may be 0, which means the
// day of reception. A reception after CutOff, on the minute, counts as one of the next working day.
type Term struct {
	Amount int    `json:"amount"`
	Unit   Unit   `json:"unit"`
	CutOff *Clock `json:"cut_off,omitempty"`
}

// Why says what a day was in a count. The values are parts of message keys.
type Why string

// The reasons in a Step.
const (
	// the day as of which the dossier is received; the count starts after it
	Received    Why = "received"
	AfterHours  Why = "after_hours"   // received after the office closed; moves to the next working day
	AfterCutOff Why = "after_cut_off" // received after the hour set for same-day results; moves likewise
	Counted     Why = "counted"       // a day of the term
	// a day of the term, worked to make up for a holiday; Note has the reason
	MakeUp  Why = "make_up"
	Weekend Why = "weekend" // off by the week
	Holiday Why = "holiday" // off; Note has its name
	Rolled  Why = "rolled"  // the term ended on a day off; this is the next working day
	Paused  Why = "paused"  // the clock stood still
)

// A Step is one day on the way to a due date. The days are consecutive from the day of reception to the due
// date.
type Step struct {
	Date    Date `json:"date"`
	Counted bool `json:"counted"`
	Why     Why  `json:"why"`
	// name of the holiday, or reason of the make-up day; as in the calendar
	Note string `json:"note,omitempty"`
}

// A Due says when a term ends and why. At is the close of office hours on Date; for working hours, the
// minute.
type Due struct {
	At    time.Time `json:"at"`
	Date  Date      `json:"date"`
	Steps []Step    `json:"steps"`
}

// ErrTerm says that a term makes no sense: an unknown unit or an amount below its least.
var ErrTerm = errors.New("workday: not a term")

// Due computes when a term ends that starts with a reception. Errors: ErrTerm, and ErrCalendarUnknown when a
// day on the way is outside of the calendar's range.
func (c *Calendar) Due(received time.Time, t Term) (Due, error) {
	if t.Amount < 0 || t.Amount == 0 && t.Unit != WorkingDay {
		return Due{}, fmt.Errorf("%w: %d %s", ErrTerm, t.Amount, t.Unit)
	}
	at, steps, err := c.receive(received, t.CutOff)
	if err != nil {
		return Due{}, err
	}
	w := walk{c: c, day: DateOf(at), steps: steps}
	switch t.Unit {
	case WorkingDay:
		err = w.workingDays(t.Amount)
	case CalendarDay:
		err = w.calendarDays(func(start Date) Date { return start.AddDays(t.Amount) })
	case Month:
		err = w.calendarDays(func(start Date) Date { return start.AddMonths(t.Amount) })
	case WorkingHour:
		return w.workingHours(at, time.Duration(t.Amount)*time.Hour)
	default:
		err = fmt.Errorf("%w: unit %q", ErrTerm, t.Unit)
	}
	if err != nil {
		return Due{}, err
	}
	return Due{At: c.Closing(w.day), Date: w.day, Steps: w.steps}, nil
}

// receive returns the instant as of which something that arrived at t counts as received, and the steps up to
// that day: t itself within a working day, else the opening of the next one.
func (c *Calendar) receive(t time.Time, cutOff *Clock) (time.Time, []Step, error) {
	day := DateOf(t)
	if !c.known(day) {
		return time.Time{}, nil, ErrCalendarUnknown
	}
	var first Step
	switch {
	case !c.Works(day):
		why, note := c.whyOff(day)
		first = Step{Date: day, Why: why, Note: note}
	case t.After(c.Closing(day)):
		first = Step{Date: day, Why: AfterHours}
	case cutOff != nil && t.After(day.At(*cutOff)):
		first = Step{Date: day, Why: AfterCutOff}
	default:
		return t.In(Zone), []Step{{Date: day, Why: Received}}, nil
	}
	next, err := c.next(day)
	if err != nil {
		return time.Time{}, nil, err
	}
	steps := []Step{first}
	for d := day.AddDays(1); d.Before(next); d = d.AddDays(1) {
		why, note := c.whyOff(d)
		steps = append(steps, Step{Date: d, Why: why, Note: note})
	}
	return next.At(c.hours(next)[0].From), append(steps, Step{Date: next, Why: Received}), nil
}

// A walk is a count under way: the day it stands on and the steps so far.
type walk struct {
	c     *Calendar
	day   Date
	steps []Step
}

// forward goes to the next day and records it, worked or off by the calendar; its caller says whether it
// counts.
func (w *walk) forward() error {
	w.day = w.day.AddDays(1)
	if !w.c.known(w.day) {
		return ErrCalendarUnknown
	}
	step := Step{Date: w.day, Why: Counted}
	if !w.c.Works(w.day) {
		step.Why, step.Note = w.c.whyOff(w.day)
	} else if note, ok := w.c.MakeUp[w.day]; ok {
		step.Why, step.Note = MakeUp, note
	}
	w.steps = append(w.steps, step)
	return nil
}

// last is the newest step.
func (w *walk) last() *Step { return &w.steps[len(w.steps)-1] }

// workingDays goes n working days on.
func (w *walk) workingDays(n int) error {
	for n > 0 {
		if err := w.forward(); err != nil {
			return err
		}
		if w.c.Works(w.day) {
			w.last().Counted = true
			n--
		}
	}
	return nil
}

// calendarDays goes to the day that end gives for the eve of the first day counted, then on to a working day.
func (w *walk) calendarDays(end func(eve Date) Date) error {
	first, err := w.c.next(w.day)
	if err != nil {
		return err
	}
	last := end(first.AddDays(-1))
	for w.day.AddDays(1).Before(first) {
		if err := w.forward(); err != nil {
			return err
		}
	}
	return w.roll(last)
}

// workingHours spends a length of office time from an instant on.
func (w *walk) workingHours(from time.Time, left time.Duration) (Due, error) {
	for {
		for _, h := range w.c.hours(w.day) {
			open, closes := w.day.At(h.From), w.day.At(h.To)
			if from.After(open) {
				open = from
			}
			if open.Before(closes) {
				w.last().Counted = true
				if end := open.Add(left); !end.After(closes) {
					return Due{At: end, Date: w.day, Steps: w.steps}, nil
				}
				left -= closes.Sub(open)
			}
		}
		if err := w.forward(); err != nil {
			return Due{}, err
		}
	}
}
