package workday_test

import (
	"cmp"
	"fmt"
	"time"

	"congdvc/services/workday"
)

// office works from Monday to Friday, and is off on 24 November 2026.
func office() *workday.Calendar {
	const morning, noon, afternoon, evening = 7 * 60, 11*60 + 30, 13*60 + 30, 17 * 60 // minutes from midnight
	c := &workday.Calendar{
		Name: "Giờ hành chính",
		Off: map[workday.Date]string{{Year: 2026, Month: time.November,
			Day: 24}: "Ngày Văn hóa Việt Nam"},
		From:    workday.Date{Year: 2026, Month: time.January, Day: 1},
		Through: workday.Date{Year: 2026, Month: time.December, Day: 31},
	}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Week[day] = []workday.Hours{{From: morning, To: noon}, {From: afternoon, To: evening}}
	}
	return c
}

// Three working days from Friday afternoon: the weekend and the holiday do not count, and every day says why.
func ExampleCalendar_Due() {
	received := time.Date(2026, time.November, 20, 15, 0, 0, 0, workday.Zone) // a Friday
	due, err := office().Due(received, workday.Term{Amount: 3, Unit: workday.WorkingDay})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range due.Steps {
		fmt.Println(step.Date, cmp.Or(step.Note, string(step.Why)))
	}
	fmt.Println("due", due.At.Format("15:04, 02/01/2006"))
	// Output:
	// 2026-11-20 received
	// 2026-11-21 weekend
	// 2026-11-22 weekend
	// 2026-11-23 counted
	// 2026-11-24 Ngày Văn hóa Việt Nam
	// 2026-11-25 counted
	// 2026-11-26 counted
	// due 17:00, 26/11/2026
}

// A supplement request stops the clock from Monday to Wednesday. Only the working days in between are given
// back: Tuesday is a holiday, so that one day is.
func ExampleCalendar_Shift() {
	c := office()
	received := time.Date(2026, time.November, 20, 9, 0, 0, 0, workday.Zone)
	due, err := c.Due(received, workday.Term{Amount: 3, Unit: workday.WorkingDay})
	if err != nil {
		fmt.Println(err)
		return
	}
	asked := time.Date(2026, time.November, 23, 10, 0, 0, 0, workday.Zone)
	answered := time.Date(2026, time.November, 25, 9, 0, 0, 0, workday.Zone)
	later, err := c.Shift(due, asked, answered)
	fmt.Println(due.Date, "becomes", later.Date, err)
	// Output: 2026-11-26 becomes 2026-11-27 <nil>
}

// A term that leaves the days for which the holidays are known is refused: no date is better than a wrong
// one.
func ExampleErrCalendarUnknown() {
	received := time.Date(2026, time.December, 30, 9, 0, 0, 0, workday.Zone)
	_, err := office().Due(received, workday.Term{Amount: 5, Unit: workday.WorkingDay})
	fmt.Println(err)
	// Output: workday.calendar_unknown
}
