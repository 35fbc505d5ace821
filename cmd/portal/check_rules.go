package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// lookAhead is for how many days the rules must hold, so that who runs the portal has the time to do something.
const lookAhead = 30

// rules looks at the data that filing depends on: who receives, when things are due and what they cost.
func (i *inspection) rules(db postgres.DB) {
	if err := i.rulesOf(db); err != nil {
		i.fail("procedures", err.Error(), "portal import starter; if that does not help, see the log of the database")
	}
}

var errNoProcedure = errors.New("none is in force that can be filed online")

func (i *inspection) rulesOf(db postgres.DB) error {
	versions, err := i.versions(db)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return errNoProcedure
	}
	offices, err := i.receivers(db, versions)
	if err != nil {
		return err
	}
	for _, v := range versions {
		calendars, err := i.calendars(db, v, offices)
		if err != nil {
			return err
		}
		i.procedure(v, calendars)
	}
	return nil
}

// calendars are those by which the agencies work that take dossiers of a version, each once.
func (i *inspection) calendars(db postgres.DB, v *procedure.Version, offices map[agency.Kind][]agency.Agency) ([]*workday.Calendar, error) {
	known := map[string]bool{}
	var all []*workday.Calendar
	for _, kind := range v.ReceivedBy.Kinds {
		for _, a := range offices[kind] {
			if known[a.Calendar] {
				continue
			}
			known[a.Calendar] = true
			c, err := agency.CalendarOf(i.ctx, db, a.ID)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// days are those that are looked at, both included.
func (i *inspection) days() (from, through workday.Date) {
	from = workday.DateOf(i.now)
	return from, from.AddDays(lookAhead)
}

// versions are those that take dossiers today or at the end of the days.
func (i *inspection) versions(db postgres.DB) ([]*procedure.Version, error) {
	from, through := i.days()
	now, err := procedure.List(i.ctx, db, from)
	if err != nil {
		return nil, err
	}
	later, err := procedure.List(i.ctx, db, through)
	if err != nil {
		return nil, err
	}
	var online []*procedure.Version
	seen := map[string]bool{}
	for _, v := range append(now, later...) {
		if v.Online() && !seen[v.ID] {
			seen[v.ID] = true
			online = append(online, v)
		}
	}
	return online, nil
}

// receivers finds the agencies that take dossiers of these versions and says which of them no one-stop system serves.
func (i *inspection) receivers(db postgres.DB, versions []*procedure.Version) (map[agency.Kind][]agency.Agency, error) {
	offices := map[agency.Kind][]agency.Agency{}
	for _, v := range versions {
		for _, kind := range v.ReceivedBy.Kinds {
			offices[kind] = nil
		}
	}
	from, _ := i.days()
	for _, kind := range slices.Sorted(maps.Keys(offices)) {
		all, err := agency.List(i.ctx, db, agency.Filter{Kind: kind, On: from})
		if err != nil {
			return nil, err
		}
		offices[kind] = all
		if len(all) == 0 {
			i.fail("agencies", fmt.Sprintf("there is no %s, and procedures are filed there", kind), "portal import starter")
			continue
		}
		served := 0
		for _, a := range all {
			switch _, err := agency.ConnectionAt(i.ctx, db, a.ID, from); {
			case errors.Is(err, agency.ErrNoConnection):
				i.fail("agency "+a.Code, a.Name.Vi+" has no one-stop system, so nothing can be filed there",
					"portal onestop serve CODE --agencies "+a.Code+", after portal onestop create")
			case err != nil:
				return nil, err
			default:
				served++
			}
		}
		if served == len(all) {
			i.ok("agencies", fmt.Sprintf("each of %d of kind %s has a one-stop system", served, kind))
		}
	}
	return offices, nil
}

// procedure says whether dates and fees of a version are known for as long as it holds in these days.
func (i *inspection) procedure(v *procedure.Version, calendars []*workday.Calendar) {
	from, through := i.days()
	if v.EffectiveFrom.After(from) {
		from = v.EffectiveFrom
	}
	if v.EffectiveTo != nil && !v.EffectiveTo.After(through) {
		through = v.EffectiveTo.AddDays(-1)
	}
	what, failed := "procedure "+v.Code, i.failed
	for _, gap := range v.FeeGaps(from, through) {
		i.fail(what, fmt.Sprintf("on %s nothing says what %s costs (channel %s, case %q)", gap.Day, gap.Fee, gap.Channel, gap.Case),
			"import a definition with the fee from that day on")
	}
	for _, c := range calendars {
		i.terms(v, c, []workday.Date{from, through})
	}
	if i.failed == failed {
		i.ok(what, fmt.Sprintf("dates and fees are known from %s through %s", from, through))
	}
}

// terms proves that a calendar reaches to the end of every term of a version that starts on these days. One gap of a
// calendar is told once.
func (i *inspection) terms(v *procedure.Version, c *workday.Calendar, days []workday.Date) {
	for _, day := range days {
		received := day.At(workday.Clock(10 * time.Hour / time.Minute))
		for _, channel := range v.Channels {
			for _, times := range channel.Times {
				if _, err := c.Due(received, times.Term); err != nil {
					i.fail("procedure "+v.Code, fmt.Sprintf("calendar %s, which knows %s to %s, does not tell when what is received on %s is due (%d %s): %v",
						c.Name, c.From, c.Through, day, times.Term.Amount, times.Term.Unit, told(err)),
						"import agencies with a calendar that has the holidays of the next year")
					return
				}
			}
		}
	}
}
