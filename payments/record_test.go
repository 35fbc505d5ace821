package payments_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/payments"
	"congdvc/services/dong"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	q := newQuote(t, pool, 50_000)
	a := newAttempt(t, pool, q.ID, payments.ChannelStripe)
	for _, attempt := range []string{"", "x", postgres.NewID()} {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			_, _, err := payments.Record(ctx, tx, keys, said("cs_0", attempt, payments.FactPaid, 1, 1))
			return err
		})
		if !errors.Is(err, payments.ErrUnknownAttempt) {
			t.Errorf("fact about attempt %q: %v", attempt, err)
		}
	}
	paid := said("cs_1", a.ID, payments.FactPaid, 50_000, 5)
	if !record(t, pool, paid) || record(t, pool, paid) {
		t.Fatal("the payment is not new exactly once")
	}
	byHand := said("re_1", "", payments.FactRefunded, 20_000, 9)
	byHand.PaymentRef = paid.PaymentRef
	if !record(t, pool, byHand) {
		t.Fatal("a refund by hand was not recorded")
	}
	s, err := payments.StandingOf(ctx, pool, keys, q.ID)
	if err != nil || s.State != payments.PartRefunded || s.Refunded != 20_000 {
		t.Fatalf("standing: %+v %v", s, err)
	}
	for _, sql := range []string{"update payment_fact set amount = 1", "delete from payment_fact"} {
		if _, err := pool.Exec(ctx, sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
	if facts, err := payments.Facts(ctx, pool, keys, q.ID); err != nil ||
		!slices.Equal(names(facts), []string{"cs_1:paid", "re_1:refunded"}) {
		t.Errorf("facts: %v %v", names(facts), err)
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	q := newQuote(t, pool, 50_000)
	newAttempt(t, pool, q.ID, payments.ChannelCounter)
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.CounterDue {
		t.Fatalf("chosen: %+v %v", s, err)
	}
	pay := func(amount dong.Amount, reference string) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			f, err := payments.CounterFact(ctx, tx, keys, payments.CounterPayment{Quote: q.ID, Amount: amount,
				Reference: reference, At: noon, Now: noon})
			if err == nil {
				_, _, err = payments.Record(ctx, tx, keys, f)
			}
			return err
		})
	}
	if err := pay(40_000, "QL-7"); !errors.Is(err, payments.ErrAmount) {
		t.Errorf("less than owed: %v", err)
	}
	for range 2 {
		if err := pay(50_000, "QL-7"); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.Paid ||
		s.Provider != payments.ChannelCounter || s.Paid != 50_000 {
		t.Fatalf("paid: %+v %v", s, err)
	}
	if err := pay(50_000, "QL-8"); err != nil {
		t.Fatal(err)
	}
	if s, err := payments.StandingOf(ctx, pool, keys,
		q.ID); err != nil || !s.PaidTwice || s.RefundDue != 50_000 {
		t.Errorf("paid twice at the counter: %+v %v", s, err)
	}
}
