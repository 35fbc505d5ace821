package desk

import (
	"context"
	"errors"

	"congdvc/payments"
	"congdvc/payments/checkout"
)

// HearPayment takes a webhook of the payment provider. What makes no sense is told to PaymentAlarm and counts
// as taken, since it would make no more sense when sent again. Errors: checkout.ErrSignature; else those
// after which the provider has to send it again.
func (d *Desk) HearPayment(ctx context.Context, body []byte, signature string) error {
	if d.Checkout == nil {
		return ErrNoPayment
	}
	facts, err := d.Checkout.Parse(ctx, body, signature)
	return d.hear(ctx, facts, err)
}

// hear applies what the provider said, with err for what it said beside that. It raises an alarm for what
// makes no sense, and goes on with the rest.
func (d *Desk) hear(ctx context.Context, facts []payments.Fact, err error) error {
	var event checkout.Odd // names the event in every alarm about it
	if strange := (*checkout.Odd)(nil); errors.As(err, &strange) {
		event = *strange
		d.PaymentAlarm(ctx, strange)
	} else if err != nil {
		return err
	}
	for _, f := range facts {
		err := d.PaymentFact(ctx, f)
		strange := &checkout.Odd{Why: checkout.Unknown, Object: f.Object()}
		switch {
		case err == nil:
			continue
		case errors.As(err, &strange), errors.Is(err, payments.ErrUnknownAttempt):
			strange.Event, strange.Type = event.Event, event.Type
			d.PaymentAlarm(ctx, strange)
		default:
			return err
		}
	}
	return nil
}

// checkFact refuses what cannot be true of a quote, so that no money moves by it: a session is opened for the
// whole sum and nothing else, no more can be given back, and it is paid after it was asked for and not in the
// future. clockSkew is allowed between the provider's clock and ours.
func (d *Desk) checkFact(q *payments.Quote, f payments.Fact) error {
	why := checkout.Why("")
	switch {
	case f.Provider != payments.ChannelStripe:
	case f.Kind == payments.FactPaid && f.Amount != q.Total, f.Amount > q.Total:
		why = checkout.OtherAmount
	case f.At.After(d.Now().Add(clockSkew)), f.At.Before(q.CreatedAt.Add(-clockSkew)):
		why = checkout.OtherTime
	}
	if why == "" {
		return nil
	}
	return &checkout.Odd{Why: why, Object: f.Object()}
}
