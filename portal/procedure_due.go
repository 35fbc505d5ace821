package portal

import (
	"errors"
	"time"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// dueBox says when the result would come, and why on that day.
type dueBox struct {
	If, When string
	Days     []dueDay
}

type dueDay struct {
	Date, Why string
	Counted   bool
}

// dueIfNow computes when the result would be due if the dossier were received now,
// by the calendar of an agency that receives it.
func (p *Portal) dueIfNow(v *visit, ver *procedure.Version, now time.Time) (*dueBox, error) {
	term, ok := ver.Term(firstCase(ver), procedure.Online)
	if !ok || !ver.Online() || ver.ReceivedBy.None() {
		return nil, nil
	}
	offices, err := agency.Taking(v.ctx(), p.Pool, ver.ReceivedBy.Takers(), workday.DateOf(now))
	if err != nil || len(offices) == 0 {
		return nil, err
	}
	calendar, err := agency.CalendarOf(v.ctx(), p.Pool, offices[0].ID)
	if err != nil {
		return nil, err
	}
	due, err := calendar.Due(now, term)
	if errors.Is(err, workday.ErrCalendarUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return dueBoxOf(v.lang, due, term, now), nil
}

func firstCase(ver *procedure.Version) string {
	if len(ver.Cases) == 0 {
		return ""
	}
	return ver.Cases[0].ID
}

func dueBoxOf(l i18n.Lang, due workday.Due, term workday.Term, now time.Time) *dueBox {
	today := workday.DateOf(now)
	box := &dueBox{If: i18n.T(l, "procedure.if_now"), When: i18n.LongDate(l, due.Date)}
	if due.Date == today {
		box.When = i18n.T(l, "procedure.today")
		if term.CutOff != nil {
			box.If = i18n.T(l, "procedure.if_before", "Clock", term.CutOff.String())
		}
	}
	box.Days = dueDays(l, due.Steps)
	return box
}

func dueDays(l i18n.Lang, steps []workday.Step) []dueDay {
	var days []dueDay
	for i, s := range steps {
		why := i18n.T(l, "workday.why."+string(s.Why))
		if s.Why == workday.Received && i == len(steps)-1 {
			why = i18n.T(l, "procedure.same_day")
		}
		if s.Note != "" {
			why += ": " + agency.DayName(s.Note, l)
		}
		days = append(days, dueDay{Date: i18n.LongDate(l, s.Date), Why: why, Counted: s.Counted})
	}
	return days
}
