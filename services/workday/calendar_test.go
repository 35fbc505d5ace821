package workday_test

import (
	"errors"
	"testing"
	"time"

	"congdvc/services/workday"
)

// date and at read test data; a slip in it stops the test.
func date(s string) workday.Date {
	d, err := workday.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, workday.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func clock(s string) *workday.Clock {
	c, err := workday.ParseClock(s)
	if err != nil {
		panic(err)
	}
	return &c
}

// calendar2026 has the holidays of 2026 as announced: Tết off 16-20 February, 2 January and 31 August swapped
// for the Saturdays 10 January and 22 August, Giỗ Tổ (Sunday 26 April) made up on Monday, and 24 November.
func calendar2026() *workday.Calendar {
	day := []workday.Hours{{From: *clock("07:00"), To: *clock("11:30")},
		{From: *clock("13:30"), To: *clock("17:00")}}
	c := &workday.Calendar{
		Name:   "office hours",
		Off:    map[workday.Date]string{},
		MakeUp: map[workday.Date]string{date("2026-01-10"): "làm bù 2/1", date("2026-08-22"): "làm bù 31/8"},
		From:   date("2026-01-01"), Through: date("2026-12-31"),
	}
	for w := time.Monday; w <= time.Friday; w++ {
		c.Week[w] = day
	}
	for name, days := range map[string][]string{
		"Tết Dương lịch": {"2026-01-01", "2026-01-02"},
		"Tết Nguyên đán": {"2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"},
		"Giỗ Tổ":         {"2026-04-26", "2026-04-27"},
		"30/4 và 1/5":    {"2026-04-30", "2026-05-01"},
		"Quốc khánh":     {"2026-08-31", "2026-09-01", "2026-09-02"},
		"Ngày Văn hóa":   {"2026-11-24"},
	} {
		for _, d := range days {
			c.Off[date(d)] = name
		}
	}
	return c
}

// policeCalendar works on Saturday mornings too.
func policeCalendar() *workday.Calendar {
	c := calendar2026()
	c.Week[time.Saturday] = []workday.Hours{{From: *clock("07:00"), To: *clock("11:30")}}
	return c
}

func TestWorks(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]bool{
		"2026-11-23": true, "2026-11-24": false, "2026-02-13": true, "2026-02-14": false, "2026-02-16": false,
		"2026-02-20": false, "2026-02-23": true, "2026-01-10": true, "2026-01-17": false, "2026-04-27": false,
		"2027-03-01": true, "2027-03-06": false,
	} {
		if got := calendar2026().Works(date(day)); got != want {
			t.Errorf("Works(%s) = %t", day, got)
		}
	}
}

