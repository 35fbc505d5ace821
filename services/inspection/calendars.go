package inspection

import (
	"context"
	"time"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// calendars says which calendars end too soon. A calendar that cannot give today's due dates fails.
func calendars(ctx context.Context, s *survey) error {
	offices, err := agency.CalendarsOf(ctx, s.db, s.agencies)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, o := range offices {
		if seen[o.Calendar] || !s.receives(&o.Agency) {
			continue
		}
		seen[o.Calendar] = true
		s.calendar(o.Calendar, o.Works)
	}
	return nil
}

func (s *survey) calendar(code string, works *workday.Calendar) {
	it, advice := about("inspection.subject.calendar", code), say("inspection.calendar.advice")
	later := s.today.AddDays(calendarTime)
	if v, err := untold(s.versions, works, s.today); err != nil {
		s.fail(it, say("inspection.calendar.today", "From", works.From, "Through", works.Through,
			"Procedure", v.Code, "Why", err), advice)
	} else if v, err := untold(s.versions, works, later); err != nil {
		s.warn(it, later, say("inspection.calendar.later", "From", works.From, "Through", works.Through,
			"Procedure", v.Code, "Day", later, "Why", err), advice)
	}
}

// untold returns a version, with the reason, that can be filed on a day but whose term the calendar does not
// cover to its end.
func untold(all []*procedure.Version, c *workday.Calendar, day workday.Date) (*procedure.Version, error) {
	received := day.At(workday.Clock(10 * time.Hour / time.Minute))
	for _, v := range all {
		if !v.Online() || !v.InForceOn(day) {
			continue
		}
		for _, channel := range v.Channels {
			for _, times := range channel.Times {
				if _, err := c.Due(received, times.Term); err != nil {
					return v, err
				}
			}
		}
	}
	return nil, nil
}
