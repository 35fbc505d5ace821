package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"congdvc/payments"
	"congdvc/services/dong"
)

// sessionFacts returns what a session tells. Errors: an *Odd, also for a session that the portal did not
// open.
func sessionFacts(cs *stripe.CheckoutSession, at time.Time) ([]payments.Fact, error) {
	if known(cs.ID) == "" {
		return nil, odd(Unreadable, "")
	}
	if cs.ClientReferenceID == "" {
		return nil, odd(Unknown, cs.ID)
	}
	switch {
	case cs.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		if err := checkSum(cs.ID, cs.AmountTotal, string(cs.Currency)); err != nil {
			return nil, err
		}
		// without it nothing could be given back
		if cs.PaymentIntent == nil || known(cs.PaymentIntent.ID) == "" {
			return nil, odd(Unreadable, cs.ID)
		}
		f := fact(cs, ":paid", payments.FactPaid, at)
		f.Amount, f.PaymentRef = dong.Amount(cs.AmountTotal), cs.PaymentIntent.ID
		return []payments.Fact{f}, nil
	case cs.PaymentStatus != stripe.CheckoutSessionPaymentStatusUnpaid:
		return nil, odd(Unreadable, cs.ID)
	case cs.Status == stripe.CheckoutSessionStatusExpired:
		return expired(cs, at), nil
	case cs.Status == stripe.CheckoutSessionStatusOpen:
		return []payments.Fact{fact(cs, ":opened", payments.FactOpened, at)}, nil
	case cs.Status == stripe.CheckoutSessionStatusComplete: // the money is still on its way
		return nil, nil
	}
	return nil, odd(Unreadable, cs.ID)
}

// expired is the end of a page that nobody paid on. Of one that was opened as a trial there is nothing to
// tell.
func expired(cs *stripe.CheckoutSession, at time.Time) []payments.Fact {
	if strings.HasPrefix(cs.ClientReferenceID, trial) {
		return nil
	}
	return []payments.Fact{fact(cs, ":expired", payments.FactExpired, at)}
}

func fact(cs *stripe.CheckoutSession, suffix string, kind payments.FactKind, at time.Time) payments.Fact {
	return payments.Fact{
		ID: cs.ID + suffix, Attempt: cs.ClientReferenceID, Kind: kind, At: at,
		Provider: payments.ChannelStripe,
	}
}

// declined is the refusal of a card; every refused charge is a fact of its own.
func declined(pi *stripe.PaymentIntent, at time.Time) (payments.Fact, bool) {
	if pi.LatestCharge == nil || known(pi.LatestCharge.ID) == "" || known(pi.ID) == "" ||
		pi.Metadata["attempt"] == "" {
		return payments.Fact{}, false
	}
	return payments.Fact{
		ID: pi.LatestCharge.ID + ":declined", Attempt: pi.Metadata["attempt"],
		Kind: payments.FactDeclined, At: at, PaymentRef: pi.ID, Provider: payments.ChannelStripe,
	}, true
}

// refundFacts is what was given back of a charge; refunds that did not come with it are fetched. Errors:
// ErrAway; an *Odd for the first refund that makes no sense, beside the facts of the others.
func (c *Checkout) refundFacts(ctx context.Context, ch *stripe.Charge,
	attempt string) (facts []payments.Fact, strange error) {
	add := func(r *stripe.Refund) {
		more, err := ofRefund(r, attempt)
		if strange == nil {
			strange = err
		}
		facts = append(facts, more...)
	}
	if ch.Refunds != nil && !ch.Refunds.HasMore {
		for _, r := range ch.Refunds.Data {
			add(r)
		}
		return facts, strange
	}
	params := &stripe.RefundListParams{Charge: stripe.String(ch.ID)}
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	list := c.api.Refunds.List(params)
	for list.Next() {
		add(list.Refund())
	}
	if err := list.Err(); err != nil {
		err = away(fmt.Errorf("checkout: refunds of %s: %w", ch.ID, err))
		if errors.Is(err, payments.ErrNotFound) {
			err = odd(Unknown, ch.ID)
		}
		return nil, err
	}
	return facts, strange
}

// ofRefund is what a refund says. One that is under way counts as given back: Stripe has taken it on, and
// reports when the payer's bank sends it back. A refund made by hand names no attempt; its payment does.
// Errors: an *Odd.
func ofRefund(r *stripe.Refund, attempt string) ([]payments.Fact, error) {
	if r == nil || known(r.ID) == "" || r.Created <= 0 {
		return nil, odd(Unreadable, idOf(r))
	}
	if err := checkSum(r.ID, r.Amount, string(r.Currency)); err != nil {
		return nil, err
	}
	f := payments.Fact{
		ID: r.ID + ":refunded", Attempt: attempt, Kind: payments.FactRefunded,
		Amount: dong.Amount(r.Amount), At: time.Unix(r.Created, 0), RefundRef: r.ID,
		Provider: payments.ChannelStripe,
	}
	if r.PaymentIntent != nil {
		f.PaymentRef = known(r.PaymentIntent.ID)
	}
	if f.Attempt == "" && f.PaymentRef == "" {
		return nil, odd(Unknown, r.ID)
	}
	if r.Status != stripe.RefundStatusFailed && r.Status != stripe.RefundStatusCanceled {
		return []payments.Fact{f}, nil
	}
	failed := f
	failed.ID, failed.Kind = r.ID+":refund_failed", payments.FactRefundFailed
	return []payments.Fact{f, failed}, nil
}

func idOf(r *stripe.Refund) string {
	if r == nil {
		return ""
	}
	return r.ID
}
