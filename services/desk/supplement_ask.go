package desk

import (
	"context"
	"strconv"

	"congdvc/i18n"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// AskSupplement asks the owner to correct or complete the dossier: slip 02. The
// draft of the answer is made at once, and the clock stands still. Errors:
// dossier.ErrMove; all at once ErrUnknownField for each id that the dossier does not have, and
// onestop.ErrValue for a last day that is too far off.
func (d *Desk) AskSupplement(ctx context.Context, o Office, code dossier.Code,
	in onestop.Supplement) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		now := d.Now()
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		revisions, err := dossier.Revisions(ctx, tx, h.ID)
		if err != nil {
			return nil, err
		}
		last, err := dossier.OwnRevision(ctx, tx, d.Vault, h.ID, len(revisions))
		if err != nil {
			return nil, err
		}
		items, faults := supplementItems(v, h, last, in)
		latest, err := d.supplementUntil(ctx, tx, v, h)
		if err != nil {
			return nil, err
		}
		faults.Add(onestop.Days{Last: latest}.Check("deadline", in.Deadline))
		if err := faults.Err(); err != nil {
			return nil, err
		}
		err = d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindSupplementAsked, Actor: o.Actor, At: now},
			version:  v, slip: func(s *sheet.SlipData) { s.Items, s.Deadline = items, &in.Deadline },
			told: notice.Args{Deadline: &in.Deadline},
		})
		if err != nil {
			return nil, err
		}
		draft, err := dossier.InsertDraft(ctx, tx, d.Vault, dossier.NewDraft{
			Party: h.Owner, Person: h.SubmittedBy, VersionID: h.VersionID, ProcedureCode: h.ProcedureCode,
			Case: h.Case, Capacity: last.Capacity, ReceivingAgency: &h.ReceivingAgency, Lang: h.Lang,
			Dossier:  &h.ID,
			Revision: len(revisions) + 1, Asked: &dossier.Asked{
				Fields: in.Fields, Requirements: in.Requirements,
				Deadline: in.Deadline.AddDays(1).At(0),
			},
			Reasons: in.Reasons, Fields: answersAsChanges(last), Now: now,
			Confirmed: confirmedBefore(v.Form(), last, workday.DateOf(h.SubmittedAt)),
		})
		if err != nil {
			return nil, err
		}
		if err := dossier.PutGiven(ctx, tx, d.Vault, draft.ID, givenBefore(last)); err != nil {
			return nil, err
		}
		before, err := dossier.DraftOfRevision(ctx, tx, d.Vault, h.ID, len(revisions))
		if err != nil {
			return nil, err
		}
		return nil, attachment.CopyTo(ctx, tx, d.Vault, before, draft.ID)
	})
}

// supplementUntil is the latest day that a supplement may have as its last one.
func (d *Desk) supplementUntil(ctx context.Context, tx pgx.Tx, v *procedure.Version,
	h *dossier.Dossier) (workday.Date, error) {
	calendar, err := agency.CalendarOf(ctx, tx, h.DecidingAgency)
	if err != nil {
		return workday.Date{}, err
	}
	return v.SupplementUntil(calendar, d.Now())
}

// supplementItems names what is asked for, and every id that the dossier does not have.
func supplementItems(v *procedure.Version, h *dossier.Dossier, last *dossier.Revision,
	in onestop.Supplement) (items []sheet.SlipItem, faults fault.List) {
	lang := i18n.Lang(h.Lang)
	unknown := func(member string, at int, id string) {
		faults.Add(ErrUnknownField.At(member+"."+strconv.Itoa(at)).With("ID", id))
	}
	for i, id := range in.Fields {
		f := v.Form().Field(id)
		if f == nil || !f.Asks() {
			unknown("fields", i, id)
			continue
		}
		items = append(items, sheet.SlipItem{Name: f.Label.In(lang), Reason: in.Reasons[id]})
	}
	asked := map[string]procedure.Requirement{}
	for _, r := range v.Required(submittedChoice(v, last)) {
		if r.Mode == procedure.Submit {
			asked[r.ID] = r
		}
	}
	for i, id := range in.Requirements {
		r, ok := asked[id]
		if !ok {
			unknown("requirements", i, id)
			continue
		}
		items = append(items, sheet.SlipItem{Name: r.Name.In(lang), Reason: in.Reasons[id]})
	}
	return items, faults
}

func answersAsChanges(r *dossier.Revision) []dossier.Change {
	changes := make([]dossier.Change, 0, len(r.Answers))
	for id, value := range r.Answers {
		changes = append(changes, dossier.Change{Field: id, Value: value, Source: "revision"})
	}
	return changes
}
