// Package checkout talks to Stripe: it opens hosted payment pages, asks how they stand, verifies webhooks and
// asks for refunds, and turns all that Stripe says into payments.Fact under ids that do not depend on the way
// it was learnt.
//
// It is the only importer of github.com/stripe/stripe-go/v76, chosen because card data never touch the
// portal: the payer is sent to Stripe's own page. The way out is another package with these methods:
// everything above knows facts only.
package checkout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"congdvc/payments"
	"congdvc/services/fault"
)

// Failures that a person can be told about.
var (
	// ErrAway says that Stripe does not answer; nothing is known to have happened.
	ErrAway = fault.New(fault.Unavailable, "payments.away")
	// ErrKey says that Stripe does not take the key: to a person it is away, and the operator has to look.
	ErrKey = fault.New(fault.Unavailable, "payments.key")
	// ErrSignature says that a webhook was not signed by Stripe for us, or too long ago.
	ErrSignature = fault.New(fault.Invalid, "payments.signature")
	// ErrComplete says that a session cannot be ended because it was paid.
	ErrComplete = fault.New(fault.Conflict, "payments.complete")
)

// ErrAlreadyRefunded says that less is left of a payment than is to be given back, because somebody refunded
// it on Stripe's own pages.
var ErrAlreadyRefunded = errors.New("checkout: already refunded")

// ShortestSession is the least that a session may live after its opening
// (https://docs.stripe.com/api/checkout/sessions/create, expires_at).
const ShortestSession = 30 * time.Minute

const (
	// defaultTimeout is of one try: Stripe answers within a second or two when it is well.
	defaultTimeout = 5 * time.Second
	retries        = 2
	// zero-decimal: Stripe's amounts are whole đồng (https://docs.stripe.com/currencies)
	currency = "vnd"
	largest  = 99_999_999
)

// Config says which account is charged.
type Config struct {
	SecretKey     string
	WebhookSecret string
	APIBase       string        // origin of the API; empty = Stripe's
	Timeout       time.Duration // of one try, of which there are at most three; 0 = 5 s
}

// Checkout is a Stripe account. It is safe for concurrent use.
type Checkout struct {
	config Config
	api    *client.API
}

// New makes a Checkout. It does not talk to Stripe; Check does.
func New(c Config) *Checkout {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	backend := &stripe.BackendConfig{
		HTTPClient: &http.Client{Timeout: c.Timeout},
		// errors are returned, and logged by who answers
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
		MaxNetworkRetries: stripe.Int64(retries),
		EnableTelemetry:   stripe.Bool(false),
	}
	if c.APIBase != "" {
		backend.URL = stripe.String(c.APIBase)
	}
	return &Checkout{config: c,
		api: client.New(c.SecretKey,
			&stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, backend)})}
}

// Check asks Stripe for one session, which proves the address and the key. Errors: ErrAway, or why the key is
// refused.
func (c *Checkout) Check(ctx context.Context) error {
	ctx, cancel := c.bound(ctx)
	defer cancel()
	params := &stripe.CheckoutSessionListParams{}
	params.Context, params.Single = ctx, true
	params.Limit = stripe.Int64(1)
	list := c.api.CheckoutSessions.List(params)
	for list.Next() {
	}
	if err := list.Err(); err != nil {
		return away(fmt.Errorf("checkout: check: %w", err))
	}
	return nil
}

// bound limits a call with all its repetitions.
func (c *Checkout) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, (retries+1)*c.config.Timeout)
}

// away turns an error of the network, or one of Stripe's own making, into ErrAway, and a refused key into
// ErrKey. What Stripe refuses otherwise stays as it is.
func away(err error) error {
	var refused *stripe.Error
	if !errors.As(err, &refused) {
		return ErrAway.From(err)
	}
	switch status := refused.HTTPStatusCode; {
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests,
		status == http.StatusConflict, status == http.StatusRequestTimeout:
		return ErrAway.From(err)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrKey.From(err)
	case refused.Code == stripe.ErrorCodeResourceMissing:
		return payments.ErrNotFound.From(err)
	}
	return err
}
