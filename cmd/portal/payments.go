package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"congdvc/payments"
)

type paymentsCommand struct {
	List  paymentsList  `cmd:"" help:"Payments that are under way, and refunds that need a person."`
	Sweep paymentsSweep `cmd:"" help:"Ask the payment provider about what went quiet, and give back what is due, now."`
}

type paymentsList struct {
	Open   bool `xor:"which" help:"Only payments under way: a session is open and nothing was paid."`
	Failed bool `xor:"which" help:"Only refunds that the portal cannot carry out: the money is with the provider."`
}

// Run lists payments. It shows ids and sums, nothing of who pays.
func (c paymentsList) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error { return c.list(ctx, p, os.Stdout) })
}

func (c paymentsList) list(ctx context.Context, p *parts, out io.Writer) error {
	if !c.Failed {
		if err := listOpen(ctx, p, out); err != nil {
			return err
		}
	}
	if c.Open {
		return nil
	}
	stuck, err := payments.RefundsStuck(ctx, p.pool, p.vault)
	if err != nil {
		return err
	}
	t := newTable(out, "refund that needs a person", "payment", "đồng", "reason", "tries", "problem",
		"decided")
	for _, r := range stuck {
		t.row(r.ID, r.PaymentRef, fmt.Sprint(int64(r.Amount)), r.Reason, fmt.Sprint(r.Tries), r.Problem,
			instant(&r.CreatedAt))
	}
	return t.end()
}

// listMost is how many open payments are listed, those that wait longest first.
const listMost = 1000

func listOpen(ctx context.Context, p *parts, out io.Writer) error {
	open, err := payments.OpenAttempts(ctx, p.pool, p.vault, time.Now(), listMost)
	if err != nil {
		return err
	}
	t := newTable(out, "payment under way", "quote", "channel", "session", "since", "until")
	for _, a := range open {
		session := "-"
		if a.SessionRef != nil {
			session = *a.SessionRef
		}
		t.row(a.ID, a.Quote, a.Channel, session, instant(&a.CreatedAt), instant(a.ExpiresAt))
	}
	return t.end()
}

var errNoCheckout = errors.New("there is no payment provider to ask: STRIPE_SECRET_KEY is empty, so fees " +
	"are paid at the counter")

type paymentsSweep struct{}

// Run sweeps payments once.
func (paymentsSweep) Run(ctx context.Context) error {
	return assembled(ctx, func(p *parts) error {
		if p.checkout == nil {
			return errNoCheckout
		}
		return p.desk.SweepPayments(ctx)
	})
}
