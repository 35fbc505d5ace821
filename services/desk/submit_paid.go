package desk

import (
	"context"
	"errors"
	"log/slog"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// SubmitPaid files exactly the revision that was frozen, as of the provider's
// instant. What can no longer be submitted is given back by itself, and the draft
// is opened for editing. Called again it gives the same dossier. Errors: ErrPaidLost; filestore.ErrAway.
func (d *Desk) SubmitPaid(ctx context.Context, quoteID string) (Submission, error) {
	quote, err := payments.FindQuote(ctx, d.Pool, d.Vault, quoteID)
	if err != nil {
		return Submission{}, err
	}
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, dossier.DraftID(quote.Draft),
		identity.PartyID(quote.Party))
	if err != nil {
		return Submission{}, err
	}
	day, err := d.paidOn(ctx, quoteID)
	if err != nil {
		return Submission{}, err
	}
	files, err := d.provenFrozen(ctx, draft, quoteID)
	if err != nil {
		return Submission{}, err
	}
	return d.withCode(ctx, toFile{draft: draft, day: day}, func(tx pgx.Tx, draft *dossier.Draft,
		code dossier.Code) (Submission, error) {
		quote, err := payments.LockQuote(ctx, tx, d.Vault, quoteID)
		if err != nil {
			return Submission{}, err
		}
		standing, err := payments.StandingOf(ctx, tx, d.Vault, quoteID)
		if err != nil {
			return Submission{}, err
		}
		mine := draft.Quote != nil && *draft.Quote == quoteID
		switch {
		case draft.State == dossier.Filed && mine:
			return d.submitted(ctx, tx, draft)
		case !standing.Settled():
			return Submission{FeeDue: draft.State == dossier.Frozen}, nil
		case draft.State != dossier.Frozen || !mine || files.lost:
			return Submission{}, d.giveAllBack(ctx, tx, draft, quote, standing)
		}
		return d.filePaid(ctx, tx, draft, paid{quote, standing, files.proof}, code)
	})
}

// paidOn is the day on which a quote was paid: the dossier is of that day, however
// late the portal learns of the payment. It is today while nothing was paid.
func (d *Desk) paidOn(ctx context.Context, quote string) (workday.Date, error) {
	standing, err := payments.StandingOf(ctx, d.Pool, d.Vault, quote)
	if err != nil || standing.PaidAt.IsZero() {
		return d.today(), err
	}
	return workday.DateOf(standing.PaidAt), nil
}

// paid is a quote that was paid, and the files that lie in the store for its draft.
type paid struct {
	quote    *payments.Quote
	standing payments.Standing
	files    proof
}

func (d *Desk) filePaid(ctx context.Context, tx pgx.Tx, draft *dossier.Draft, p paid,
	code dossier.Code) (Submission, error) {
	quote, standing := p.quote, p.standing
	on := workday.DateOf(standing.PaidAt)
	inForce, err := procedure.InForce(ctx, tx, draft.ProcedureCode, on)
	if err != nil && !errors.Is(err, procedure.ErrNotFound) {
		return Submission{}, err
	}
	office, officeErr := agency.Find(ctx, tx, *draft.ReceivingAgency)
	if officeErr != nil {
		return Submission{}, officeErr
	}
	_, connectionErr := agency.ConnectionAt(ctx, tx, d.Vault, office.ID, d.today())
	if connectionErr != nil && !errors.Is(connectionErr, agency.ErrNoConnection) {
		return Submission{}, connectionErr
	}
	if err != nil || inForce.ID != draft.VersionID || !office.HoldsOn(on) || connectionErr != nil {
		return Submission{}, d.giveAllBack(ctx, tx, draft, quote, standing)
	}
	revision, err := dossier.FrozenRevision(ctx, tx, d.Vault, draft)
	if err != nil {
		return Submission{}, err
	}
	if revision.ReceivingAgency != office.Code || revision.Procedure.VersionID != draft.VersionID {
		slog.ErrorContext(ctx, "a paid draft goes elsewhere than what was frozen says: nothing is filed",
			"draft", draft.ID, "quote", quote.ID)
		return Submission{}, d.giveAllBack(ctx, tx, draft, quote, standing)
	}
	if err := p.files.covers(revision.Files); err != nil {
		return Submission{}, err
	}
	if inForce.CheckFiler(revision.Owner.Kind, revision.Capacity) != nil {
		return Submission{}, d.giveAllBack(ctx, tx, draft, quote, standing)
	}
	holds, err := d.resultsHold(ctx, tx, revision, standing.PaidAt)
	if err != nil {
		return Submission{}, err
	}
	if !holds {
		return Submission{}, d.giveAllBack(ctx, tx, draft, quote, standing)
	}
	if code == "" {
		return Submission{}, errCodeWanted
	}
	deciding, err := frozenDecider(ctx, tx, revision, office, on)
	if err != nil {
		return Submission{}, err
	}
	if err := d.proved(ctx, tx, inForce, office.ID, deciding.ID); err != nil {
		return Submission{}, err
	}
	receipt, err := d.receipt(ctx, tx, quote, standing)
	if err != nil {
		return Submission{}, err
	}
	return Submission{Code: code}, d.file(ctx, tx, filing{
		draft: draft, revision: revision, code: code, person: *draft.FrozenBy, receiving: office,
		deciding: deciding, at: standing.PaidAt, payment: dossier.Paid, receipt: receipt.Number,
	})
}

// SubmitPaid asks the worker to submit the frozen draft of a paid quote.
type SubmitPaid struct {
	Quote string `json:"quote"`
}

// Kind names the job in the queue.
func (SubmitPaid) Kind() string { return "submit_paid" }
