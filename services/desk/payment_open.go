package desk

import (
	"context"
	"errors"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// sessionLife is how long a payment page stays open.
const sessionLife = time.Hour

// OpenPayment gives the address of the hosted payment page of a frozen draft. The
// page that is open already is given again. Errors: ErrNotFrozen, ErrNoPayment,
// ErrAlreadyPaid, those of the provider.
func (d *Desk) OpenPayment(ctx context.Context, who identity.Who, id dossier.DraftID, lang i18n.Lang) (string, error) {
	if d.Checkout == nil {
		return "", ErrNoPayment
	}
	draft, quote, err := d.frozen(ctx, who, id)
	if err != nil {
		return "", err
	}
	if err := d.lookUp(ctx, quote.ID, true); err != nil {
		return "", err
	}
	standing, err := payments.StandingOf(ctx, d.Pool, quote.ID)
	if err != nil {
		return "", err
	}
	if standing.Settled() {
		return "", ErrAlreadyPaid
	}
	now := d.Now()
	var attempt *payments.Attempt
	err = d.tx(ctx, func(tx pgx.Tx) error {
		attempt, _, err = payments.InsertAttempt(ctx, tx, payments.NewAttempt{
			Quote: quote.ID, Channel: payments.ChannelStripe, Lang: lang, ExpiresAt: now.Add(sessionLife), Now: now,
		})
		return err
	})
	if err != nil {
		return "", err
	}
	if attempt.SessionURL != nil {
		return *attempt.SessionURL, nil
	}
	return d.openSession(ctx, draft, quote, attempt)
}

func (d *Desk) openSession(ctx context.Context, draft *dossier.Draft, quote *payments.Quote, attempt *payments.Attempt) (string, error) {
	lang, id := string(attempt.Lang), string(draft.ID)
	session, err := d.Checkout.Open(ctx, checkout.Opening{
		Attempt: attempt.ID, Reference: draft.ProcedureCode, Lang: attempt.Lang, Lines: quote.Lines,
		ReturnURL: d.Site.URL(address.PaymentReturn(lang, id)),
		CancelURL: d.Site.URL(address.DraftFee(lang, id)),
		ExpiresAt: *attempt.ExpiresAt,
	})
	if err != nil {
		return "", err
	}
	err = payments.SaveSession(ctx, d.Pool, attempt.ID, payments.NewSession{
		Ref: session.Ref, URL: session.URL, ExpiresAt: session.ExpiresAt, Now: d.Now(),
	})
	if err != nil {
		return "", err
	}
	return session.URL, nil
}

// frozen finds a draft that waits for its payment, and its quote.
func (d *Desk) frozen(ctx context.Context, who identity.Who, id dossier.DraftID) (*dossier.Draft, *payments.Quote, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, id, who.Party)
	if err != nil {
		return nil, nil, err
	}
	if draft.State != dossier.Frozen {
		return nil, nil, ErrNotFrozen
	}
	quote, err := payments.FindQuote(ctx, d.Pool, *draft.Quote)
	return draft, quote, err
}

// lookUp asks the provider about the open sessions of a quote and applies what it
// says. With lapsedOnly only those are asked whose time is over.
func (d *Desk) lookUp(ctx context.Context, quote string, lapsedOnly bool) error {
	attempts, err := payments.AttemptsOf(ctx, d.Pool, quote)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		open := a.Channel == payments.ChannelStripe && (a.State == payments.AttemptOpen || a.State == payments.AttemptOpening)
		if !open || lapsedOnly && !a.Lapsed(d.Now()) && !d.tooLate(&a) {
			continue
		}
		if err := d.lookUpAttempt(ctx, &a); err != nil {
			return err
		}
	}
	return nil
}

// tooLate says of an attempt that got no session, as the provider did not answer,
// that the provider would refuse to open one that ends as soon as this.
func (d *Desk) tooLate(a *payments.Attempt) bool {
	return a.SessionRef == nil && a.ExpiresAt.Sub(d.Now()) < checkout.ShortestSession
}

func (d *Desk) lookUpAttempt(ctx context.Context, a *payments.Attempt) error {
	if a.SessionRef == nil {
		if d.tooLate(a) {
			return payments.AbandonAttempt(ctx, d.Pool, a.ID)
		}
		return nil
	}
	facts, err := d.Checkout.Lookup(ctx, *a.SessionRef)
	if err != nil {
		return err
	}
	for _, f := range facts {
		if err := d.PaymentFact(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// PaymentReturn is called when the payer's browser comes back: it asks the
// provider, applies what it says, and submits what was paid. FeeDue stays true
// while the provider has not confirmed the payment.
func (d *Desk) PaymentReturn(ctx context.Context, who identity.Who, id dossier.DraftID) (Submission, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, id, who.Party)
	if err != nil {
		return Submission{}, err
	}
	switch draft.State {
	case dossier.Filed:
		return submitted(ctx, d.Pool, draft)
	case dossier.Frozen:
	default:
		return Submission{}, ErrNotFrozen
	}
	quote := *draft.Quote
	if d.Checkout != nil {
		if err := d.lookUp(ctx, quote, false); err != nil && !errors.Is(err, checkout.ErrAway) {
			return Submission{}, err
		}
	}
	standing, err := payments.StandingOf(ctx, d.Pool, quote)
	if err != nil {
		return Submission{}, err
	}
	if !standing.Settled() {
		return Submission{FeeDue: true}, nil
	}
	return d.SubmitPaid(ctx, quote)
}

// EditFrozen opens a frozen draft for editing again. Its payment page is ended
// first; if it was paid meanwhile the draft is submitted instead: ErrAlreadyPaid.
func (d *Desk) EditFrozen(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	draft, quote, err := d.frozen(ctx, who, id)
	if err != nil {
		return err
	}
	if err := d.endSessions(ctx, quote.ID); err != nil {
		return err
	}
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, draft.ID, who.Party)
		if err != nil {
			return err
		}
		if draft.State != dossier.Frozen || *draft.Quote != quote.ID {
			return ErrNotFrozen
		}
		if _, err := payments.LockQuote(ctx, tx, quote.ID); err != nil {
			return err
		}
		standing, err := payments.StandingOf(ctx, tx, quote.ID)
		if err != nil {
			return err
		}
		if standing.Settled() {
			return ErrAlreadyPaid
		}
		if err := payments.VoidQuote(ctx, tx, quote.ID, d.Now()); err != nil {
			return err
		}
		return dossier.Thaw(ctx, tx, draft, d.Now())
	})
	if errors.Is(err, ErrAlreadyPaid) {
		if _, failure := d.SubmitPaid(ctx, quote.ID); failure != nil {
			return failure
		}
	}
	return err
}

func (d *Desk) endSessions(ctx context.Context, quote string) error {
	attempts, err := payments.AttemptsOf(ctx, d.Pool, quote)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if a.Channel != payments.ChannelStripe || a.SessionRef == nil || a.State != payments.AttemptOpen {
			continue
		}
		if d.Checkout == nil {
			return ErrNoPayment
		}
		err := d.Checkout.Expire(ctx, *a.SessionRef)
		if err != nil && !errors.Is(err, checkout.ErrComplete) {
			return err
		}
		if err := d.lookUpAttempt(ctx, &a); err != nil {
			return err
		}
	}
	return nil
}
