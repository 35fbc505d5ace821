package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"congdvc/payments"
)

// APIVersion is the version of Stripe's interface that webhooks have to be set to.
const APIVersion = stripe.APIVersion

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

// A reader takes the facts out of an event's object.
type reader func(ctx context.Context, c *Checkout, object []byte, at time.Time) ([]payments.Fact, error)

// readers says what is read out of each type of event. Those about payments that tell the portal nothing new
// have a row too: an operator may have them sent, and they are no reason for an alarm.
var readers = map[stripe.EventType]reader{
	stripe.EventTypeCheckoutSessionCompleted:             readSession,
	stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded: readSession,
	stripe.EventTypeCheckoutSessionExpired:               readSession,
	stripe.EventTypeCheckoutSessionAsyncPaymentFailed:    readFailedSession,
	stripe.EventTypePaymentIntentPaymentFailed:           readIntent,
	stripe.EventTypeChargeRefunded:                       readCharge,
	stripe.EventTypeChargeRefundUpdated:                  readRefund,
	stripe.EventTypeRefundCreated:                        readRefund,
	stripe.EventTypeRefundUpdated:                        readRefund,
	"refund.failed":                                      readRefund,
	stripe.EventTypeChargeDisputeCreated:                 readDispute,
	stripe.EventTypeChargeDisputeUpdated:                 readDispute,
	stripe.EventTypeChargeDisputeClosed:                  readDispute,
	stripe.EventTypeChargeDisputeFundsWithdrawn:          readDispute,
	stripe.EventTypeChargeDisputeFundsReinstated:         readDispute,

	stripe.EventTypePaymentIntentCreated:        readNothing,
	stripe.EventTypePaymentIntentProcessing:     readNothing,
	stripe.EventTypePaymentIntentRequiresAction: readNothing,
	stripe.EventTypePaymentIntentSucceeded:      readNothing,
	stripe.EventTypePaymentIntentCanceled:       readNothing,
	stripe.EventTypeChargeSucceeded:             readNothing,
	stripe.EventTypeChargeFailed:                readNothing,
	stripe.EventTypeChargePending:               readNothing,
	stripe.EventTypeChargeUpdated:               readNothing,
	stripe.EventTypeChargeExpired:               readNothing,
}

// Parse verifies a webhook and returns the facts in it. An event about a refunded payment does not name the
// refunds, so they are fetched. Errors: ErrSignature; ErrAway, upon which the webhook is answered by a
// failure, so that Stripe sends it again; an *Odd beside the facts that make sense, which is to be looked at
// by a person while Stripe is answered that the event was taken.
func (c *Checkout) Parse(ctx context.Context, body []byte, signature string) ([]payments.Fact, error) {
	if err := webhook.ValidatePayload(body, signature, c.config.WebhookSecret); err != nil {
		return nil, ErrSignature.From(err)
	}
	var event stripe.Event
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, &Odd{Why: Unreadable}
	}
	facts, err := c.read(ctx, &event)
	var strange *Odd
	if errors.As(err, &strange) {
		strange.Event = known(event.ID)
		if typeShape.MatchString(string(event.Type)) {
			strange.Type = string(event.Type)
		}
	}
	return facts, err
}

func (c *Checkout) read(ctx context.Context, event *stripe.Event) ([]payments.Fact, error) {
	read, isType := readers[event.Type]
	switch {
	case known(event.ID) == "" || event.Type == "":
		return nil, odd(Unreadable, "")
	case event.APIVersion != APIVersion: // its fields may mean something else
		return nil, odd(OtherVersion, "")
	case c.otherMode(event.Livemode):
		return nil, odd(OtherMode, "")
	case !isType:
		return nil, odd(OtherType, "")
	case event.Created <= 0 || event.Data == nil:
		return nil, odd(Unreadable, "")
	}
	ctx, cancel := c.bound(ctx)
	defer cancel()
	return read(ctx, c, event.Data.Raw, time.Unix(event.Created, 0))
}

// otherMode reports money of the other kind than that of the key: Stripe's keys say which they are for.
func (c *Checkout) otherMode(live bool) bool {
	for _, kind := range []string{"sk_", "rk_"} {
		if mode, is := strings.CutPrefix(c.config.SecretKey, kind); is {
			return live && strings.HasPrefix(mode, "test_") || !live && strings.HasPrefix(mode, "live_")
		}
	}
	return false
}

// subject reads an event's object, which has to be of a kind and to have an id.
func subject(object []byte, kind string, into any) error {
	var head struct {
		ID     string `json:"id"`
		Object string `json:"object"`
	}
	if json.Unmarshal(object, &head) != nil || head.Object != kind || known(head.ID) == "" ||
		json.Unmarshal(object, into) != nil {
		return odd(Unreadable, head.ID)
	}
	return nil
}

func readNothing(context.Context, *Checkout, []byte, time.Time) ([]payments.Fact, error) {
	return nil, nil
}

func readSession(_ context.Context, _ *Checkout, object []byte, at time.Time) ([]payments.Fact, error) {
	var cs stripe.CheckoutSession
	if err := subject(object, "checkout.session", &cs); err != nil {
		return nil, err
	}
	return sessionFacts(&cs, at)
}

func readFailedSession(_ context.Context, _ *Checkout, object []byte,
	at time.Time) ([]payments.Fact, error) {
	var cs stripe.CheckoutSession
	if err := subject(object, "checkout.session", &cs); err != nil {
		return nil, err
	}
	if cs.ClientReferenceID == "" {
		return nil, odd(Unknown, cs.ID)
	}
	return expired(&cs, at), nil
}

func readIntent(_ context.Context, _ *Checkout, object []byte, at time.Time) ([]payments.Fact, error) {
	var pi stripe.PaymentIntent
	if err := subject(object, "payment_intent", &pi); err != nil {
		return nil, err
	}
	if pi.Metadata["attempt"] == "" {
		return nil, odd(Unknown, pi.ID)
	}
	if f, ok := declined(&pi, at); ok {
		return []payments.Fact{f}, nil
	}
	return nil, nil // refused before any charge, by the check of who pays
}

func readCharge(ctx context.Context, c *Checkout, object []byte, _ time.Time) ([]payments.Fact, error) {
	var ch stripe.Charge
	if err := subject(object, "charge", &ch); err != nil {
		return nil, err
	}
	return c.refundFacts(ctx, &ch, ch.Metadata["attempt"])
}

func readRefund(_ context.Context, _ *Checkout, object []byte, _ time.Time) ([]payments.Fact, error) {
	var r stripe.Refund
	if err := subject(object, "refund", &r); err != nil {
		return nil, err
	}
	return ofRefund(&r, r.Metadata["attempt"])
}

// readDispute has no facts: who is right is decided at Stripe, by people.
func readDispute(_ context.Context, _ *Checkout, object []byte, _ time.Time) ([]payments.Fact, error) {
	var dispute stripe.Dispute
	if err := subject(object, "dispute", &dispute); err != nil {
		return nil, err
	}
	if pi := dispute.PaymentIntent; pi != nil && known(pi.ID) != "" {
		return nil, odd(Disputed, pi.ID)
	}
	return nil, odd(Disputed, dispute.ID)
}
