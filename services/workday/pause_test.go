package workday_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"congdvc/services/workday"
)

func TestShiftByHand(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	for _, test := range []struct {
		name                  string
		received              string
		term                  workday.Term
		paused, resumed, want string
	}{
		{"within a day", "2026-03-02 09:00:00", days(5), "2026-03-03 08:00:00", "2026-03-03 16:00:00",
			"2026-03-09 17:00:00"},
		{"one night", "2026-03-02 09:00:00", days(5), "2026-03-03 16:00:00", "2026-03-04 08:00:00",
			"2026-03-10 17:00:00"},
		{"a weekend covers no working day", "2026-03-02 09:00:00", days(5), "2026-03-06 18:00:00",
			"2026-03-08 10:00:00", "2026-03-09 17:00:00"},
		{"over Tết", "2026-02-09 09:00:00", days(3), "2026-02-11 09:00:00", "2026-02-24 09:00:00",
			"2026-02-25 17:00:00"},
		{"from the day of reception", "2026-03-02 08:00:00", days(3), "2026-03-02 10:00:00",
			"2026-03-04 08:00:00", "2026-03-09 17:00:00"},
		{"far beyond the old due date", "2026-03-02 08:00:00", days(3), "2026-03-03 10:00:00",
			"2026-03-30 08:00:00", "2026-04-01 17:00:00"},
		{"when overdue already", "2026-03-02 08:00:00", days(1), "2026-03-05 10:00:00", "2026-03-06 08:00:00",
			"2026-03-04 17:00:00"},
		{"a term of hours keeps its minute", "2026-03-02 08:00:00",
			workday.Term{Amount: 8, Unit: workday.WorkingHour}, "2026-03-02 10:00:00", "2026-03-04 10:00:00",
			"2026-03-05 08:00:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			due, err := c.Due(at(test.received), test.term)
			if err != nil {
				t.Fatal(err)
			}
			shifted, err := c.Shift(due, at(test.paused), at(test.resumed))
			if err != nil {
				t.Fatal(err)
			}
			if !shifted.At.Equal(at(test.want)) {
				t.Errorf("%s shifted to %s, want %s; steps %v", due.At, shifted.At, test.want, shifted.Steps)
			}
		})
	}
}

func days(n int) workday.Term { return workday.Term{Amount: n, Unit: workday.WorkingDay} }

