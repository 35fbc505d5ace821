package desk

import (
	"context"
	"errors"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// EditFrozen opens a frozen draft for editing again. Its payment page is ended
// first; if it was paid meanwhile the draft is submitted instead: ErrAlreadyPaid. Errors also ErrWithAnother.
func (d *Desk) EditFrozen(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	draft, quote, err := d.frozen(ctx, who, id)
	if err != nil {
		return err
	}
	return d.thaw(ctx, draft, quote)
}

func (d *Desk) thaw(ctx context.Context, draft *dossier.Draft, quote *payments.Quote) error {
	if err := d.endSessions(ctx, quote.ID); err != nil {
		return err
	}
	err := d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, d.Vault, draft.ID, draft.Party)
		if err != nil {
			return err
		}
		if draft.State != dossier.Frozen || *draft.Quote != quote.ID {
			return ErrNotFrozen
		}
		if _, err := payments.LockQuote(ctx, tx, d.Vault, quote.ID); err != nil {
			return err
		}
		standing, err := payments.StandingOf(ctx, tx, d.Vault, quote.ID)
		if err != nil {
			return err
		}
		if standing.Settled() {
			return ErrAlreadyPaid
		}
		if err := payments.VoidQuote(ctx, tx, d.Vault, quote.ID, d.Now()); err != nil {
			return err
		}
		return dossier.Thaw(ctx, tx, d.Vault, draft, d.Now())
	})
	if errors.Is(err, ErrAlreadyPaid) {
		if _, failure := d.SubmitPaid(ctx, quote.ID); failure != nil {
			return failure
		}
	}
	return err
}

func (d *Desk) endSessions(ctx context.Context, quote string) error {
	attempts, err := payments.AttemptsOf(ctx, d.Pool, d.Vault, quote)
	if err != nil {
		return err
	}
	patient, cancel := d.patience(ctx)
	defer cancel()
	for _, a := range attempts {
		if a.Channel != payments.ChannelStripe || a.SessionRef == nil || a.State != payments.AttemptOpen {
			continue
		}
		if d.Checkout == nil {
			return ErrNoPayment
		}
		err := d.Checkout.Expire(patient, *a.SessionRef)
		if err != nil && !errors.Is(err, checkout.ErrComplete) && !errors.Is(err, payments.ErrNotFound) {
			return err
		}
		if err := d.lookUpAttempt(ctx, patient, &a); err != nil {
			return err
		}
	}
	return nil
}
