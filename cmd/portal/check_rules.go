package main

import (
	"errors"
	"fmt"
	"time"

	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// How far the rules are looked at, in days: a law that ends is known long before, and the holidays of a year are
// decided in the last months of the one before.
const (
	lookAhead    = 366
	calendarTime = 92
)

// rules looks at the data that filing depends on: who receives, when things are due and what they cost. What is wrong
// today fails; what will be, or is good to know, is a warning.
func (i *inspection) rules(db postgres.DB) {
	if err := i.rulesOf(db); err != nil {
		i.fail("procedures", err.Error(), "portal import starter; if that does not help, see the log of the database")
	}
}

var errNoProcedure = errors.New("none is in force that can be filed online")

func (i *inspection) rulesOf(db postgres.DB) error {
	from, through := i.days()
	versions, err := procedure.Between(i.ctx, db, from, through)
	if err != nil {
		return err
	}
	known, err := agency.Between(i.ctx, db, from, through)
	if err != nil {
		return err
	}
	online := 0
	for _, v := range versions {
		if v.Online() {
			online++
		}
	}
	if online == 0 {
		return errNoProcedure
	}
	if err := i.agencies(db, versions, known); err != nil {
		return err
	}
	if err := i.calendars(db, versions, known); err != nil {
		return err
	}
	for _, v := range versions {
		if err := i.procedure(db, v, known); err != nil {
			return err
		}
	}
	return i.catalogue(db)
}

// days are those that are looked at, both included.
func (i *inspection) days() (from, through workday.Date) {
	from = workday.DateOf(i.now)
	return from, from.AddDays(lookAhead)
}

// daysOf are those of the days on which a version holds.
func (i *inspection) daysOf(v *procedure.Version) (from, through workday.Date) {
	from, through = i.days()
	if v.EffectiveFrom.After(from) {
		from = v.EffectiveFrom
	}
	if v.EffectiveTo != nil && !v.EffectiveTo.After(through) {
		through = v.EffectiveTo.AddDays(-1)
	}
	return from, through
}

// on tells what is wrong with a procedure from a day on: today that of one which can be filed fails.
func (i *inspection) on(v *procedure.Version, day workday.Date, wrong, advice string) {
	what := "procedure " + v.Code
	switch today, _ := i.days(); {
	case day.After(today):
		i.warn(what, "from "+day.String()+" on "+wrong, advice)
	case v.Online():
		i.fail(what, wrong, advice)
	default:
		i.warn(what, wrong, advice)
	}
}

// procedure says whether the receivers, the fees and the form of a version are as they must be, for as long as it holds
// in these days.
func (i *inspection) procedure(db postgres.DB, v *procedure.Version, known []agency.Agency) error {
	from, through := i.daysOf(v)
	before := i.failed + i.warned
	i.receivers(v, known)
	for _, gap := range v.FeeGaps(from, through) {
		i.on(v, gap.Day, fmt.Sprintf("nothing says what %s costs (channel %s, case %q)", gap.Fee, gap.Channel, gap.Case),
			"import a definition with the fee from that day on")
	}
	wrong, err := v.FormQuality(i.ctx, db)
	if err == nil && wrong != nil {
		i.fail("form "+v.Code, wrong.Error(), "import a version with the form put right; a field with another type needs another id")
	}
	if i.failed+i.warned == before && v.Online() {
		i.ok("procedure "+v.Code, fmt.Sprintf("who receives it and what it costs is known from %s through %s", from, through))
	}
	return err
}

// calendars says which end too soon. One that does not tell today's due dates fails.
func (i *inspection) calendars(db postgres.DB, versions []*procedure.Version, known []agency.Agency) error {
	today, _ := i.days()
	offices, err := agency.CalendarsOf(i.ctx, db, known)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, o := range offices {
		if seen[o.Calendar] || !receivesAny(versions, &o.Agency) {
			continue
		}
		seen[o.Calendar] = true
		knows := fmt.Sprintf("it knows the days from %s through %s only, so ", o.Works.From, o.Works.Through)
		const advice = "portal import holidays, with the holidays of the next year, or import agencies with another calendar"
		if v, err := untold(versions, o.Works, today); err != nil {
			i.fail("calendar "+o.Calendar, fmt.Sprintf("%sit does not tell when %s is due if received today: %v", knows, v.Code, told(err)), advice)
		} else if v, err := untold(versions, o.Works, today.AddDays(calendarTime)); err != nil {
			i.warn("calendar "+o.Calendar, fmt.Sprintf("%sit does not tell when %s is due if received on %s: %v", knows, v.Code, today.AddDays(calendarTime), told(err)), advice)
		}
	}
	return nil
}

// untold returns a version that can be filed on a day, and for which a calendar does not reach to the end of a term that
// begins on it, with the reason.
func untold(versions []*procedure.Version, c *workday.Calendar, day workday.Date) (*procedure.Version, error) {
	received := day.At(workday.Clock(10 * time.Hour / time.Minute))
	for _, v := range versions {
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
