// Package inspection finds out what is wrong with the data that filing depends on, or will be: the
// procedures, the agencies that receive them and the one-stop systems that serve those, the calendars, the
// fees and the forms. What it finds are values, so that a command can print them and a page show them:
//
//	findings, err := inspection.Look(ctx, db, vault, time.Now())
//
// The outside parties of a program, such as the mail server, are looked at by the program itself.
package inspection

import (
	"context"
	"time"

	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// How many days an inspection looks ahead. A law that ends is known long before; the holidays of a year are
// decided in the last months of the year before.
const (
	lookAhead    = 366
	calendarTime = 92
)

// A kind is one thing that an inspection finds out.
type kind struct {
	name string
	look func(context.Context, *survey) error
	// bars says that nothing further is looked at once it has failed.
	bars bool
}

// kinds are all of them, in the order in which they look.
var kinds = []kind{
	{name: "online", look: online, bars: true},
	{name: "agencies", look: agencies},
	{name: "connections", look: connections},
	{name: "calendars", look: calendars},
	{name: "procedures", look: procedures},
	{name: "endings", look: endings},
	{name: "drafts", look: drafts},
	{name: "papers", look: papers},
	{name: "records", look: records},
}

// Look finds out how everything stands at an instant. What is wrong today fails; what will be wrong within a
// year, or is good to know, is a warning. An error means that looking failed; the findings made before it are
// returned too. Without a vault nothing is said about who serves an agency.
func Look(ctx context.Context, db postgres.DB, v *vault.Vault, now time.Time) ([]Finding, error) {
	today := workday.DateOf(now)
	s := &survey{db: db, vault: v, now: now, today: today, through: today.AddDays(lookAhead)}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		s.kind = k.name
		before := s.count(Fail)
		if err := k.look(ctx, s); err != nil {
			return s.findings, err
		}
		if k.bars && s.count(Fail) > before {
			break
		}
	}
	return s.findings, nil
}

// Unable is the finding for an error of Look.
func Unable(err error) Finding {
	return Finding{
		State: Fail, Subject: about("inspection.subject.procedures", ""),
		Says: Message{Words: err.Error()}, Advice: say("inspection.online.advice"),
	}
}

// A survey is an inspection under way: what it knows of the days that it looks at, and what it has found.
type survey struct {
	db             postgres.DB
	vault          *vault.Vault // nil: which one-stop system serves whom is not known
	now            time.Time
	today, through workday.Date         // both included
	versions       []*procedure.Version // that apply on any of the days
	agencies       []agency.Agency      // that hold on any of the days

	kind     string
	findings []Finding
}

func (s *survey) read(ctx context.Context) (err error) {
	if s.versions, err = procedure.Between(ctx, s.db, s.today, s.through); err != nil {
		return err
	}
	s.agencies, err = agency.Between(ctx, s.db, s.today, s.through)
	return err
}

// add keeps a finding of the kind that looks.
func (s *survey) add(f Finding) {
	f.Kind = s.kind
	s.findings = append(s.findings, f)
}

func (s *survey) ok(about Subject, says Message) {
	s.add(Finding{State: OK, Subject: about, Says: says})
}

// fail is for what is wrong today.
func (s *survey) fail(about Subject, says, advice Message) {
	s.add(Finding{State: Fail, Subject: about, Says: says, Advice: advice, Day: s.today})
}

// warn is for what goes wrong on a day.
func (s *survey) warn(about Subject, day workday.Date, says, advice Message) {
	s.add(Finding{State: Warn, Subject: about, Says: says, Advice: advice, Day: day})
}

// count counts what was found so far in any of the states.
func (s *survey) count(states ...State) (n int) {
	for _, f := range s.findings {
		for _, state := range states {
			if f.State == state {
				n++
			}
		}
	}
	return n
}

// daysOf are the days of the survey on which a version holds.
func (s *survey) daysOf(v *procedure.Version) (from, through workday.Date) {
	from, through = s.today, s.through
	if v.EffectiveFrom.After(from) {
		from = v.EffectiveFrom
	}
	if v.EffectiveTo != nil && !v.EffectiveTo.After(through) {
		through = v.EffectiveTo.AddDays(-1)
	}
	return from, through
}

// about makes the subject of what is found about one thing, or about all of a kind.
func about(key, code string) Subject { return Subject{Name: say(key), Code: code} }

func aProcedure(code string) Subject { return about("inspection.subject.procedure", code) }

func anAgency(a *agency.Agency) Subject { return about("inspection.subject.agency", a.Code) }
