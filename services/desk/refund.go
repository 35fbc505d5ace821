package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

const (
	// refundPause is the pause after the first failed try to give money back; it doubles.
	refundPause = time.Minute
	// refundTries is after how many tries a person has to look.
	refundTries = 12
)

// giveAllBack returns a payment that can no longer submit anything.
func (d *Desk) giveAllBack(ctx context.Context, tx pgx.Tx, draft *dossier.Draft, quote *payments.Quote,
	standing payments.Standing) error {
	if err := d.giveBackPaid(ctx, tx, quote.ID, standing.PaidBy, payments.ReasonImpossible,
		quote.Total); err != nil {
		return err
	}
	if err := payments.VoidQuote(ctx, tx, d.Vault, quote.ID, d.Now()); err != nil {
		return err
	}
	if draft.State == dossier.Frozen && *draft.Quote == quote.ID {
		return dossier.Thaw(ctx, tx, d.Vault, draft, d.Now())
	}
	return nil
}

// letGo settles the fee of a dossier that ended without a result: what was paid
// online for lines that may be refunded is given back, and what was to be paid at
// the counter is not owed any more, unless a line of it is owed in any case.
func (d *Desk) letGo(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, reason string) error {
	quote, err := payments.QuoteOf(ctx, tx, d.Vault, h.Draft)
	if errors.Is(err, payments.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	standing, err := payments.StandingOf(ctx, tx, d.Vault, quote.ID)
	if err != nil {
		return err
	}
	back := refundable(quote)
	// What the facts say counts. A header that says otherwise would have money kept that is to be given back.
	if standing.PaidBy != "" && h.Payment.Unpaid() {
		return fmt.Errorf("desk: the fee of %s is %s by its facts and %s by the dossier: %w", h.Code,
			standing.State, h.Payment, binding.ErrForeign)
	}
	if h.Payment == dossier.CounterDue {
		if back < quote.Total {
			return nil
		}
		if err := payments.VoidQuote(ctx, tx, d.Vault, quote.ID, d.Now()); err != nil {
			return err
		}
		return dossier.SetPayment(ctx, tx, h, dossier.NoFee)
	}
	if back == 0 || !standing.Settled() || standing.Provider != payments.ChannelStripe {
		return nil
	}
	if err := d.giveBackPaid(ctx, tx, quote.ID, standing.PaidBy, reason, back); err != nil {
		return err
	}
	return dossier.SetPayment(ctx, tx, h, dossier.RefundDue)
}

// refundable is how much of a quote is given back when nothing comes of the dossier.
func refundable(q *payments.Quote) (sum dong.Amount) {
	for _, l := range q.Lines {
		if l.Refundable {
			sum += l.Amount
		}
	}
	return sum
}

// giveBackPaid decides to give back what one attempt paid, or a part of it.
func (d *Desk) giveBackPaid(ctx context.Context, tx pgx.Tx, quote, attempt, reason string,
	amount dong.Amount) error {
	facts, err := payments.Facts(ctx, tx, d.Vault, quote)
	if err != nil {
		return err
	}
	for _, f := range facts {
		if f.Kind == payments.FactPaid && f.Attempt == attempt {
			return d.giveBack(ctx, tx, quote, payments.Excess{
				Attempt: attempt, PaymentRef: f.PaymentRef, Amount: amount,
			}, reason)
		}
	}
	return nil
}

func (d *Desk) giveBack(ctx context.Context, tx pgx.Tx, quote string, e payments.Excess,
	reason string) error {
	_, fresh, err := payments.InsertRefund(ctx, tx, d.Vault, payments.NewRefund{
		Quote: quote, Attempt: e.Attempt, PaymentRef: e.PaymentRef, Amount: e.Amount, Reason: reason,
		Now: d.Now(),
	})
	if err != nil || !fresh {
		return err
	}
	return d.enqueue(ctx, tx, ReturnMoney{Quote: quote})
}

// ReturnMoney asks the worker to refund what a quote's payer paid too much or in vain.
type ReturnMoney struct {
	Quote string `json:"quote"`
}

// Kind names the job in the queue.
func (ReturnMoney) Kind() string { return "return_money" }

// ReturnMoney carries out the refunds of a quote that are due.
func (d *Desk) ReturnMoney(ctx context.Context, quote string) error {
	all, err := payments.RefundsOf(ctx, d.Pool, d.Vault, quote)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.State != payments.RefundWaiting || r.NextAt.After(d.Now()) {
			continue
		}
		if err := d.refund(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// refund asks the provider to give one payment back, unless it was given back already.
func (d *Desk) refund(ctx context.Context, r payments.Refund) error {
	if d.Checkout == nil {
		return ErrNoPayment
	}
	standing, err := payments.StandingOf(ctx, d.Pool, d.Vault, r.Quote)
	if err != nil {
		return err
	}
	if standing.RefundDue < r.Amount {
		return d.tx(ctx, func(tx pgx.Tx) error { return payments.MarkRefund(ctx, tx, r.ID, "", d.Now()) })
	}
	fact, err := d.Checkout.Refund(ctx, checkout.Refund{
		Attempt: r.Attempt, PaymentRef: r.PaymentRef, Amount: r.Amount, Key: r.Key(),
	})
	if errors.Is(err, checkout.ErrAlreadyRefunded) {
		return d.refundedElsewhere(ctx, r)
	}
	if err != nil {
		pause := refundPause << min(r.Tries, 10)
		postponed := payments.Postponed{
			Problem: "provider", Next: d.Now().Add(pause), Final: r.Tries+1 >= refundTries,
		}
		return errors.Join(err, payments.PostponeRefund(ctx, d.Pool, r.ID, postponed))
	}
	if err := d.PaymentFact(ctx, fact); err != nil {
		return err
	}
	return d.tx(ctx, func(tx pgx.Tx) error {
		return payments.MarkRefund(ctx, tx, r.ID, fact.RefundRef, d.Now())
	})
}

func (d *Desk) refundedElsewhere(ctx context.Context, r payments.Refund) error {
	a, err := payments.FindAttempt(ctx, d.Pool, d.Vault, r.Attempt)
	if err != nil {
		return err
	}
	if err := d.lookUpAttempt(ctx, ctx, a); err != nil {
		return err
	}
	return d.tx(ctx, func(tx pgx.Tx) error { return payments.MarkRefund(ctx, tx, r.ID, "", d.Now()) })
}
