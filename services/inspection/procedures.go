package inspection

import (
	"context"

	"congdvc/services/agency"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// online says when nothing can be filed online at all.
func online(_ context.Context, s *survey) error {
	for _, v := range s.versions {
		if v.Online() {
			return nil
		}
	}
	s.fail(about("inspection.subject.procedures", ""), say("inspection.online.none"),
		say("inspection.online.advice"))
	return nil
}

// procedures says of each version whether the receivers, the fees and the form are in order on the days on
// which it holds.
func procedures(ctx context.Context, s *survey) error {
	for _, v := range s.versions {
		from, through := s.daysOf(v)
		before := s.count(Warn, Fail)
		s.receivers(v)
		for _, gap := range v.FeeGaps(from, through) {
			wrong := say("inspection.fee.gap", "Fee", gap.Fee, "Channel", gap.Channel, "Case", gap.Case)
			s.on(v, gap.Day, wrong, say("inspection.fee.advice"))
		}
		wrong, err := v.FormQuality(ctx, s.db)
		if err != nil {
			return err
		}
		if wrong != nil {
			s.fail(about("inspection.subject.form", v.Code), Message{Words: wrong.Error()},
				say("inspection.form.advice"))
		}
		if s.count(Warn, Fail) == before && v.Online() {
			s.ok(aProcedure(v.Code), say("inspection.procedure.known", "From", from, "Through", through))
		}
	}
	return nil
}

// receivers says when the agencies that receive or decide a version do not exist.
func (s *survey) receivers(v *procedure.Version) {
	from, through := s.daysOf(v)
	without := func(match func(*agency.Agency) bool, wrong, advice Message) bool {
		day, found := agency.FirstWithout(s.agencies, from, through, match)
		if found {
			s.on(v, day, wrong, advice)
		}
		return found
	}
	if without(v.Receives, say("inspection.receiver.none"), say("inspection.receiver.none_advice")) {
		return
	}
	for _, kind := range v.ReceivedBy.Kinds {
		without(func(a *agency.Agency) bool { return a.Kind == kind },
			say("inspection.receiver.kind", "Kind", kind), say("inspection.receiver.kind_advice"))
	}
	bears := func(code string) func(*agency.Agency) bool {
		return func(a *agency.Agency) bool { return a.Code == code }
	}
	for _, code := range v.ReceivedBy.Agencies {
		without(bears(code), say("inspection.receiver.agency", "Agency", code),
			say("inspection.receiver.agency_advice"))
	}
	if v.DecidedBy.By == procedure.ByAgency {
		code := v.DecidedBy.Agency
		without(bears(code), say("inspection.receiver.decider", "Agency", code),
			say("inspection.receiver.agency_advice"))
	}
}

// on reports what is wrong with a procedure from a day on. It fails when that is today and the procedure can
// be filed; else it warns.
func (s *survey) on(v *procedure.Version, day workday.Date, wrong, advice Message) {
	switch it := aProcedure(v.Code); {
	case day.After(s.today):
		s.warn(it, day, say("inspection.from", "Day", day, "What", wrong), advice)
	case v.Online():
		s.fail(it, wrong, advice)
	default:
		s.warn(it, s.today, wrong, advice)
	}
}
