package workday_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"congdvc/services/workday"
)

// act is what happens to a due date after it was given.
type act struct {
	paused, resumed string
	extend          workday.Term
}

func pause(from, to string) act { return act{paused: from, resumed: to} }

func extend(amount int, unit workday.Unit) act {
	return act{extend: workday.Term{Amount: amount, Unit: unit}}
}

// after carries the acts out in turn.
func after(c *workday.Calendar, due workday.Due, acts []act) (workday.Due, error) {
	var err error
	for _, a := range acts {
		if a.paused != "" {
			due, err = c.Shift(due, at(a.paused), at(a.resumed))
		} else {
			due, err = c.Extend(due, a.extend)
		}
		if err != nil {
			return workday.Due{}, err
		}
	}
	return due, nil
}

// TestTet2026ByHand: Tết is off from Monday 16 to Friday 20 February, nine days with the weekends; the
// make-up Saturdays are 10 January and 22 August. The dates were counted on a paper calendar.
func TestTet2026ByHand(t *testing.T) {
	t.Parallel()
	office, police, closed := calendar2026(), policeCalendar(), policeCalendar()
	closed.Off[date("2026-02-14")], closed.Off[date("2026-02-21")] = "Đợt nghỉ Tết", "Đợt nghỉ Tết"
	const wd, cd, hour, month = workday.WorkingDay, workday.CalendarDay, workday.WorkingHour, workday.Month
	term := func(amount int, unit workday.Unit) workday.Term {
		return workday.Term{Amount: amount, Unit: unit}
	}
	sameDay := workday.Term{Unit: wd, CutOff: clock("15:00")}
	overTet := pause("2026-02-11 10:00:00", "2026-02-24 10:00:00")
	for _, c := range []struct {
		name     string
		calendar *workday.Calendar
		received string
		term     workday.Term
		acts     []act
		want     string
	}{
		{"the last minute before", office, "2026-02-13 16:59:00", term(1, wd), nil, "2026-02-23 17:00:00"},
		{"ending on the eve", office, "2026-02-12 09:00:00", term(1, wd), nil, "2026-02-13 17:00:00"},
		{"one day over it", office, "2026-02-12 09:00:00", term(2, wd), nil, "2026-02-23 17:00:00"},
		{"same day, a minute late", office, "2026-02-13 15:01:00", sameDay, nil, "2026-02-23 17:00:00"},
		{"same day, just in time", office, "2026-02-13 15:00:00", sameDay, nil, "2026-02-13 17:00:00"},
		{"same day, on New Year's eve", office, "2026-02-16 10:00:00", sameDay, nil, "2026-02-23 17:00:00"},
		{"received on the last Sunday off", office, "2026-02-22 10:00:00", term(1, wd), nil,
			"2026-02-24 17:00:00"},
		{"ten working days", office, "2026-02-02 09:00:00", term(10, wd), nil, "2026-02-23 17:00:00"},
		{"fifteen working days", office, "2026-02-02 09:00:00", term(15, wd), nil, "2026-03-02 17:00:00"},
		{"three calendar days to the eve", office, "2026-02-10 09:00:00", term(3, cd), nil,
			"2026-02-13 17:00:00"},
		{"five calendar days roll", office, "2026-02-10 09:00:00", term(5, cd), nil, "2026-02-23 17:00:00"},
		{"a calendar day starts after it", office, "2026-02-13 09:00:00", term(1, cd), nil,
			"2026-02-23 17:00:00"},
		{"seven calendar days after it", office, "2026-02-13 09:00:00", term(7, cd), nil,
			"2026-03-02 17:00:00"},
		{"a month into it", office, "2026-01-19 09:00:00", term(1, month), nil, "2026-02-23 17:00:00"},
		{"eight hours over it", office, "2026-02-13 16:00:00", term(8, hour), nil, "2026-02-23 16:00:00"},
		{"an hour from the close", office, "2026-02-13 17:00:00", term(1, hour), nil, "2026-02-23 08:00:00"},
		{"police, to Saturday morning", police, "2026-02-13 09:00:00", term(1, wd), nil,
			"2026-02-14 11:30:00"},
		{"police, from Saturday to Saturday", police, "2026-02-14 09:00:00", term(1, wd), nil,
			"2026-02-21 11:30:00"},
		{"police, Saturday at noon", police, "2026-02-14 11:31:00", term(1, wd), nil, "2026-02-23 17:00:00"},
		{"police, hours over two Saturdays", police, "2026-02-13 16:00:00", term(6, hour), nil,
			"2026-02-21 07:30:00"},
		{"police that close the whole break", closed, "2026-02-13 09:00:00", term(1, wd), nil,
			"2026-02-23 17:00:00"},
		{"to a make-up Saturday", office, "2026-01-09 09:00:00", term(1, wd), nil, "2026-01-10 17:00:00"},
		{"beyond a make-up Saturday", office, "2026-01-09 09:00:00", term(2, wd), nil, "2026-01-12 17:00:00"},
		{"police, a make-up Saturday is whole", police, "2026-01-10 16:00:00", term(0, wd), nil,
			"2026-01-10 17:00:00"},
		{"police, afternoon of a make-up Saturday", police, "2026-01-10 13:30:00", term(2, hour), nil,
			"2026-01-10 15:30:00"},

		{"paused over it", office, "2026-02-09 09:00:00", term(5, wd), []act{overTet}, "2026-02-27 17:00:00"},
		{"paused from the eve to the first day", office, "2026-02-09 09:00:00", term(5, wd),
			[]act{pause("2026-02-13 10:00:00", "2026-02-23 08:00:00")}, "2026-02-24 17:00:00"},
		{"paused after the close, answered before the opening", office, "2026-02-09 09:00:00", term(5, wd),
			[]act{pause("2026-02-13 18:00:00", "2026-02-22 10:00:00")}, "2026-02-23 17:00:00"},
		{"paused within it", office, "2026-02-09 09:00:00", term(5, wd),
			[]act{pause("2026-02-16 09:00:00", "2026-02-20 09:00:00")}, "2026-02-23 17:00:00"},
		{"police, paused to the second Saturday", police, "2026-02-09 09:00:00", term(5, wd),
			[]act{pause("2026-02-12 09:00:00", "2026-02-21 09:00:00")}, "2026-02-24 17:00:00"},
		{"calendar days, paused a day", office, "2026-02-10 09:00:00", term(3, cd),
			[]act{pause("2026-02-11 09:00:00", "2026-02-12 09:00:00")}, "2026-02-23 17:00:00"},
		{"hours, paused over it", office, "2026-02-12 08:00:00", term(8, hour),
			[]act{pause("2026-02-12 10:00:00", "2026-02-23 10:00:00")}, "2026-02-24 08:00:00"},

		{"extended over it", office, "2026-02-10 09:00:00", term(3, wd), []act{extend(2, wd)},
			"2026-02-24 17:00:00"},
		{"extended into it", office, "2026-02-09 09:00:00", term(2, wd), []act{extend(5, cd)},
			"2026-02-23 17:00:00"},
		{"extended by hours", office, "2026-02-12 09:00:00", term(1, wd), []act{extend(4, hour)},
			"2026-02-23 11:00:00"},
		{"extended by a month", office, "2026-01-15 09:00:00", term(1, wd), []act{extend(1, month)},
			"2026-02-23 17:00:00"},
		{"police, extended by a day", police, "2026-02-13 09:00:00", term(1, wd), []act{extend(1, wd)},
			"2026-02-21 11:30:00"},
		{"extended by nothing", office, "2026-02-12 09:00:00", term(1, wd), []act{extend(0, wd)},
			"2026-02-13 17:00:00"},
		{"paused, then extended", office, "2026-02-09 09:00:00", term(5, wd), []act{overTet, extend(2, wd)},
			"2026-03-03 17:00:00"},
		{"extended, then paused", office, "2026-02-09 09:00:00", term(5, wd), []act{extend(2, wd), overTet},
			"2026-03-03 17:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			due, err := c.calendar.Due(at(c.received), c.term)
			if err == nil {
				due, err = after(c.calendar, due, c.acts)
			}
			if err != nil {
				t.Fatal(err)
			}
			if !due.At.Equal(at(c.want)) {
				t.Errorf("due %s, want %s; steps %v", due.At, c.want, due.Steps)
			}
		})
	}
}

