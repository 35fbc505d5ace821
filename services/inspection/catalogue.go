package inspection

import (
	"context"

	"congdvc/services/procedure"
)

// endings says which versions end although nothing takes their place on that day.
func endings(ctx context.Context, s *survey) error {
	ends, err := procedure.Endings(ctx, s.db, s.today, s.through)
	if err != nil {
		return err
	}
	for _, e := range ends {
		says := say("inspection.ending.alone", "Day", e.On)
		if e.Begins != nil {
			says = say("inspection.ending.gap", "Day", e.On, "Next", *e.Begins)
		}
		s.warn(aProcedure(e.Code), e.On, says, say("inspection.ending.advice"))
	}
	return nil
}

// drafts says which versions wait for being published.
func drafts(ctx context.Context, s *survey) error {
	found, err := procedure.Entries(ctx, s.db, "", procedure.Draft)
	if err != nil {
		return err
	}
	for _, d := range found {
		key := "inspection.draft.early"
		if !d.EffectiveFrom.After(s.today) {
			key = "inspection.draft.late"
		}
		s.warn(aProcedure(d.Code), d.EffectiveFrom, say(key, "Draft", d.Number, "Day", d.EffectiveFrom),
			say("inspection.draft.advice", "Code", d.Code))
	}
	return nil
}

// papers says which cases ask for no paper.
func papers(ctx context.Context, s *survey) error {
	cases, err := procedure.PaperlessCases(ctx, s.db, s.today)
	if err != nil {
		return err
	}
	for _, c := range cases {
		s.warn(aProcedure(c.Code), s.today, say("inspection.paper.none", "Case", c.Case, "Name", c.Name.Vi),
			say("inspection.paper.advice"))
	}
	return nil
}

// records counts the incomplete records of the national database.
func records(ctx context.Context, s *survey) error {
	n, err := procedure.CountRecords(ctx, s.db, s.today)
	if err == nil && n.All > 0 {
		s.ok(about("inspection.subject.records", ""), say("inspection.record.count",
			"All", n.All, "Unreceived", n.Unreceived, "Paperless", n.WithoutPaper))
	}
	return err
}
