package desk

import (
	"context"
	"errors"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// Submission says what became of a draft that was submitted.
type Submission struct {
	// Code is empty while a fee is to be paid first.
	Code   dossier.Code
	FeeDue bool
}

// codeTries bounds how often a number is drawn anew when another dossier has it.
const codeTries = 5

// Submit hands a draft in. A second submit of the same draft, by whatever way,
// gives the same dossier. Where a fee is due at submission the draft is frozen
// first, and its payment submits it. Errors: dossier.ErrNotFound; ErrWithAnother; ErrNewVersion;
// a fault.List of everything that is still missing, unconfirmed warnings included.
func (d *Desk) Submit(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return Submission{}, err
	}
	if draft.Asked != nil {
		return d.submitSupplement(ctx, who, draft)
	}
	if draft.State == dossier.Editing {
		view, err := d.view(ctx, d.Pool, draft, d.today())
		if err != nil {
			return Submission{}, err
		}
		if err := view.hindrances().Err(); err != nil {
			return Submission{}, err
		}
	}
	return d.withCode(ctx, draft, d.today(), func(tx pgx.Tx, draft *dossier.Draft,
		code dossier.Code) (Submission, error) {
		return d.submitIn(ctx, tx, who, draft, code)
	})
}

// withCode draws a code of a day for a draft that is not submitted yet, locks the
// draft and runs f in one transaction; a code that another dossier took is drawn anew.
func (d *Desk) withCode(ctx context.Context, draft *dossier.Draft, day workday.Date,
	f func(pgx.Tx, *dossier.Draft, dossier.Code) (Submission, error)) (s Submission, err error) {
	var office *agency.Agency
	if draft.ReceivingAgency != nil {
		if office, err = agency.Find(ctx, d.Pool, *draft.ReceivingAgency); err != nil {
			return s, err
		}
	}
	for range codeTries {
		var code dossier.Code
		if office != nil && (draft.State == dossier.Editing || draft.State == dossier.Frozen) {
			if code, err = dossier.NextCode(ctx, d.Pool, office.Code, day); err != nil {
				return s, err
			}
		}
		err = d.tx(ctx, func(tx pgx.Tx) error {
			locked, err := dossier.LockDraft(ctx, tx, d.Vault, draft.ID, draft.Party)
			if err != nil {
				return err
			}
			s, err = f(tx, locked, code)
			return err
		})
		if !errors.Is(err, dossier.ErrCodeTaken) {
			break
		}
	}
	if err != nil {
		return Submission{}, err
	}
	if s.Code != "" {
		d.Appended()
	}
	return s, nil
}

// submitIn checks a locked draft once more and files or freezes it.
func (d *Desk) submitIn(ctx context.Context, tx pgx.Tx, who identity.Who, draft *dossier.Draft,
	code dossier.Code) (Submission, error) {
	if err := d.holds(ctx, tx, who, draft); err != nil {
		return Submission{}, err
	}
	switch draft.State {
	case dossier.Filed:
		return d.submitted(ctx, tx, draft)
	case dossier.Frozen:
		return Submission{FeeDue: true}, nil
	case dossier.Discarded:
		return Submission{}, dossier.ErrNotFound
	}
	now := d.Now()
	on := workday.DateOf(now)
	inForce, err := procedure.InForce(ctx, tx, draft.ProcedureCode, on)
	if err != nil {
		return Submission{}, err
	}
	if inForce.ID != draft.VersionID {
		return Submission{}, ErrNewVersion
	}
	view, err := d.view(ctx, tx, draft, on)
	if err != nil {
		return Submission{}, err
	}
	if err := view.hindrances().Err(); err != nil {
		return Submission{}, err
	}
	if err := d.keepResults(ctx, tx, view); err != nil {
		return Submission{}, err
	}
	revision, err := d.revisionOf(ctx, tx, who, view)
	if err != nil {
		return Submission{}, err
	}
	filing := filing{
		draft: draft, revision: revision, code: code, person: who.Person, receiving: view.Agency,
		deciding: view.Deciding, at: now,
	}
	if view.Fee.Total == 0 {
		filing.payment = dossier.NoFee
		return Submission{Code: code}, d.file(ctx, tx, filing)
	}
	quote := quoteOf(draft, view, now)
	if d.PaidOnline(view.Fee) {
		quote.Due = payments.DueAtSubmission
		if err := payments.InsertQuote(ctx, tx, quote); err != nil {
			return Submission{}, err
		}
		freezing := dossier.Freezing{Pending: revision, Quote: quote.ID, Person: who.Person, Now: now}
		return Submission{FeeDue: true}, dossier.Freeze(ctx, tx, d.Vault, draft, freezing)
	}
	quote.Due = payments.DueAtCounter
	if err := payments.InsertQuote(ctx, tx, quote); err != nil {
		return Submission{}, err
	}
	filing.payment = dossier.CounterDue
	return Submission{Code: code}, d.file(ctx, tx, filing)
}

func (d *Desk) submitted(ctx context.Context, db postgres.DB, draft *dossier.Draft) (Submission, error) {
	header, err := dossier.FindByDraft(ctx, db, d.Vault, draft.ID, draft.Party)
	if err != nil {
		return Submission{}, err
	}
	return Submission{Code: header.Code}, nil
}
