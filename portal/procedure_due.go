package portal

import (
	"errors"
	"slices"
	"time"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// dueBox says when the result would come, and why on that day.
type dueBox struct {
	If, When string
	Term     string // the time that the law gives: "3 ngày làm việc"
	Note     string
	Days     []dueDay
	Calendar string // whose days are counted
	Unsure   string // what of the calendar is not confirmed
	Open     bool   // the date may still move: a day on the way is not official yet
	Missing  string // why there is no date; the rest is empty then
}

type dueDay struct {
	Date, Why string
	Counted   bool
	Unsure    string // why the day is not certain to be off, or worked
}

// dueIfNow computes when the result would be due if a dossier with these choices were received now. If it
// cannot be computed, Missing says why.
func (p *Portal) dueIfNow(v *visit, c *choosing, now time.Time) (*dueBox, error) {
	term, ok := c.ver.Term(c.choice.Case, c.choice.Channel)
	if !ok {
		return &dueBox{Missing: i18n.T(v.lang, "calculator.no_term")}, nil
	}
	box := &dueBox{Term: termText(v.lang, term), Note: c.termNote(v.lang)}
	file, err := p.calendarFor(v, c)
	if err != nil {
		return nil, err
	}
	if file == nil {
		box.Missing = i18n.T(v.lang, "calculator.no_calendar")
		return box, nil
	}
	calendar, err := file.Calendar()
	if err != nil {
		return nil, err
	}
	due, err := calendar.Due(now, term)
	if errors.Is(err, workday.ErrCalendarUnknown) {
		box.Missing = i18n.T(v.lang, "calculator.calendar_ends", "Date", file.Through)
		return box, nil
	}
	if err != nil {
		return nil, err
	}
	dated := dueBoxOf(v.lang, due, term, now, file)
	box.If, box.When, box.Days, box.Open = dated.If, dated.When, dated.Days, dated.Open
	box.Calendar = i18n.T(v.lang, "calculator.calendar", "Title", file.Title)
	if c.office != nil {
		box.Calendar = i18n.T(v.lang, "calculator.calendar_of", "Title", file.Title, "Whose", c.office.Name)
	}
	if file.Provisional != nil {
		box.Unsure = file.Provisional.In(v.lang)
	}
	return box, nil
}

// calendarFor is the calendar of the agency that decides, nil when there is none. It is the first of: the
// agency that the law names, the chosen one, the usual receiver (usualTaker), the province. The last is for
// imported procedures, which name no agency of ours.
func (p *Portal) calendarFor(v *visit, c *choosing) (*agency.CalendarFile, error) {
	office := c.office
	if c.ver.DecidedBy.By == procedure.ByAgency {
		decides, err := agency.ByCode(v.ctx(), p.Pool, c.ver.DecidedBy.Agency, c.choice.On)
		if err != nil && !errors.Is(err, agency.ErrNotFound) {
			return nil, err
		}
		office = decides
	}
	if office == nil && len(c.takers) > 0 {
		office = usualTaker(c.takers)
	}
	if office == nil {
		provinces, err := agency.List(v.ctx(), p.Pool, agency.Filter{Kind: agency.Province, On: c.choice.On})
		if err != nil || len(provinces) == 0 {
			return nil, err
		}
		office = &provinces[0]
	}
	return agency.CalendarFileOf(v.ctx(), p.Pool, office.ID)
}

// usualTaker is the first agency with the calendar that most of the agencies have. An agency that is also
// open on Saturdays would promise a day on which the others are closed. takers must not be empty.
func usualTaker(takers []agency.Agency) *agency.Agency {
	count, usual := map[string]int{}, &takers[0]
	for _, a := range takers {
		count[a.Calendar]++
	}
	for i := range takers {
		if count[takers[i].Calendar] > count[usual.Calendar] {
			usual = &takers[i]
		}
	}
	return usual
}

func firstCase(ver *procedure.Version) string {
	if len(ver.Cases) == 0 {
		return ""
	}
	return ver.Cases[0].ID
}

// dueBoxOf shows a date and how it was counted. file, which may be nil, explains days that are off or
// uncertain.
func dueBoxOf(
	l i18n.Lang, due workday.Due, term workday.Term, now time.Time, file *agency.CalendarFile,
) *dueBox {
	today := workday.DateOf(now)
	box := &dueBox{If: i18n.T(l, "procedure.if_now"), When: i18n.LongDate(l, due.Date)}
	if due.Date == today {
		box.When = i18n.T(l, "procedure.today")
		if term.CutOff != nil {
			box.If = i18n.T(l, "procedure.if_before", "Clock", term.CutOff.String())
		}
	}
	if term.Unit == workday.WorkingHour {
		box.When = i18n.T(l, "calculator.at_hour", "Clock", i18n.Clock(l, due.At), "Day",
			i18n.LongDate(l, due.Date))
	}
	box.Days = dueDays(l, due.Steps, file)
	box.Open = slices.ContainsFunc(box.Days, func(d dueDay) bool { return d.Unsure != "" })
	return box
}

func dueDays(l i18n.Lang, steps []workday.Step, file *agency.CalendarFile) []dueDay {
	var days []dueDay
	for i, s := range steps {
		day := dueDay{Date: i18n.LongDate(l, s.Date), Why: i18n.T(l, "workday.why."+string(s.Why)),
			Counted: s.Counted}
		if s.Why == workday.Received && i == len(steps)-1 {
			day.Why = i18n.T(l, "procedure.same_day")
		}
		name := agency.DayText(s.Date, s.Note, l)
		if file != nil {
			if special := file.Special(s.Date); special != nil {
				name = special.Name.In(l)
				if special.Provisional != nil {
					day.Unsure = special.Provisional.In(l)
				}
			}
		}
		if s.Note != "" {
			day.Why += ": " + name
		}
		days = append(days, day)
	}
	return days
}
