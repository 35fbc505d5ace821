package portal

import (
	"errors"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/intake"

	"github.com/gofiber/fiber/v2"
)

// stripeWebhook takes an event of the payment provider. A failure is answered as one, so that the provider
// sends the event again. An event that is not about a payment of this portal is accepted and dropped.
func (p *Portal) stripeWebhook(v *visit) error {
	if p.Checkout == nil {
		return fiber.ErrNotFound
	}
	if !checkout.Plausible(v.Get("Stripe-Signature")) {
		return v.SendStatus(fiber.StatusBadRequest)
	}
	body, err := p.readUpTo(v, v.route.manner().body, intake.Caller)
	if err != nil {
		return err
	}
	defer body.Free()
	facts, err := p.Checkout.Parse(v.ctx(), v.Body(), v.Get("Stripe-Signature"))
	if errors.Is(err, checkout.ErrSignature) {
		return v.SendStatus(fiber.StatusBadRequest)
	}
	if err != nil {
		return err
	}
	for _, f := range facts {
		if err := p.Desk.PaymentFact(v.ctx(), f); err != nil && !errors.Is(err, payments.ErrUnknownAttempt) {
			return err
		}
	}
	return v.SendStatus(fiber.StatusNoContent)
}
