package desk

import (
	"context"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// sessionLife is how long a payment page stays open.
const sessionLife = time.Hour

// OpenPayment gives the address of the hosted payment page of a frozen draft. The
// page that is open already is given again. Errors: ErrNotFrozen, ErrNoPayment,
// ErrAlreadyPaid, procedure.ErrCitizensOnly and ErrNoCapacity, those of the provider.
func (d *Desk) OpenPayment(ctx context.Context, who identity.Who, id dossier.DraftID,
	lang i18n.Lang) (string, error) {
	if d.Checkout == nil {
		return "", ErrNoPayment
	}
	draft, quote, err := d.frozen(ctx, who, id)
	if err != nil {
		return "", err
	}
	patient, cancel := d.patience(ctx)
	defer cancel()
	if err := d.lookUp(ctx, patient, quote.ID, lapsedSessions); err != nil {
		return "", err
	}
	standing, err := payments.StandingOf(ctx, d.Pool, d.Vault, quote.ID)
	if err != nil {
		return "", err
	}
	if standing.Settled() {
		return "", ErrAlreadyPaid
	}
	if err := d.mayFile(ctx, draft); err != nil {
		return "", err
	}
	now := d.Now()
	var attempt *payments.Attempt
	err = d.tx(ctx, func(tx pgx.Tx) error {
		attempt, _, err = payments.InsertAttempt(ctx, tx, d.Vault, payments.NewAttempt{
			Quote: quote.ID, Channel: payments.ChannelStripe, Lang: lang, ExpiresAt: now.Add(sessionLife),
			Now: now,
		})
		return err
	})
	if err != nil {
		return "", err
	}
	if attempt.SessionURL != nil {
		return *attempt.SessionURL, nil
	}
	session, err := d.Checkout.Open(patient, d.openingOf(draft, quote, attempt))
	if err != nil {
		return "", err
	}
	return session.URL, payments.SaveSession(ctx, d.Pool, d.Vault, attempt.ID, payments.NewSession{
		Ref: session.Ref, URL: session.URL, ExpiresAt: session.ExpiresAt, Now: d.Now(),
	})
}

// mayFile refuses a draft that was frozen before its audience was looked at: nothing is charged for what
// cannot be submitted.
func (d *Desk) mayFile(ctx context.Context, draft *dossier.Draft) error {
	version, err := procedure.ByID(ctx, d.Pool, draft.VersionID)
	if err != nil {
		return err
	}
	owner, err := identity.Find(ctx, d.Pool, d.Vault, draft.Party)
	if err != nil {
		return err
	}
	return version.CheckFiler(owner.Kind, draft.Capacity)
}

func (d *Desk) openingOf(draft *dossier.Draft, quote *payments.Quote,
	attempt *payments.Attempt) checkout.Opening {
	return checkout.Opening{
		Attempt: attempt.ID, Reference: draft.ProcedureCode, Lang: attempt.Lang, Lines: quote.Lines,
		ReturnURL: d.Site.URL(address.PaymentReturn(attempt.Lang, draft.ID)),
		CancelURL: d.Site.URL(address.DraftFee(attempt.Lang, draft.ID)),
		ExpiresAt: *attempt.ExpiresAt,
	}
}

// frozen finds a draft that waits for its payment, and its quote.
func (d *Desk) frozen(ctx context.Context, who identity.Who,
	id dossier.DraftID) (*dossier.Draft, *payments.Quote, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return nil, nil, err
	}
	if draft.State != dossier.Frozen {
		return nil, nil, ErrNotFrozen
	}
	quote, err := payments.FindQuote(ctx, d.Pool, d.Vault, *draft.Quote)
	return draft, quote, err
}
