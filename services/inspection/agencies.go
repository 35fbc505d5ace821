package inspection

import (
	"context"
	"errors"
	"slices"
	"strings"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// receives reports whether anything can be filed at an agency on any of the days.
func (s *survey) receives(a *agency.Agency) bool {
	return slices.ContainsFunc(s.versions, func(v *procedure.Version) bool {
		return v.Online() && v.Receives(a)
	})
}

// agencies looks at the agencies that receive dossiers: whether a one-stop system serves each, and which
// agencies end.
func agencies(ctx context.Context, s *survey) error {
	receiving, before := 0, s.count(Fail)
	var unserved []*agency.Agency
	for n := range s.agencies {
		a := &s.agencies[n]
		if !s.receives(a) {
			continue
		}
		if a.HoldsOn(s.today) {
			receiving++
		}
		switch served, err := s.served(ctx, a); {
		case err != nil:
			return err
		case !served:
			unserved = append(unserved, a)
		}
		s.ends(a)
	}
	s.unserved(unserved)
	if s.count(Fail) == before && receiving > 0 {
		s.ok(about("inspection.subject.agencies", ""), say("inspection.agency.served", "Number", receiving))
	}
	return nil
}

// ends says when an agency ends in these days and no agency continues under its code.
func (s *survey) ends(a *agency.Agency) {
	if a.ValidTo == nil || a.ValidTo.After(s.through) {
		return
	}
	day := *a.ValidTo
	same := func(b *agency.Agency) bool { return b.Code == a.Code }
	if _, gone := agency.FirstWithout(s.agencies, day, day, same); gone {
		s.warn(anAgency(a), day, say("inspection.agency.ends", "Name", a.Name.Vi, "Day", day),
			say("inspection.agency.ends_advice"))
	}
}

// Up to fewAgencies are reported one by one. More of them, as after an import of all communes, are reported
// in one line with one command.
const fewAgencies = 3

func (s *survey) unserved(agencies []*agency.Agency) {
	if len(agencies) <= fewAgencies {
		for _, a := range agencies {
			s.fail(anAgency(a), say("inspection.agency.unserved", "Name", a.Name.Vi),
				say("inspection.agency.serve", "Codes", a.Code))
		}
		return
	}
	codes := make([]string, 0, len(agencies))
	for _, a := range agencies {
		codes = append(codes, a.Code)
	}
	s.fail(about("inspection.subject.agencies", ""),
		say("inspection.agency.unserved_many", "Number", len(agencies)),
		say("inspection.agency.serve", "Codes", strings.Join(codes, ",")))
}

// served reports whether a one-stop system serves an agency today, if the agency exists today. It also
// reports from when on none will, by looking at the first and the last of these days.
func (s *survey) served(ctx context.Context, a *agency.Agency) (bool, error) {
	if s.vault == nil {
		return true, nil
	}
	first, last := s.today, s.through
	if a.ValidFrom.After(first) {
		first = a.ValidFrom
	}
	if a.ValidTo != nil && !a.ValidTo.After(last) {
		last = a.ValidTo.AddDays(-1)
	}
	for _, day := range []workday.Date{first, last} {
		switch _, err := agency.ConnectionAt(ctx, s.db, s.vault, a.ID, day); {
		case err == nil:
		case !errors.Is(err, agency.ErrNoConnection):
			return false, err
		case day == s.today:
			return false, nil
		default:
			s.warn(anAgency(a), day, say("inspection.agency.unserved_later", "Name", a.Name.Vi, "Day", day),
				say("inspection.agency.serve", "Codes", a.Code))
			return true, nil
		}
	}
	return true, nil
}
