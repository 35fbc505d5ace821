package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
)

// sweepAge is how old an open payment is before the provider is asked about it.
const sweepAge = 2 * time.Minute

// SweepPayments asks the provider about payments that went quiet, and applies what
// it says. It goes through all of them, and gives the failures together.
func (d *Desk) SweepPayments(ctx context.Context) error {
	if d.Checkout == nil {
		return nil
	}
	open, err := payments.OpenAttempts(ctx, d.Pool, d.Now().Add(-sweepAge), sweepRows)
	if err != nil {
		return err
	}
	var failures []error
	for _, a := range open {
		if err := d.lookUpAttempt(ctx, &a); err != nil {
			failures = append(failures, fmt.Errorf("desk: sweep attempt %s: %w", a.ID, err))
		}
	}
	due, err := payments.RefundsDue(ctx, d.Pool, d.Now(), sweepRows)
	failures = append(failures, err)
	for _, r := range due {
		failures = append(failures, d.refund(ctx, r))
	}
	return errors.Join(failures...)
}

// which names the open sessions of a quote about which the provider is asked.
type which int

const (
	everySession   which = iota
	lapsedSessions       // whose time is over
)

// lookUp asks the provider about open sessions of a quote and applies what it says.
func (d *Desk) lookUp(ctx context.Context, quote string, asked which) error {
	attempts, err := payments.AttemptsOf(ctx, d.Pool, quote)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		open := a.Channel == payments.ChannelStripe && (a.State == payments.AttemptOpen ||
			a.State == payments.AttemptOpening)
		if !open || asked == lapsedSessions && !a.Lapsed(d.Now()) && !d.tooLate(&a) {
			continue
		}
		if err := d.lookUpAttempt(ctx, &a); err != nil {
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
