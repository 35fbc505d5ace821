package checkout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/services/dong"
	"congdvc/services/postgres"
)

// Opening asks for a hosted payment page. The attempt's id is the idempotency key, so that every call for one
// attempt must carry the same values.
type Opening struct {
	Attempt   string
	Reference string // what the payer sees beside the sum; no personal data
	Lang      i18n.Lang
	Lines     []payments.Line
	ReturnURL string // where the payer comes back to after paying
	CancelURL string // where the payer comes back to without
	ExpiresAt time.Time
}

// trial begins the attempts of TrialAttempt.
const trial = "check-"

// TrialAttempt is the id of an attempt that only proves that pages can be opened: nothing follows from what
// Stripe says of it.
func TrialAttempt() string { return trial + postgres.NewID() }

// Session is a hosted payment page.
type Session struct {
	Ref       string // Stripe's id
	URL       string // where the payer goes
	ExpiresAt time.Time
}

// Open opens a hosted payment page, or returns the one that this attempt has. Errors: payments.ErrTooSmall,
// payments.ErrTooLarge, ErrAway.
func (c *Checkout) Open(ctx context.Context, o Opening) (Session, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	lines, err := lineItems(o)
	if err != nil {
		return Session{}, err
	}
	params := &stripe.CheckoutSessionParams{
		Mode: stripe.String(string(stripe.CheckoutSessionModePayment)),
		// settled at once: a session that is complete is paid
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		ClientReferenceID:  stripe.String(o.Attempt),
		SuccessURL:         stripe.String(o.ReturnURL),
		CancelURL:          stripe.String(o.CancelURL),
		Locale:             stripe.String(string(o.Lang)),
		ExpiresAt:          stripe.Int64(o.ExpiresAt.Unix()),
		LineItems:          lines,
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			Description: stripe.String(o.Reference),
			// charges take it over, so that refunds by hand are known too
			Metadata: map[string]string{"attempt": o.Attempt},
		},
	}
	params.Context = ctx
	params.SetIdempotencyKey("open:" + o.Attempt)
	cs, err := c.api.CheckoutSessions.New(params)
	if err != nil {
		var refused *stripe.Error
		if errors.As(err, &refused) && refused.Code == stripe.ErrorCodeAmountTooSmall {
			return Session{}, payments.ErrTooSmall.From(err)
		}
		if errors.As(err, &refused) && refused.Code == stripe.ErrorCodeAmountTooLarge {
			return Session{}, payments.ErrTooLarge.From(err)
		}
		return Session{}, away(fmt.Errorf("checkout: open %s: %w", o.Attempt, err))
	}
	return Session{Ref: cs.ID, URL: cs.URL, ExpiresAt: time.Unix(cs.ExpiresAt, 0)}, nil
}

// lineItems gives each line with its amount: a ceiling may make that less than unit × quantity, so the
// quantity is text.
func lineItems(o Opening) ([]*stripe.CheckoutSessionLineItemParams, error) {
	var all []*stripe.CheckoutSessionLineItemParams
	var amounts []dong.Amount
	for _, line := range o.Lines {
		amounts = append(amounts, line.Amount)
		if line.Amount == 0 {
			continue
		}
		name := line.Name.In(o.Lang)
		if line.Quantity > 1 {
			name += " × " + strconv.FormatInt(line.Quantity, 10)
		}
		all = append(all, &stripe.CheckoutSessionLineItemParams{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency:   stripe.String(currency),
				UnitAmount: stripe.Int64(int64(line.Amount)),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{
					Name: stripe.String(name)},
			},
		})
	}
	total, err := dong.Sum(amounts...)
	if err != nil {
		return nil, fmt.Errorf("checkout: open %s: %w", o.Attempt, err)
	}
	if total == 0 {
		return nil, payments.ErrTooSmall
	}
	if total > largest {
		return nil, payments.ErrTooLarge
	}
	return all, nil
}

// Lookup asks what Stripe says now about a session: opened, declined, paid, expired, refunded. The ids of the
// facts are those that webhooks give. Errors: payments.ErrNotFound, ErrAway; an *Odd beside the facts that
// make sense.
func (c *Checkout) Lookup(ctx context.Context, ref string) ([]payments.Fact, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	cs, err := c.session(ctx, ref)
	if err != nil {
		return nil, err
	}
	facts, strange := sessionFacts(cs, lookedUpAt(cs))
	pi := cs.PaymentIntent
	if pi == nil || pi.LatestCharge == nil {
		return facts, strange
	}
	if f, ok := declined(pi, time.Unix(pi.LatestCharge.Created, 0)); ok &&
		pi.LatestCharge.Status == stripe.ChargeStatusFailed {
		facts = append(facts, f)
	}
	more, err := c.refundFacts(ctx, pi.LatestCharge, cs.ClientReferenceID)
	if err != nil && !errors.As(err, new(*Odd)) {
		return nil, err
	}
	return append(facts, more...), cmp.Or(strange, err)
}

// session fetches a session with its payment and refunds, in one call.
func (c *Checkout) session(ctx context.Context, ref string) (*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionParams{}
	params.Context = ctx
	params.AddExpand("payment_intent.latest_charge.refunds")
	cs, err := c.api.CheckoutSessions.Get(ref, params)
	if err != nil {
		return nil, away(fmt.Errorf("checkout: look up %s: %w", ref, err))
	}
	return cs, nil
}

// lookedUpAt is the instant of what a session says: of the charge when it was paid, of the end of its time
// when it expired, else of its creation.
func lookedUpAt(cs *stripe.CheckoutSession) time.Time {
	switch {
	case cs.PaymentIntent != nil && cs.PaymentIntent.LatestCharge != nil &&
		cs.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid:
		return time.Unix(cs.PaymentIntent.LatestCharge.Created, 0)
	case cs.Status == stripe.CheckoutSessionStatusExpired:
		return time.Unix(cs.ExpiresAt, 0)
	}
	return time.Unix(cs.Created, 0)
}

// Expire ends a session so that it can no longer be paid; one that ended already is no error. Errors:
// ErrComplete when it was paid first, payments.ErrNotFound, ErrAway.
func (c *Checkout) Expire(ctx context.Context, ref string) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	params := &stripe.CheckoutSessionExpireParams{}
	params.Context = ctx
	_, err := c.api.CheckoutSessions.Expire(ref, params)
	if err == nil {
		return nil
	}
	refusal := away(fmt.Errorf("checkout: expire %s: %w", ref, err))
	if errors.Is(refusal, ErrAway) || errors.Is(refusal, payments.ErrNotFound) {
		return refusal
	}
	cs, err := c.session(ctx, ref)
	if err != nil {
		return err
	}
	switch cs.Status {
	case stripe.CheckoutSessionStatusComplete:
		return ErrComplete
	case stripe.CheckoutSessionStatusExpired:
		return nil
	}
	return refusal
}
