package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/stripe/stripe-go/v76"

	"congdvc/payments"
	"congdvc/services/dong"
)

// Refund asks to give a payment back, whole or in part.
type Refund struct {
	Attempt    string
	PaymentRef string // of the payment's fact
	Amount     dong.Amount
	Key        string // idempotency key: asking again under it gives back nothing more
}

// Refund asks Stripe to give back, and returns the fact that it did. Errors: ErrAlreadyRefunded when less is
// left than asked for, payments.ErrNotFound, ErrAway.
func (c *Checkout) Refund(ctx context.Context, r Refund) (payments.Fact, error) {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	params := &stripe.RefundParams{
		PaymentIntent: stripe.String(r.PaymentRef),
		Amount:        stripe.Int64(int64(r.Amount)),
	}
	params.Context = ctx
	params.AddMetadata("attempt", r.Attempt)
	params.SetIdempotencyKey(r.Key)
	given, err := c.api.Refunds.New(params)
	if err != nil {
		var refused *stripe.Error
		if errors.As(err, &refused) && (refused.Code == stripe.ErrorCodeChargeAlreadyRefunded ||
			(refused.Type == stripe.ErrorTypeInvalidRequest && refused.Param == "amount")) {
			return payments.Fact{}, fmt.Errorf("%w: %w", ErrAlreadyRefunded, err)
		}
		return payments.Fact{}, away(fmt.Errorf("checkout: refund %s: %w", r.Attempt, err))
	}
	facts, err := ofRefund(given, r.Attempt)
	if err != nil {
		return payments.Fact{}, err
	}
	if len(facts) == 0 {
		return payments.Fact{}, fmt.Errorf("checkout: refund of %s has no id", r.Attempt)
	}
	return facts[len(facts)-1], nil
}
