package payments_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/payments"
	"congdvc/services/pgtest"
)

func TestRefund(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	q := newQuote(t, pool, 50_000)
	a := newAttempt(t, pool, q.ID, payments.ChannelStripe)
	record(t, pool, said("cs_1", a.ID, payments.FactPaid, 50_000, 5))
	var refund *payments.Refund
	var mu sync.Mutex
	fresh := 0
	together(t, 6, func() error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			r, isNew, err := payments.InsertRefund(ctx, tx, keys, payments.NewRefund{Quote: q.ID,
				Attempt:    a.ID,
				PaymentRef: "pi_1", Amount: 50_000, Reason: payments.ReasonImpossible, Now: noon})
			mu.Lock()
			defer mu.Unlock()
			refund, fresh = r, fresh+one(isNew)
			return err
		})
	})
	if fresh != 1 || !strings.Contains(refund.Key(), refund.ID) {
		t.Fatalf("%d refunds decided: %+v", fresh, refund)
	}
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.RefundDue ||
		s.Settled() {
		t.Fatalf("decided: %+v %v", s, err)
	}
	if err := payments.PostponeRefund(ctx, pool, refund.ID,
		payments.Postponed{Problem: "away", Next: noon.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for when, want := range map[time.Duration]int{0: 0, time.Hour: 1} {
		if due, err := payments.RefundsDue(ctx, pool, keys, noon.Add(when),
			10); err != nil || len(due) != want {
			t.Errorf("due after %v: %v %v", when, due, err)
		}
	}
	given := said("re_1", a.ID, payments.FactRefunded, 50_000, 30)
	record(t, pool, given)
	inTx(t, pool, func(tx pgx.Tx) error { return payments.MarkRefund(ctx, tx, refund.ID, "re_1", noon) })
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.Refunded {
		t.Errorf("given back: %+v %v", s, err)
	}
	if stuck, err := payments.RefundsStuck(ctx, pool, keys); err != nil || len(stuck) != 0 {
		t.Errorf("nothing needs a person: %+v %v", stuck, err)
	}
	record(t, pool, said("re_1", a.ID, payments.FactRefundFailed, 50_000, 90))
	all, err := payments.RefundsOf(ctx, pool, keys, q.ID)
	if err != nil || len(all) != 1 || all[0].State != payments.RefundFailed || all[0].Tries != 2 {
		t.Errorf("sent back by the bank: %+v %v", all, err)
	}
	if s, err := payments.StandingOf(ctx, pool, keys, q.ID); err != nil || s.State != payments.RefundDue {
		t.Errorf("sent back by the bank: %+v %v", s, err)
	}
	if stuck, err := payments.RefundsStuck(ctx, pool, keys); err != nil || len(stuck) != 1 ||
		stuck[0].ID != refund.ID {
		t.Errorf("needs a person: %+v %v", stuck, err)
	}
	record(t, pool, said("re_by_hand", a.ID, payments.FactRefunded, 50_000, 120))
	if stuck, err := payments.RefundsStuck(ctx, pool, keys); err != nil || len(stuck) != 0 {
		t.Errorf("given back by hand: %+v %v", stuck, err)
	}
}