func TestShiftMarksThePause(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	due, err := c.Due(at("2026-03-02 09:00:00"), days(3))
	if err != nil {
		t.Fatal(err)
	}
	shifted, err := c.Shift(due, at("2026-03-03 09:00:00"), at("2026-03-05 09:00:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := []workday.Step{
		{date("2026-03-02"), false, workday.Received, ""},
		{date("2026-03-03"), true, workday.Counted, ""},
		{date("2026-03-04"), false, workday.Paused, ""},
		{date("2026-03-05"), false, workday.Paused, ""},
		{date("2026-03-06"), true, workday.Counted, ""},
		{date("2026-03-07"), false, workday.Weekend, ""},
		{date("2026-03-08"), false, workday.Weekend, ""},
		{date("2026-03-09"), true, workday.Counted, ""},
	}
	if len(shifted.Steps) != len(want) {
		t.Fatalf("steps %v", shifted.Steps)
	}
	for i := range want {
		if shifted.Steps[i] != want[i] {
			t.Errorf("step %d is %v, want %v", i, shifted.Steps[i], want[i])
		}
	}
	if due.Steps[2].Why != workday.Counted {
		t.Error("the old due date was written to")
	}
}

func TestShiftErrors(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	due, err := c.Due(at("2026-12-21 09:00:00"), days(5))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Shift(due, at("2026-12-23 09:00:00"), at("2026-12-22 09:00:00")); !errors.Is(err,
		workday.ErrPause) {
		t.Errorf("backwards: %v", err)
	}
	if _, err := c.Shift(due, at("2026-12-22 09:00:00"), at("2026-12-31 09:00:00")); !errors.Is(err,
		workday.ErrCalendarUnknown) {
		t.Errorf("past the range: %v", err)
	}
}

func TestWorkingDaysLeft(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	for _, test := range []struct {
		now  string
		want int
	}{
		{"2026-02-11 09:00:00", 3}, // due Monday 23 February, 17:00, after Tết
		{"2026-02-13 20:00:00", 1},
		{"2026-02-18 09:00:00", 1},
		{"2026-02-23 09:00:00", 0},
		{"2026-02-23 17:00:00", 0},
		{"2026-02-23 17:00:01", -1},
		{"2026-02-24 16:00:00", -1},
		{"2026-02-25 08:00:00", -2},
		{"2026-03-01 08:00:00", -4},
	} {
		if got := c.WorkingDaysLeft(at(test.now), at("2026-02-23 17:00:00")); got != test.want {
			t.Errorf("at %s: %d left, want %d", test.now, got, test.want)
		}
	}
}

// draw gives random instants of 2026 that leave room for terms and pauses before the calendar ends.
type draw struct{ *rand.Rand }

func (r draw) instant() time.Time {
	return at("2026-01-01 00:00:00").Add(time.Duration(r.Int64N(int64(200 * 24 * time.Hour))))
}

func (r draw) term() workday.Term {
	t := workday.Term{Amount: 1 + r.IntN(20), Unit: []workday.Unit{workday.WorkingDay, workday.CalendarDay,
		workday.WorkingHour, workday.Month}[r.IntN(4)]}
	if t.Unit == workday.Month {
		t.Amount = 1 + r.IntN(2)
	}
	if r.IntN(2) == 0 {
		t.CutOff = clock("15:00")
	}
	return t
}

func (r draw) calendar() *workday.Calendar {
	if r.IntN(2) == 0 {
		return policeCalendar()
	}
	return calendar2026()
}

func counted(due workday.Due) int {
	n := 0
	for _, s := range due.Steps {
		if s.Counted {
			n++
		}
	}
	return n
}

// reception is the day as of which a dossier counted as received.
func reception(due workday.Due) workday.Date {
	for _, s := range due.Steps {
		if s.Why == workday.Received {
			return s.Date
		}
	}
	return workday.Date{}
}

// TestDueProperties: never on a day off nor before reception; received later is never due earlier; a longer
// term is never due earlier; the steps are consecutive days that end on the due date, and count what the term
// says.
func TestDueProperties(t *testing.T) {
	t.Parallel()
	r := draw{rand.New(rand.NewPCG(2026, 11))}
	for range 5000 {
		c, received, term := r.calendar(), r.instant(), r.term()
		due, err := c.Due(received, term)
		if err != nil {
			t.Fatalf("Due(%s, %v): %v", received, term, err)
		}
		if !c.Works(due.Date) || due.At.Before(received) {
			t.Fatalf("Due(%s, %v) = %s: a day off, or in the past", received, term, due.At)
		}
		for i, step := range due.Steps {
			if step.Date != workday.DateOf(received).AddDays(i) {
				t.Fatalf("Due(%s, %v): step %d is %s", received, term, i, step.Date)
			}
		}
		if last := due.Steps[len(due.Steps)-1].Date; last != due.Date {
			t.Fatalf("Due(%s, %v) = %s, last step %s", received, term, due.Date, last)
		}
		if n := counted(due); (term.Unit == workday.WorkingDay || term.Unit == workday.CalendarDay) &&
			n != term.Amount {
			t.Fatalf("Due(%s, %v) counted %d days: %v", received, term, n, due.Steps)
		}
		later, err := c.Due(received.Add(time.Duration(r.Int64N(int64(72*time.Hour)))), term)
		if err != nil || later.At.Before(due.At) {
			t.Fatalf("Due(%s, %v) = %s, but received later %s (%v)", received, term, due.At, later.At, err)
		}
		term.Amount++
		longer, err := c.Due(received, term)
		if err != nil || longer.At.Before(due.At) {
			t.Fatalf("Due(%s, %v) = %s, shorter than with one less, %s (%v)", received, term, longer.At,
				due.At, err)
		}
	}
}

// TestShiftProperties: a pause gives back exactly the working days that it took; two pauses that meet are
// one; a longer pause never makes the date earlier; no time is no pause.
func TestShiftProperties(t *testing.T) {
	t.Parallel()
	r := draw{rand.New(rand.NewPCG(2026, 12))}
	for range 5000 {
		c, received, term := r.calendar(), r.instant(), r.term()
		if term.Unit == workday.WorkingHour {
			term.Unit = workday.WorkingDay
		}
		due, err := c.Due(received, term)
		if err != nil {
			t.Fatal(err)
		}
		paused := received.Add(time.Duration(r.Int64N(int64(10 * 24 * time.Hour))))
		middle := paused.Add(time.Duration(r.Int64N(int64(10 * 24 * time.Hour))))
		resumed := middle.Add(time.Duration(r.Int64N(int64(10 * 24 * time.Hour))))
		shift := func(due workday.Due, from, to time.Time) workday.Due {
			shifted, err := c.Shift(due, from, to)
			if err != nil {
				t.Fatalf("Shift(%s, %s, %s): %v", due.At, from, to, err)
			}
			return shifted
		}
		whole := shift(due, paused, resumed)
		if !c.Works(whole.Date) {
			t.Fatalf("shifted to a day off, %s", whole.Date)
		}
		if halves := shift(shift(due, paused, middle), middle, resumed); !halves.At.Equal(whole.At) {
			t.Fatalf("paused %s, %s, %s: %s in halves, %s at once", paused, middle, resumed, halves.At,
				whole.At)
		}
		if shorter := shift(due, paused, middle); shorter.At.After(whole.At) {
			t.Fatalf("a shorter pause moved further: %s, %s", shorter.At, whole.At)
		}
		if same := shift(due, paused, paused); !same.At.Equal(due.At) {
			t.Fatalf("no pause moved %s to %s", due.At, same.At)
		}
		if term.Unit == workday.WorkingDay && !paused.After(due.At) && counted(whole) != term.Amount {
			t.Fatalf("Due(%s, %v) paused %s to %s counts %d: %v", received, term, paused, resumed,
				counted(whole), whole.Steps)
		}
		if workday.DateOf(openInstant(c, paused)).Before(reception(due)) {
			continue // no day had been used, nor could one be given back
		}
		left := c.WorkingDaysLeft(openInstant(c, paused), due.At)
		if after := c.WorkingDaysLeft(openInstant(c, resumed), whole.At); left >= 0 && after != left {
			t.Fatalf("%d days left before the pause %s to %s, %d after", left, paused, resumed, after)
		}
	}
}

// openInstant gives the instant as of which the office takes notice of something: t itself while it works,
// else the next morning that it does.
func openInstant(c *workday.Calendar, t time.Time) time.Time {
	day := workday.DateOf(t)
	if c.Works(day) && !t.After(c.Closing(day)) {
		return t
	}
	for day = day.AddDays(1); !c.Works(day); day = day.AddDays(1) {
	}
	return day.At(*clock("07:00"))
}
