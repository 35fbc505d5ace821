package desk

import (
	"context"
	"errors"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
)

// PaymentReturn is called when the payer's browser comes back: it asks the
// provider, applies what it says, and submits what was paid. FeeDue stays true
// while the provider has not confirmed the payment, with Away when it does not answer, or while files of the
// draft cannot be found. Errors: dossier.ErrNotFound, ErrWithAnother.
func (d *Desk) PaymentReturn(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return Submission{}, err
	}
	switch draft.State {
	case dossier.Filed:
		return d.submitted(ctx, d.Pool, draft)
	case dossier.Frozen:
	default:
		return Submission{}, ErrNotFrozen
	}
	quote := *draft.Quote
	away := false
	if d.Checkout != nil {
		patient, cancel := d.patience(ctx)
		err := d.lookUp(ctx, patient, quote, everySession)
		cancel()
		if away = isAway(err); err != nil && !away {
			return Submission{}, err
		}
	}
	standing, err := payments.StandingOf(ctx, d.Pool, d.Vault, quote)
	if err != nil {
		return Submission{}, err
	}
	if !standing.Settled() {
		return Submission{FeeDue: true, Away: away}, nil
	}
	s, err := d.SubmitPaid(ctx, quote)
	if errors.Is(err, ErrPaidLost) || errors.Is(err, filestore.ErrAway) {
		return Submission{FeeDue: true, Away: away}, nil // the job of the payment goes on trying
	}
	return s, err
}

// PaymentKnown is what PaymentReturn gives without asking the provider or changing
// anything. FeeDue stays true for what was paid and is not submitted yet.
func (d *Desk) PaymentKnown(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, id, who.Party)
	if err != nil {
		return Submission{}, err
	}
	switch draft.State {
	case dossier.Filed:
		return d.submitted(ctx, d.Pool, draft)
	case dossier.Frozen:
		return Submission{FeeDue: true}, nil
	}
	return Submission{}, ErrNotFrozen
}
