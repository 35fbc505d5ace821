package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
)

const (
	// sweepAge is how old an open payment is before the provider is asked about it.
	sweepAge = 2 * time.Minute
	// clockSkew is how far the provider's clock may be from ours.
	clockSkew = 24 * time.Hour
	// sweepFailures ends a sweep: a provider that did not answer so often in a row is away, and each further
	// question would wait for nothing.
	sweepFailures = 3
)

// patience is the context of all that one request of a person asks the provider. What the provider said is
// written under the request's own.
func (d *Desk) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d.ProviderTime)
}

// SweepPayments asks the provider about payments that went quiet, and applies what
// it says. It goes through all of them, and gives the failures together. It stops early when the provider is
// away.
func (d *Desk) SweepPayments(ctx context.Context) error {
	if d.Checkout == nil {
		return nil
	}
	open, err := payments.OpenAttempts(ctx, d.Pool, d.Vault, d.Now().Add(-sweepAge), sweepRows)
	if err != nil {
		return err
	}
	var failures []error
	away := 0
	for _, a := range open {
		err := d.lookUpAttempt(ctx, ctx, &a)
		if err != nil {
			failures = append(failures, fmt.Errorf("desk: sweep attempt %s: %w", a.ID, err))
		}
		if away++; !isAway(err) {
			away = 0
		}
		if away == sweepFailures {
			return errors.Join(failures...)
		}
	}
	due, err := payments.RefundsDue(ctx, d.Pool, d.Vault, d.Now(), sweepRows)
	failures = append(failures, err)
	for _, r := range due {
		err := d.refund(ctx, r)
		failures = append(failures, err)
		if away++; !isAway(err) {
			away = 0
		}
		if away == sweepFailures {
			break
		}
	}
	return errors.Join(failures...)
}

// isAway reports that the provider does not answer, or not to our key.
func isAway(err error) bool {
	return errors.Is(err, checkout.ErrAway) || errors.Is(err, checkout.ErrKey)
}

// which names the open sessions of a quote about which the provider is asked.
type which int

const (
	everySession   which = iota
	lapsedSessions       // whose time is over
)

// lookUp asks the provider about open sessions of a quote, as long as patient lasts, and applies what it
// says.
func (d *Desk) lookUp(ctx, patient context.Context, quote string, asked which) error {
	attempts, err := payments.AttemptsOf(ctx, d.Pool, d.Vault, quote)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		open := a.Channel == payments.ChannelStripe && (a.State == payments.AttemptOpen ||
			a.State == payments.AttemptOpening)
		if !open || asked == lapsedSessions && !a.Lapsed(d.Now()) && !d.tooLate(&a) {
			continue
		}
		if err := d.lookUpAttempt(ctx, patient, &a); err != nil {
			return err
		}
	}
	return nil
}

// tooLate reports whether an attempt without a session is too old to get one. That happens when the provider
// did not answer at first: it now refuses to open a session that would end so soon.
func (d *Desk) tooLate(a *payments.Attempt) bool {
	return a.SessionRef == nil && a.ExpiresAt.Sub(d.Now()) < checkout.ShortestSession
}

func (d *Desk) lookUpAttempt(ctx, patient context.Context, a *payments.Attempt) error {
	if a.SessionRef == nil {
		if d.tooLate(a) {
			return payments.AbandonAttempt(ctx, d.Pool, a.ID)
		}
		return nil
	}
	facts, err := d.Checkout.Lookup(patient, *a.SessionRef)
	if errors.Is(err, payments.ErrNotFound) {
		return d.lost(ctx, a)
	}
	return d.hear(ctx, facts, err)
}

// lost is about a session that the provider does not know: the account was changed, or its data went. Nobody
// can pay it any more, and if somebody did, a person has to find out.
func (d *Desk) lost(ctx context.Context, a *payments.Attempt) error {
	d.PaymentAlarm(ctx, &checkout.Odd{Why: checkout.Unknown, Object: *a.SessionRef})
	return payments.LoseAttempt(ctx, d.Pool, a.ID)
}
