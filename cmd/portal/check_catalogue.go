package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// receivers says when the agencies that receive or decide a version are not there.
func (i *inspection) receivers(v *procedure.Version, known []agency.Agency) {
	from, through := i.daysOf(v)
	const advice = "import that agency, or a version of the procedure that names another"
	without := func(match func(*agency.Agency) bool, wrong, advice string) bool {
		day, found := agency.FirstWithout(known, from, through, match)
		if found {
			i.on(v, day, wrong, advice)
		}
		return found
	}
	if without(v.Receives, "there is no agency that receives it", "portal import starter, or import agencies; for the general form, portal procedures allow-general CODE --agency") {
		return
	}
	for _, kind := range v.ReceivedBy.Kinds {
		without(func(a *agency.Agency) bool { return a.Kind == kind }, fmt.Sprintf("there is no agency of the kind %s, which receives it", kind),
			"import agencies of that kind, or a version of the procedure without it")
	}
	bears := func(code string) func(*agency.Agency) bool {
		return func(a *agency.Agency) bool { return a.Code == code }
	}
	for _, code := range v.ReceivedBy.Agencies {
		without(bears(code), "it is received by "+code+", which does not hold then", advice)
	}
	if v.DecidedBy.By == procedure.ByAgency {
		without(bears(v.DecidedBy.Agency), "it is decided by "+v.DecidedBy.Agency+", which does not hold then", advice)
	}
}

func receivesAny(versions []*procedure.Version, a *agency.Agency) bool {
	return slices.ContainsFunc(versions, func(v *procedure.Version) bool { return v.Online() && v.Receives(a) })
}

// agencies looks at those that receive dossiers: whether a one-stop system serves each, and which of them end.
func (i *inspection) agencies(db postgres.DB, versions []*procedure.Version, known []agency.Agency) error {
	today, through := i.days()
	receiving, before := 0, i.failed
	var unserved []*agency.Agency
	for n := range known {
		a := &known[n]
		if !receivesAny(versions, a) {
			continue
		}
		if a.HoldsOn(today) {
			receiving++
		}
		switch served, err := i.served(db, a); {
		case err != nil:
			return err
		case !served:
			unserved = append(unserved, a)
		}
		if a.ValidTo == nil || a.ValidTo.After(through) {
			continue
		}
		if _, gone := agency.FirstWithout(known, *a.ValidTo, *a.ValidTo, func(b *agency.Agency) bool { return b.Code == a.Code }); gone {
			i.warn("agency "+a.Code, fmt.Sprintf("%s receives dossiers and ends on %s", a.Name.Vi, a.ValidTo),
				"import the agency that takes its place, have a one-stop system serve that, and have open dossiers transferred to it")
		}
	}
	i.unserved(unserved)
	if i.failed == before && receiving > 0 {
		i.ok("agencies", fmt.Sprintf("each of the %d that receive dossiers has a one-stop system", receiving))
	}
	return nil
}

// fewAgencies are told one by one; more of them, as after an import of all communes, in one line with one command.
const fewAgencies = 3

func (i *inspection) unserved(agencies []*agency.Agency) {
	const why, how = "no one-stop system, so nothing can be filed there", "portal onestop serve CODE --agencies %s, after portal onestop create"
	if len(agencies) <= fewAgencies {
		for _, a := range agencies {
			i.fail("agency "+a.Code, a.Name.Vi+" has "+why, fmt.Sprintf(how, a.Code))
		}
		return
	}
	codes := make([]string, 0, len(agencies))
	for _, a := range agencies {
		codes = append(codes, a.Code)
	}
	i.fail("agencies", fmt.Sprintf("%d that receive dossiers have %s", len(agencies), why), fmt.Sprintf(how, strings.Join(codes, ",")))
}

// served reports whether a one-stop system serves an agency today, if it holds today, and says from when on none will:
// it looks at the first and the last of these days.
func (i *inspection) served(db postgres.DB, a *agency.Agency) (bool, error) {
	today, last := i.days()
	first := today
	if a.ValidFrom.After(first) {
		first = a.ValidFrom
	}
	if a.ValidTo != nil && !a.ValidTo.After(last) {
		last = a.ValidTo.AddDays(-1)
	}
	for _, day := range []workday.Date{first, last} {
		switch _, err := agency.ConnectionAt(i.ctx, db, a.ID, day); {
		case err == nil:
		case !errors.Is(err, agency.ErrNoConnection):
			return false, err
		case day == today:
			return false, nil
		default:
			i.warn("agency "+a.Code, fmt.Sprintf("on %s %s will have no one-stop system, so nothing can be filed there", day, a.Name.Vi),
				"portal onestop serve CODE --agencies "+a.Code+", after portal onestop create")
			return true, nil
		}
	}
	return true, nil
}

// catalogue tells what else is good to know of the procedures, whether or not they can be filed.
func (i *inspection) catalogue(db postgres.DB) error {
	today, through := i.days()
	ends, err := procedure.Endings(i.ctx, db, today, through)
	if err != nil {
		return err
	}
	for _, e := range ends {
		wrong := fmt.Sprintf("it ends on %s and nothing takes its place", e.On)
		if e.Begins != nil {
			wrong = fmt.Sprintf("it ends on %s and its next version begins only on %s", e.On, e.Begins)
		}
		i.warn("procedure "+e.Code, wrong, "portal procedures publish another version from that day, or portal procedures close with --successor")
	}
	drafts, err := procedure.Entries(i.ctx, db, "", procedure.Draft)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		wrong := fmt.Sprintf("draft %d, meant to begin on %s, is not published", d.Number, d.EffectiveFrom)
		if !d.EffectiveFrom.After(today) {
			wrong = fmt.Sprintf("draft %d was to begin on %s and was never published", d.Number, d.EffectiveFrom)
		}
		i.warn("procedure "+d.Code, wrong, "portal procedures publish "+d.Code+", or import the draft anew with another day")
	}
	return i.papers(db)
}

// papers tells of the papers that nobody is told of, and counts the records that are incomplete.
func (i *inspection) papers(db postgres.DB) error {
	today, _ := i.days()
	cases, err := procedure.PaperlessCases(i.ctx, db, today)
	if err != nil {
		return err
	}
	for _, c := range cases {
		i.warn("procedure "+c.Code, fmt.Sprintf("its case %s (%s) asks for no paper", c.Case, c.Name.Vi),
			`import a definition with the papers of that case, or with "no_papers" when it has none`)
	}
	records, err := procedure.CountRecords(i.ctx, db, today)
	if err == nil && records.All > 0 {
		i.ok("national records", fmt.Sprintf("%d in force; %d have no receiving agency in the province, %d name no paper", records.All, records.Unreceived, records.WithoutPaper))
	}
	return err
}
