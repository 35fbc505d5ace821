package desk_test

import (
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/payments/checkout"
	"congdvc/services/desk/desktest"
)

// TestALostWebhook: the sweeper finds a payment of which nobody told, days later, and the dossier is of the
// day it was paid.
func TestALostWebhook(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := w.frozen(t)
	b.pay(t)
	do(t, w.Desk.SweepPayments(t.Context()))
	if s := b.standing(t); s.Settled() {
		t.Error("the sweeper did not wait for the webhook")
	}
	w.Clock.Advance(26 * time.Hour)
	for range 2 {
		do(t, w.Desk.SweepPayments(t.Context()))
		b.work(t)
	}
	b.paidOnce(t, "swept")
	h := b.filed(t).Dossier
	if !h.SubmittedAt.Equal(desktest.Morning) || !strings.Contains(string(h.Code), "-261123-") {
		t.Errorf("%s, submitted %v", h.Code, h.SubmittedAt)
	}
}

// TestStripeIsAway has a town of its own, since it takes Stripe away from everybody.
func TestStripeIsAway(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b, ctx := w.frozen(t), t.Context()
	w.stripe.GoDown()
	_, err := w.Desk.OpenPayment(ctx, b.who, b.draft, i18n.Vi)
	refused(t, "open", err, checkout.ErrAway)
	if s := b.back(t); !s.FeeDue {
		t.Errorf("%+v", s)
	}
	// Half an hour later the attempt that got no page ends sooner than Stripe would open one for.
	w.Clock.Advance(40 * time.Minute)
	_, err = w.Desk.OpenPayment(ctx, b.who, b.draft, i18n.Vi)
	refused(t, "open later", err, checkout.ErrAway)
	w.stripe.ComeBack()
	ref := b.open(t)
	w.stripe.GoDown()
	refused(t, "edit while the page cannot be ended", w.Desk.EditFrozen(ctx, b.who, b.draft),
		checkout.ErrAway)
	do(t, w.stripe.Pay(ref))
	if s := b.back(t); !s.FeeDue {
		t.Errorf("%+v", s)
	}
	if err := w.Desk.SweepPayments(ctx); err != nil {
		t.Errorf("the sweeper asked too soon: %v", err)
	}
	w.Clock.Advance(10 * time.Minute)
	refused(t, "sweep", w.Desk.SweepPayments(ctx), checkout.ErrAway)
	w.stripe.ComeBack()
	do(t, w.Desk.SweepPayments(ctx))
	b.work(t)
	b.paidOnce(t, "after Stripe was away")
}

// TestALapsedPageIsOpenedAnew: two pages of one bill, of which only the second can be paid.
func TestALapsedPageIsOpenedAnew(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := w.frozen(t)
	first := b.open(t)
	w.Clock.Advance(61 * time.Minute)
	do(t, w.stripe.Lapse(first))
	second := b.open(t)
	if first == second {
		t.Fatal("the page that ended was given again")
	}
	if err := w.stripe.Pay(first); err == nil {
		t.Fatal("the page that ended could be paid")
	}
	do(t, w.stripe.Pay(second))
	b.webhook(t, second)
	b.work(t)
	b.paidOnce(t, "opened anew")
}
