package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"congdvc/payments"
	"congdvc/services/dong"
)

// Plausible reports whether the signature of a webhook could be Stripe's of about now. It proves nothing, and
// is for refusing a webhook before its body is read.
func Plausible(signature string) bool {
	fresh, signed := false, false
	for pair := range strings.SplitSeq(signature, ",") {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "t":
			at, err := strconv.ParseInt(value, 10, 64)
			fresh = err == nil && time.Since(time.Unix(at, 0)) <= webhook.DefaultTolerance
		case "v1":
			signed = signed || len(value) == hex.EncodedLen(sha256.Size)
		}
	}
	return fresh && signed
}

// Parse verifies a webhook and returns the facts in it. Other kinds of events, and events about what the
// portal did not open, have none. An event about a refunded payment does not name the refunds, so they are
// fetched. Errors: ErrSignature; ErrAway, upon which the webhook is answered by a failure, so that Stripe
// sends it again.
func (c *Checkout) Parse(ctx context.Context, body []byte, signature string) ([]payments.Fact, error) {
	if err := webhook.ValidatePayload(body, signature, c.config.WebhookSecret); err != nil {
		return nil, ErrSignature.From(err)
	}
	event, err := webhook.ConstructEvent(body, signature, c.config.WebhookSecret)
	if err != nil {
		return nil, fmt.Errorf("checkout: webhook: %w", err)
	}
	if event.Data == nil {
		return nil, fmt.Errorf("checkout: webhook %s has no data", event.ID)
	}
	at := time.Unix(event.Created, 0)
	switch event.Type {
	case stripe.EventTypeCheckoutSessionCompleted, stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded,
		stripe.EventTypeCheckoutSessionAsyncPaymentFailed, stripe.EventTypeCheckoutSessionExpired:
		var cs stripe.CheckoutSession
		if err := subject(event, &cs); err != nil {
			return nil, err
		}
		if event.Type == stripe.EventTypeCheckoutSessionAsyncPaymentFailed {
			return []payments.Fact{expired(&cs, at)}, nil
		}
		return sessionFacts(&cs, at)
	case stripe.EventTypePaymentIntentPaymentFailed:
		var pi stripe.PaymentIntent
		if err := subject(event, &pi); err != nil {
			return nil, err
		}
		if f, ok := declined(&pi, at); ok {
			return []payments.Fact{f}, nil
		}
		return nil, nil
	case stripe.EventTypeChargeRefunded:
		var ch stripe.Charge
		if err := subject(event, &ch); err != nil {
			return nil, err
		}
		ctx, cancel := c.bound(ctx)
		defer cancel()
		return c.refundFacts(ctx, &ch, ch.Metadata["attempt"])
	case stripe.EventTypeChargeRefundUpdated, stripe.EventTypeRefundCreated, stripe.EventTypeRefundUpdated:
		var r stripe.Refund
		if err := subject(event, &r); err != nil {
			return nil, err
		}
		return ofRefund(&r, r.Metadata["attempt"])
	}
	return nil, nil
}

func subject(event stripe.Event, into any) error {
	if err := json.Unmarshal(event.Data.Raw, into); err != nil {
		return fmt.Errorf("checkout: webhook %s of type %s: %w", event.ID, event.Type, err)
	}
	return nil
}

// sessionFacts returns what a session tells. A session that the portal did not open names no attempt and has
// no facts.
func sessionFacts(cs *stripe.CheckoutSession, at time.Time) ([]payments.Fact, error) {
	if cs.ClientReferenceID == "" {
		return nil, nil
	}
	switch {
	case cs.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		if cs.Currency != currency || cs.AmountTotal <= 0 {
			return nil, fmt.Errorf("checkout: session %s was paid with %d %s", cs.ID, cs.AmountTotal,
				cs.Currency)
		}
		f := fact(cs, ":paid", payments.FactPaid, at)
		f.Amount = dong.Amount(cs.AmountTotal)
		if cs.PaymentIntent != nil {
			f.PaymentRef = cs.PaymentIntent.ID
		}
		return []payments.Fact{f}, nil
	case cs.Status == stripe.CheckoutSessionStatusExpired:
		return []payments.Fact{expired(cs, at)}, nil
	case cs.Status == stripe.CheckoutSessionStatusOpen:
		return []payments.Fact{fact(cs, ":opened", payments.FactOpened, at)}, nil
	}
	return nil, nil
}