// The dates were counted by hand on a paper calendar.
func TestDueByHand(t *testing.T) {
	t.Parallel()
	office, police := calendar2026(), policeCalendar()
	for _, c := range []struct {
		name     string
		calendar *workday.Calendar
		received string
		amount   int
		unit     workday.Unit
		cutOff   *workday.Clock
		want     string
	}{
		{"over Tết", office, "2026-02-13 09:00:00", 3, workday.WorkingDay, nil, "2026-02-25 17:00:00"},
		{"after hours before Tết", office, "2026-02-13 18:00:00", 3, workday.WorkingDay, nil,
			"2026-02-26 17:00:00"},
		{"on the Saturday before Tết", office, "2026-02-14 09:00:00", 3, workday.WorkingDay, nil,
			"2026-02-26 17:00:00"},
		{"within Tết", office, "2026-02-18 09:00:00", 3, workday.WorkingDay, nil, "2026-02-26 17:00:00"},
		{"ending just after Tết", office, "2026-02-09 09:00:00", 5, workday.WorkingDay, nil,
			"2026-02-23 17:00:00"},
		{"over a make-up Saturday", office, "2026-01-08 09:00:00", 3, workday.WorkingDay, nil,
			"2026-01-12 17:00:00"},
		{"same day on a make-up Saturday", office, "2026-01-10 10:00:00", 0, workday.WorkingDay,
			clock("15:00"), "2026-01-10 17:00:00"},
		{"one day over 24 November", office, "2026-11-23 14:09:00", 1, workday.WorkingDay, nil,
			"2026-11-25 17:00:00"},
		{"same day", office, "2026-11-23 14:09:00", 0, workday.WorkingDay, clock("15:00"),
			"2026-11-23 17:00:00"},
		{"same day at the cut-off", office, "2026-11-23 15:00:00", 0, workday.WorkingDay, clock("15:00"),
			"2026-11-23 17:00:00"},
		{"same day a second late, over 24 November", office, "2026-11-23 15:00:01", 0, workday.WorkingDay,
			clock("15:00"), "2026-11-25 17:00:00"},
		{"same day before opening", office, "2026-11-23 05:00:00", 0, workday.WorkingDay, clock("15:00"),
			"2026-11-23 17:00:00"},
		{"same day without cut-off", office, "2026-11-23 16:59:00", 0, workday.WorkingDay, nil,
			"2026-11-23 17:00:00"},
		{"same day, received on Sunday", office, "2026-11-22 20:00:00", 0, workday.WorkingDay, clock("15:00"),
			"2026-11-23 17:00:00"},
		{"a cut-off moves longer terms too", office, "2026-03-02 15:30:00", 2, workday.WorkingDay,
			clock("15:00"), "2026-03-05 17:00:00"},
		{"at the closing minute", office, "2026-03-02 17:00:00", 1, workday.WorkingDay, nil,
			"2026-03-03 17:00:00"},
		{"a second after closing", office, "2026-03-02 17:00:01", 1, workday.WorkingDay, nil,
			"2026-03-04 17:00:00"},
		{"Saturday morning counts for the police", police, "2026-03-06 09:00:00", 1, workday.WorkingDay, nil,
			"2026-03-07 11:30:00"},
		{"Saturday noon is after hours for the police", police, "2026-03-07 12:00:00", 1, workday.WorkingDay,
			nil, "2026-03-10 17:00:00"},
		{"15 calendar days into Tết roll", office, "2026-02-02 09:00:00", 15, workday.CalendarDay, nil,
			"2026-02-23 17:00:00"},
		{"10 calendar days up to Tết", office, "2026-02-03 09:00:00", 10, workday.CalendarDay, nil,
			"2026-02-13 17:00:00"},
		{"calendar days from a Friday", office, "2026-02-06 09:00:00", 3, workday.CalendarDay, nil,
			"2026-02-11 17:00:00"},
		{"calendar days to a Saturday that is worked", office, "2026-01-05 09:00:00", 5, workday.CalendarDay,
			nil, "2026-01-10 17:00:00"},
		{"a month to a Saturday at the end of February", office, "2026-01-29 09:00:00", 1, workday.Month, nil,
			"2026-03-02 17:00:00"},
		{"a month", office, "2026-03-10 09:00:00", 1, workday.Month, nil, "2026-04-10 17:00:00"},
		{"six months", office, "2026-03-10 09:00:00", 6, workday.Month, nil, "2026-09-10 17:00:00"},
		{"eight hours over a holiday", office, "2026-11-23 14:09:00", 8, workday.WorkingHour, nil,
			"2026-11-25 14:09:00"},
		{"four hours before lunch", office, "2026-03-02 06:00:00", 4, workday.WorkingHour, nil,
			"2026-03-02 11:00:00"},
		{"an hour, received over lunch", office, "2026-03-02 12:00:00", 1, workday.WorkingHour, nil,
			"2026-03-02 14:30:00"},
		{"hours ending at closing", office, "2026-03-02 14:00:00", 3, workday.WorkingHour, nil,
			"2026-03-02 17:00:00"},
		{"hours from closing on", office, "2026-03-02 17:00:00", 1, workday.WorkingHour, nil,
			"2026-03-03 08:00:00"},
		{"hours over Saturday morning", police, "2026-03-06 16:00:00", 6, workday.WorkingHour, nil,
			"2026-03-09 07:30:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			due, err := c.calendar.Due(at(c.received), workday.Term{Amount: c.amount, Unit: c.unit,
				CutOff: c.cutOff})
			if err != nil {
				t.Fatal(err)
			}
			if !due.At.Equal(at(c.want)) {
				t.Errorf("due %s, want %s; steps %v", due.At, c.want, due.Steps)
			}
			if due.Date != workday.DateOf(due.At) {
				t.Errorf("date %s does not fit %s", due.Date, due.At)
			}
		})
	}
}

func TestDueFromAnotherZone(t *testing.T) {
	t.Parallel()
	// 23:30 UTC on Sunday is Monday morning in Vietnam.
	due, err := calendar2026().Due(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC),
		workday.Term{Amount: 1, Unit: workday.WorkingDay})
	if err != nil || due.Date != date("2026-03-03") {
		t.Errorf("due %s, %v", due.Date, err)
	}
}

