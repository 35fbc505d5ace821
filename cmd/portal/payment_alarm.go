package main

import (
	"context"
	"log/slog"

	"congdvc/payments/checkout"
)

// alarmOf makes the alarm of the desk: one line with the words "payment alarm", which operators may look for,
// and a counter. What is named in it are the provider's ids.
func alarmOf(log *slog.Logger) func(context.Context, *checkout.Odd) {
	for _, why := range checkout.Whys {
		paymentAlarms.WithLabelValues(string(why)) // so that a rule sees the first one as a rise from nought
	}
	return func(ctx context.Context, o *checkout.Odd) {
		paymentAlarms.WithLabelValues(string(o.Why)).Inc()
		log.ErrorContext(ctx, "payment alarm", "reason", string(o.Why), "event", o.Event, "type", o.Type,
			"object", o.Object, "api_version", checkout.APIVersion)
	}
}
