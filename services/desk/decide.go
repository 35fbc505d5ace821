package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/attachment"
	"congdvc/services/dong"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// Receive says that an officer received the dossier: the term begins, the person
// gets slip 01 with the date on which the result is due. Errors: dossier.ErrMove.
func (d *Desk) Receive(ctx context.Context, o Office, code dossier.Code, in onestop.Receive) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		at := d.Now()
		if in.ReceivedAt != nil && in.ReceivedAt.After(h.SubmittedAt) && in.ReceivedAt.Before(at) {
			at = *in.ReceivedAt
		}
		if err := h.Allows(dossier.KindReceived); err != nil {
			return nil, err
		}
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		received := happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindReceived, Actor: o.Actor, Note: in.Note, At: at}, version: v,
			slip: func(s *sheet.SlipData) { s.ReceivedAt, s.DueAt = h.ReceivedAt, h.DueAt },
		}
		if term, ok := v.Term(h.Case, procedure.Online); ok {
			calendar, err := agency.CalendarOf(ctx, tx, h.DecidingAgency)
			if err != nil {
				return nil, err
			}
			due, err := calendar.Due(at, term)
			if err != nil {
				return nil, err
			}
			received.Due, received.told.Due = &due, &due.At
		}
		return nil, d.record(ctx, tx, h, received)
	})
}

// Refuse says that the agency does not receive the dossier, and why: slip 03.
// What was paid and may be given back is given back. Errors: dossier.ErrMove.
func (d *Desk) Refuse(ctx context.Context, o Office, code dossier.Code, in onestop.Refuse) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		err = d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindRefused, Actor: o.Actor, Note: in.Reason, At: d.Now()}, version: v,
			slip: func(s *sheet.SlipData) { s.Reason = in.Reason },
		})
		if err != nil {
			return nil, err
		}
		return nil, d.letGo(ctx, tx, h, payments.ReasonRefused)
	})
}

// Process says that the dossier is being worked on. Errors: dossier.ErrMove.
func (d *Desk) Process(ctx context.Context, o Office, code dossier.Code, in onestop.Process) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindProcessing, Actor: o.Actor, Note: in.Note, At: d.Now()},
		})
	})
}

// AskSupplement asks the owner to correct or complete the dossier: slip 02. The
// draft of the answer is made at once, and the clock stands still. Errors:
// dossier.ErrMove, ErrUnknownField for an id that the dossier does not have.
func (d *Desk) AskSupplement(ctx context.Context, o Office, code dossier.Code, in onestop.Supplement) ([]byte, error) {
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
		items, err := supplementItems(v, h, last, in)
		if err != nil {
			return nil, err
		}
		err = d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindSupplementAsked, Actor: o.Actor, At: now}, version: v,
			slip: func(s *sheet.SlipData) { s.Items, s.Deadline = items, &in.Deadline },
			told: notice.Args{Deadline: &in.Deadline},
		})
		if err != nil {
			return nil, err
		}
		draft, err := dossier.InsertDraft(ctx, tx, d.Vault, dossier.NewDraft{
			Party: h.Owner, Person: h.SubmittedBy, VersionID: h.VersionID, ProcedureCode: h.ProcedureCode, Case: h.Case,
			ReceivingAgency: &h.ReceivingAgency, Lang: h.Lang, Dossier: &h.ID, Revision: len(revisions) + 1,
			Asked:   &dossier.Asked{Fields: in.Fields, Requirements: in.Requirements, Deadline: in.Deadline.AddDays(1).At(0)},
			Reasons: in.Reasons, Fields: answersAsChanges(last), Now: now,
			Confirmed: confirmedBefore(v.Form(), last, workday.DateOf(h.SubmittedAt)),
		})
		if err != nil {
			return nil, err
		}
		if err := dossier.PutGiven(ctx, tx, d.Vault, draft.ID, givenBefore(last)); err != nil {
			return nil, err
		}
		before, err := dossier.DraftOfRevision(ctx, tx, h.ID, len(revisions))
		if err != nil {
			return nil, err
		}
		return nil, attachment.CopyTo(ctx, tx, d.Vault, before, draft.ID)
	})
}

// supplementItems names what is asked for, and refuses ids that the dossier does not have.
func supplementItems(v *procedure.Version, h *dossier.Dossier, last *dossier.Revision, in onestop.Supplement) ([]sheet.SlipItem, error) {
	lang := i18n.Lang(h.Lang)
	var items []sheet.SlipItem
	for _, id := range in.Fields {
		f := v.Form().Field(id)
		if f == nil || !f.Asks() {
			return nil, ErrUnknownField.At("fields").With("ID", id)
		}
		items = append(items, sheet.SlipItem{Name: f.Label.In(lang), Reason: in.Reasons[id]})
	}
	asked := map[string]procedure.Requirement{}
	for _, r := range v.Required(submittedChoice(v, last)) {
		if r.Mode == procedure.Submit {
			asked[r.ID] = r
		}
	}
	for _, id := range in.Requirements {
		r, ok := asked[id]
		if !ok {
			return nil, ErrUnknownField.At("requirements").With("ID", id)
		}
		items = append(items, sheet.SlipItem{Name: r.Name.In(lang), Reason: in.Reasons[id]})
	}
	return items, nil
}

func answersAsChanges(r *dossier.Revision) []dossier.Change {
	changes := make([]dossier.Change, 0, len(r.Answers))
	for id, value := range r.Answers {
		changes = append(changes, dossier.Change{Field: id, Value: value, Source: "revision"})
	}
	return changes
}

// PaidAtCounter records that the fee was paid in person. Errors: ErrNothingOwed,
// payments.ErrAmount unless it is exactly what is owed.
func (d *Desk) PaidAtCounter(ctx context.Context, o Office, code dossier.Code, in onestop.CounterPayment) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if h.Payment != dossier.CounterDue {
			return nil, ErrNothingOwed
		}
		quote, err := payments.QuoteOf(ctx, tx, string(h.Draft))
		if err != nil {
			return nil, err
		}
		reference := in.ReceiptNumber
		if reference == "" {
			reference = o.Call.Key
		}
		fact, err := payments.CounterFact(ctx, tx, payments.CounterPayment{
			Quote: quote.ID, Amount: dong.Amount(in.Amount), Reference: reference, At: d.Now(), Now: d.Now(),
		})
		if err != nil {
			return nil, err
		}
		if _, _, err := payments.Record(ctx, tx, fact); err != nil {
			return nil, err
		}
		if err := d.settle(ctx, tx, quote.ID, fact, o.Actor); err != nil {
			return nil, err
		}
		paid, err := dossier.Lock(ctx, tx, h.ID)
		if err != nil {
			return nil, err
		}
		return d.header(ctx, tx, paid)
	})
}