func TestStepsSayWhy(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	for _, test := range []struct {
		name     string
		received string
		term     workday.Term
		want     []workday.Step
	}{
		{"after hours, over Tết", "2026-02-13 18:00:00", workday.Term{Amount: 1, Unit: workday.WorkingDay},
			[]workday.Step{
				{date("2026-02-13"), false, workday.AfterHours, ""},
				{date("2026-02-14"), false, workday.Weekend, ""},
				{date("2026-02-15"), false, workday.Weekend, ""},
				{date("2026-02-16"), false, workday.Holiday, "Tết Nguyên đán"},
				{date("2026-02-17"), false, workday.Holiday, "Tết Nguyên đán"},
				{date("2026-02-18"), false, workday.Holiday, "Tết Nguyên đán"},
				{date("2026-02-19"), false, workday.Holiday, "Tết Nguyên đán"},
				{date("2026-02-20"), false, workday.Holiday, "Tết Nguyên đán"},
				{date("2026-02-21"), false, workday.Weekend, ""},
				{date("2026-02-22"), false, workday.Weekend, ""},
				{date("2026-02-23"), false, workday.Received, ""},
				{date("2026-02-24"), true, workday.Counted, ""},
			}},
		{"make-up day", "2026-01-09 09:00:00", workday.Term{Amount: 2, Unit: workday.WorkingDay},
			[]workday.Step{
				{date("2026-01-09"), false, workday.Received, ""},
				{date("2026-01-10"), true, workday.MakeUp, "làm bù 2/1"},
				{date("2026-01-11"), false, workday.Weekend, ""},
				{date("2026-01-12"), true, workday.Counted, ""},
			}},
		{"cut-off", "2026-11-23 15:01:00", workday.Term{Unit: workday.WorkingDay, CutOff: clock("15:00")},
			[]workday.Step{
				{date("2026-11-23"), false, workday.AfterCutOff, ""},
				{date("2026-11-24"), false, workday.Holiday, "Ngày Văn hóa"},
				{date("2026-11-25"), false, workday.Received, ""},
			}},
		{"calendar days that roll", "2026-03-05 09:00:00", workday.Term{Amount: 2, Unit: workday.CalendarDay},
			[]workday.Step{
				{date("2026-03-05"), false, workday.Received, ""},
				{date("2026-03-06"), true, workday.Counted, ""},
				{date("2026-03-07"), true, workday.Weekend, ""},
				{date("2026-03-08"), false, workday.Weekend, ""},
				{date("2026-03-09"), false, workday.Rolled, ""},
			}},
		{"calendar days that begin after a weekend", "2026-03-06 09:00:00",
			workday.Term{Amount: 1, Unit: workday.CalendarDay}, []workday.Step{
				{date("2026-03-06"), false, workday.Received, ""},
				{date("2026-03-07"), false, workday.Weekend, ""},
				{date("2026-03-08"), false, workday.Weekend, ""},
				{date("2026-03-09"), true, workday.Counted, ""},
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			due, err := c.Due(at(test.received), test.term)
			if err != nil {
				t.Fatal(err)
			}
			if len(due.Steps) != len(test.want) {
				t.Fatalf("%d steps %v, want %d", len(due.Steps), due.Steps, len(test.want))
			}
			for i, step := range due.Steps {
				if step != test.want[i] {
					t.Errorf("step %d is %v, want %v", i, step, test.want[i])
				}
			}
		})
	}
}

func TestDueErrors(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	empty := &workday.Calendar{From: date("2026-01-01"), Through: date("2026-12-31")}
	for _, test := range []struct {
		name     string
		calendar *workday.Calendar
		received string
		term     workday.Term
		want     error
	}{
		{"past the range", c, "2026-12-30 09:00:00", workday.Term{Amount: 5, Unit: workday.WorkingDay},
			workday.ErrCalendarUnknown},
		{"past the range in hours", c, "2026-12-30 09:00:00",
			workday.Term{Amount: 50, Unit: workday.WorkingHour}, workday.ErrCalendarUnknown},
		{"past the range in months", c, "2026-12-30 09:00:00", workday.Term{Amount: 1, Unit: workday.Month},
			workday.ErrCalendarUnknown},
		{"before the range", c, "2025-12-31 09:00:00", workday.Term{Amount: 5, Unit: workday.WorkingDay},
			workday.ErrCalendarUnknown},
		{"an office that never works", empty, "2026-03-02 09:00:00",
			workday.Term{Amount: 1, Unit: workday.WorkingHour}, workday.ErrCalendarUnknown},
		{"a calendar that knows nothing", &workday.Calendar{Week: c.Week}, "2026-03-02 09:00:00",
			workday.Term{Amount: 1, Unit: workday.WorkingDay}, workday.ErrCalendarUnknown},
		{"negative", c, "2026-03-02 09:00:00", workday.Term{Amount: -1, Unit: workday.WorkingDay},
			workday.ErrTerm},
		{"no calendar days", c, "2026-03-02 09:00:00", workday.Term{Unit: workday.CalendarDay},
			workday.ErrTerm},
		{"no unit", c, "2026-03-02 09:00:00", workday.Term{Amount: 1}, workday.ErrTerm},
		{"unknown unit", c, "2026-03-02 09:00:00", workday.Term{Amount: 1, Unit: "fortnight"},
			workday.ErrTerm},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if due, err := test.calendar.Due(at(test.received), test.term); !errors.Is(err, test.want) {
				t.Errorf("due %v, error %v; want %v", due, err, test.want)
			}
		})
	}
}