func TestExtensionSaysWhichDays(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	due, err := c.Due(at("2026-03-05 09:00:00"), days(1))
	if err != nil {
		t.Fatal(err)
	}
	longer, err := c.Extend(due, days(1))
	if err != nil {
		t.Fatal(err)
	}
	want := []workday.Step{
		{date("2026-03-05"), false, workday.Received, ""}, {date("2026-03-06"), true, workday.Counted, ""},
		{date("2026-03-07"), false, workday.Weekend, ""}, {date("2026-03-08"), false, workday.Weekend, ""},
		{date("2026-03-09"), true, workday.Extended, ""},
	}
	if len(longer.Steps) != len(want) {
		t.Fatalf("steps %v", longer.Steps)
	}
	for i := range want {
		if longer.Steps[i] != want[i] {
			t.Errorf("step %d is %v, want %v", i, longer.Steps[i], want[i])
		}
	}
	if len(due.Steps) != 2 {
		t.Error("the old due date was written to")
	}
}

func TestExtendErrors(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	due, err := c.Due(at("2026-12-21 09:00:00"), days(5))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		by   workday.Term
		want error
	}{
		"backwards":      {days(-1), workday.ErrTerm},
		"no hours":       {workday.Term{Unit: workday.WorkingHour}, workday.ErrTerm},
		"no unit":        {workday.Term{Amount: 1}, workday.ErrTerm},
		"past the range": {days(10), workday.ErrCalendarUnknown},
		"months past it": {workday.Term{Amount: 1, Unit: workday.Month}, workday.ErrCalendarUnknown},
	} {
		if _, err := c.Extend(due, test.by); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// TestExtendProperties: an extension never ends on a day off nor before the old date; a longer one, and one
// of a later date, never ends earlier; its days are consecutive; two of working days are one; and with a
// pause the order does not matter.
func TestExtendProperties(t *testing.T) {
	t.Parallel()
	r := draw{rand.New(rand.NewPCG(2026, 2))}
	for range 5000 {
		c, received, term := r.calendar(), r.instant(), r.term()
		due, err := c.Due(received, term)
		if err != nil {
			t.Fatal(err)
		}
		by := r.term()
		extended := func(due workday.Due, by workday.Term) workday.Due {
			longer, err := c.Extend(due, by)
			if err != nil {
				t.Fatalf("Extend(%s, %v): %v", due.At, by, err)
			}
			return longer
		}
		one := extended(due, by)
		if !c.Works(one.Date) || one.At.Before(due.At) || one.Date != workday.DateOf(one.At) {
			t.Fatalf("Extend(%s, %v) = %s", due.At, by, one.At)
		}
		for i, step := range one.Steps {
			if step.Date != one.Steps[0].Date.AddDays(i) {
				t.Fatalf("Extend(%s, %v): step %d is %s", due.At, by, i, step.Date)
			}
		}
		if last := one.Steps[len(one.Steps)-1].Date; last != one.Date {
			t.Fatalf("Extend(%s, %v) = %s, last step %s", due.At, by, one.Date, last)
		}
		more := by
		more.Amount++
		if two := extended(due, more); two.At.Before(one.At) {
			t.Fatalf("Extend(%s, %v) = %s, shorter than %s", due.At, more, two.At, one.At)
		}
		later, err := c.Due(received.Add(time.Duration(r.Int64N(int64(72*time.Hour)))), term)
		if err != nil || extended(later, by).Date.Before(one.Date) {
			t.Fatalf("Extend(%s, %v) = %s, but of the later %s earlier (%v)", due.At, by, one.At, later.At,
				err)
		}
		by.Unit = workday.WorkingDay
		first := days(r.IntN(by.Amount + 1))
		if halves := extended(extended(due, first), days(by.Amount-first.Amount)); halves.Date !=
			extended(due, by).Date {
			t.Fatalf("%s extended by %d in two parts: %s", due.At, by.Amount, halves.At)
		}
		paused := received.Add(time.Duration(r.Int64N(int64(10 * 24 * time.Hour))))
		resumed := paused.Add(time.Duration(r.Int64N(int64(10 * 24 * time.Hour))))
		shift := func(due workday.Due) workday.Due {
			shifted, err := c.Shift(due, paused, resumed)
			if err != nil {
				t.Fatal(err)
			}
			return shifted
		}
		if a, b := extended(shift(due), by), shift(extended(due, by)); a.Date != b.Date ||
			term.Unit != workday.WorkingHour && !a.At.Equal(b.At) {
			t.Fatalf("%s paused %s to %s and extended by %d: %s, the other way round %s", due.At, paused,
				resumed, by.Amount, a.At, b.At)
		}
	}
}
