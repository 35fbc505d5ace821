package portal

import (
	"errors"

	"congdvc/payments/checkout"
	"congdvc/portal/intake"

	"github.com/gofiber/fiber/v2"
)

// stripeWebhook takes an event of the payment provider. A failure of ours is answered as one, so that the
// provider sends the event again. What is signed is taken, also when it makes no sense.
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
	err = p.Desk.HearPayment(v.ctx(), v.Body(), v.Get("Stripe-Signature"))
	if errors.Is(err, checkout.ErrSignature) {
		return v.SendStatus(fiber.StatusBadRequest)
	}
	if err != nil {
		return err
	}
	return v.SendStatus(fiber.StatusNoContent)
}