func expired(cs *stripe.CheckoutSession, at time.Time) payments.Fact {
	return fact(cs, ":expired", payments.FactExpired, at)
}

func fact(cs *stripe.CheckoutSession, suffix string, kind payments.FactKind, at time.Time) payments.Fact {
	return payments.Fact{
		ID: cs.ID + suffix, Attempt: cs.ClientReferenceID, Kind: kind, At: at,
		Provider: payments.ChannelStripe,
	}
}

// declined is the refusal of a card; every refused charge is a fact of its own.
func declined(pi *stripe.PaymentIntent, at time.Time) (payments.Fact, bool) {
	if pi.LatestCharge == nil || pi.LatestCharge.ID == "" || pi.Metadata["attempt"] == "" {
		return payments.Fact{}, false
	}
	return payments.Fact{
		ID: pi.LatestCharge.ID + ":declined", Attempt: pi.Metadata["attempt"],
		Kind: payments.FactDeclined, At: at, PaymentRef: pi.ID, Provider: payments.ChannelStripe,
	}, true
}

// refundFacts is what was given back of a charge; refunds that did not come with it are fetched.
func (c *Checkout) refundFacts(ctx context.Context, ch *stripe.Charge,
	attempt string) ([]payments.Fact, error) {
	var facts []payments.Fact
	if ch.Refunds != nil && !ch.Refunds.HasMore {
		for _, r := range ch.Refunds.Data {
			more, err := ofRefund(r, attempt)
			if err != nil {
				return nil, err
			}
			facts = append(facts, more...)
		}
		return facts, nil
	}
	params := &stripe.RefundListParams{Charge: stripe.String(ch.ID)}
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	list := c.api.Refunds.List(params)
	for list.Next() {
		more, err := ofRefund(list.Refund(), attempt)
		if err != nil {
			return nil, err
		}
		facts = append(facts, more...)
	}
	if err := list.Err(); err != nil {
		return nil, away(fmt.Errorf("checkout: refunds of %s: %w", ch.ID, err))
	}
	return facts, nil
}

// ofRefund is what a refund says. One that is under way counts as given back: Stripe has taken it on, and
// reports when the payer's bank sends it back. A refund made by hand names no attempt; its payment does.
func ofRefund(r *stripe.Refund, attempt string) ([]payments.Fact, error) {
	if r == nil || r.ID == "" {
		return nil, nil
	}
	if r.Currency != currency || r.Amount <= 0 {
		return nil, fmt.Errorf("checkout: refund %s is of %d %s", r.ID, r.Amount, r.Currency)
	}
	f := payments.Fact{
		ID: r.ID + ":refunded", Attempt: attempt, Kind: payments.FactRefunded,
		Amount: dong.Amount(r.Amount), At: time.Unix(r.Created, 0), RefundRef: r.ID,
		Provider: payments.ChannelStripe,
	}
	if r.PaymentIntent != nil {
		f.PaymentRef = r.PaymentIntent.ID
	}
	if f.Attempt == "" && f.PaymentRef == "" {
		return nil, nil
	}
	if r.Status != stripe.RefundStatusFailed && r.Status != stripe.RefundStatusCanceled {
		return []payments.Fact{f}, nil
	}
	failed := f
	failed.ID, failed.Kind = r.ID+":refund_failed", payments.FactRefundFailed
	return []payments.Fact{f, failed}, nil
}
