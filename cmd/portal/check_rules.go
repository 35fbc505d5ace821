package main

import (
	"errors"
	"fmt"
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
	served, seen, calendars := 0, map[agency.ID]bool{}, make([][]*workday.Calendar, len(versions))
	for n, v := range versions {
		offices, err := i.receivers(db, v)
		if err != nil {
			return err
		}
		more, err := i.served(db, offices, seen)
		if err != nil {
			return err
		}
		served, calendars[n] = served+more, calendarsOf(offices)
	}
	if served == len(seen) && served > 0 {
		i.ok("agencies", fmt.Sprintf("each of the %d that receive dossiers has a one-stop system", served))
	}
	for n, v := range versions {
		i.procedure(v, calendars[n])
		if err := i.form(db, v); err != nil {
			return err
		}
	}
	return nil
}

// calendarsOf are the calendars by which agencies work, each once.
func calendarsOf(offices []agency.Office) []*workday.Calendar {
	known := map[string]bool{}
	var all []*workday.Calendar
	for _, o := range offices {
		if !known[o.Calendar] {
			known[o.Calendar] = true
			all = append(all, o.Works)
		}
	}
	return all
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

// receivers are the agencies that take dossiers of a version; it says when there is none, or nobody to decide.
func (i *inspection) receivers(db postgres.DB, v *procedure.Version) ([]agency.Office, error) {
	from, _ := i.days()
	what := "procedure " + v.Code
	taking, err := agency.Taking(i.ctx, db, v.ReceivedBy.Takers(), from)
	if err != nil {
		return nil, err
	}
	if len(taking) == 0 {
		i.fail(what, "there is no agency that receives it", "portal import starter")
	}
	for _, code := range v.ReceivedBy.Agencies {
		if !slices.ContainsFunc(taking, func(a agency.Agency) bool { return a.Code == code }) {
			i.fail(what, "it is received by "+code+", which does not hold today", "import that agency, or a version of the procedure that names another")
		}
	}
	if v.DecidedBy.By == procedure.ByAgency {
		_, err := agency.ByCode(i.ctx, db, v.DecidedBy.Agency, from)
		if err != nil && !errors.Is(err, agency.ErrNotFound) {
			return nil, err
		}
		if err != nil {
			i.fail(what, "it is decided by "+v.DecidedBy.Agency+", which does not hold today", "import that agency, or a version of the procedure that names another")
		}
	}
	return agency.CalendarsOf(i.ctx, db, taking)
}

// served counts those agencies, not seen before, that a one-stop system serves, and says which have none.
func (i *inspection) served(db postgres.DB, offices []agency.Office, seen map[agency.ID]bool) (served int, err error) {
	from, _ := i.days()
	for _, o := range offices {
		if seen[o.ID] {
			continue
		}
		seen[o.ID] = true
		switch _, err := agency.ConnectionAt(i.ctx, db, o.ID, from); {
		case errors.Is(err, agency.ErrNoConnection):
			i.fail("agency "+o.Code, o.Name.Vi+" has no one-stop system, so nothing can be filed there",
				"portal onestop serve CODE --agencies "+o.Code+", after portal onestop create")
		case err != nil:
			return 0, err
		default:
			served++
		}
	}
	return served, nil
}

// form looks at the form of a procedure, and at those of its earlier versions, whose answers are carried over.
func (i *inspection) form(db postgres.DB, v *procedure.Version) error {
	wrong, err := v.FormQuality(i.ctx, db)
	if err == nil && wrong != nil {
		i.fail("form "+v.Code, wrong.Error(), "import a version with the form put right; a field with another type needs another id")
	}
	return err
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
