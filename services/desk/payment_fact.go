package desk

import (
	"context"
	"errors"

	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// PaymentFact applies one thing that the payment provider said, by whatever way
// it arrived. A fact that is known changes nothing. Errors:
// payments.ErrUnknownAttempt when it is not about this portal's money; a
// *checkout.Odd when it cannot be true.
func (d *Desk) PaymentFact(ctx context.Context, f payments.Fact) error {
	var draftID dossier.DraftID
	if f.Attempt != "" {
		quote, err := payments.QuoteOfAttempt(ctx, d.Pool, d.Vault, f.Attempt)
		if errors.Is(err, payments.ErrNotFound) {
			return payments.ErrUnknownAttempt
		}
		if err != nil {
			return err
		}
		draftID = dossier.DraftID(quote.Draft)
	}
	err := d.tx(ctx, func(tx pgx.Tx) error {
		if draftID != "" {
			if _, err := dossier.LockDraftFor(ctx, tx, d.Vault, draftID); err != nil {
				return err
			}
		}
		quote, fresh, err := payments.Record(ctx, tx, d.Vault, f)
		if err != nil || !fresh {
			return err
		}
		return d.settle(ctx, tx, quote, f, dossier.Actor{Kind: dossier.Portal})
	})
	if err == nil {
		d.Appended()
	}
	return err
}

// settle draws the consequences of a fresh fact about a quote, whose row is locked.
func (d *Desk) settle(ctx context.Context, tx pgx.Tx, quoteID string, f payments.Fact,
	actor dossier.Actor) error {
	quote, err := payments.FindQuote(ctx, tx, d.Vault, quoteID)
	if err != nil {
		return err
	}
	if err := d.checkFact(quote, f); err != nil {
		return err
	}
	standing, err := payments.StandingOf(ctx, tx, d.Vault, quoteID)
	if err != nil {
		return err
	}
	draft, err := dossier.LockDraftFor(ctx, tx, d.Vault, dossier.DraftID(quote.Draft))
	if err != nil {
		return err
	}
	for _, e := range standing.Excess {
		if err := d.giveBack(ctx, tx, quoteID, e, payments.ReasonTwice); err != nil {
			return err
		}
	}
	// A payment of a quote that was given up submits nothing: the job gives it back.
	filed := draft.State == dossier.Filed && quote.VoidedAt == nil
	number := ""
	if standing.Settled() && standing.Provider != "" {
		receipt, err := d.receipt(ctx, tx, quote, standing)
		if err != nil {
			return err
		}
		number = receipt.Number
		if !filed {
			if err := d.enqueue(ctx, tx, SubmitPaid{Quote: quoteID}); err != nil {
				return err
			}
		}
	}
	if standing.State == payments.Refunded {
		if err := payments.VoidReceipt(ctx, tx, d.Vault, quoteID, d.Now()); err != nil {
			return err
		}
	}
	if !filed {
		return nil
	}
	return d.settleDossier(ctx, tx, *draft.Dossier, standing, moved{f, number, actor})
}

// moved is money that moved, the receipt for it, and who says so: the portal for a
// provider, the officer at the counter.
type moved struct {
	fact    payments.Fact
	receipt string
	actor   dossier.Actor
}

// settleDossier shows the payment on the dossier, and tells the one-stop system and
// the payer of money that moved after the submission.
func (d *Desk) settleDossier(ctx context.Context, tx pgx.Tx, id dossier.ID, standing payments.Standing,
	m moved) error {
	f := m.fact
	h, err := dossier.Lock(ctx, tx, d.Vault, id)
	if err != nil {
		return err
	}
	if to := dossier.PaymentStatus(standing.State); dossier.CanPay(h.Payment, to) {
		if err := dossier.SetPayment(ctx, tx, h, to); err != nil {
			return err
		}
	}
	fee, args := onestop.ThinFee{Amount: int64(f.Amount)}, notice.Args{Amount: &f.Amount}
	kind := dossier.KindFeeRefunded
	switch f.Kind {
	case payments.FactCounterPaid:
		kind = dossier.KindFeePaid
		fee.Receipt, args.Receipt = m.receipt, m.receipt
	case payments.FactRefunded:
	default:
		return nil
	}
	data := map[string]any{"amount": int64(f.Amount)}
	return d.record(ctx, tx, h, happening{
		NewEntry: dossier.NewEntry{Kind: kind, Actor: m.actor, Data: data, At: d.Now()}, fee: &fee,
		told: args,
	})
}
