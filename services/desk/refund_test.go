package desk_test

import (
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/binding"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// refusedPaid refuses a dossier whose fee is refundable, or not.
func refusedPaid(t *testing.T, w town, refundable bool) {
	b := bill{}
	if refundable {
		b = w.frozen(t)
	} else {
		who := person(t, w.Province)
		b = w.freeze(t, who, w.Business(t, who))
	}
	b.pay(t)
	s := b.back(t)
	answer, err := w.Desk.Refuse(t.Context(), w.Office(t, t.Name()), s.Code,
		onestop.Refuse{Reason: "Không đúng thẩm quyền"})
	d := call(t, answer, err)
	if want := map[bool]string{true: "refund_due", false: "paid"}[refundable]; d.Payment != want {
		t.Errorf("the payment is %s, want %s", d.Payment, want)
	}
	b.work(t)
	v := b.filed(t)
	if !refundable {
		if v.Dossier.Payment != dossier.Paid || v.Receipts[0].VoidedAt != nil || b.standing(t).Refunded != 0 {
			t.Errorf("%s, %+v", v.Dossier.Payment, b.standing(t))
		}
		return
	}
	if v.Dossier.Payment != dossier.Refunded || v.Receipts[0].VoidedAt == nil ||
		b.standing(t).State != payments.Refunded {
		t.Errorf("%s, receipt %+v, %+v", v.Dossier.Payment, v.Receipts[0], b.standing(t))
	}
	read, err := w.Desk.DossierFor(t.Context(), w.Office(t, ""), s.Code)
	do(t, err)
	if f := read.Fees[0]; len(read.Fees) != 1 || f.Paid != 16000 || f.Refunded != 16000 || f.RefundDue != 0 ||
		len(f.Refunds) != 1 || f.Refunds[0].Reason != payments.ReasonRefused || f.Refunds[0].DoneAt == nil ||
		f.Receipts[0].VoidedAt == nil || f.Payments[0].Channel != payments.ChannelStripe {
		t.Errorf("the office reads %+v", read.Fees)
	}
	events := feed(t, w.Province, s.Code)
	same(t, "feed", types(events), dossier.EventSubmitted, dossier.EventFeeRefunded)
	if events[1].Data.Fee.Amount != 16000 {
		t.Errorf("%+v", events[1].Data.Fee)
	}
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindRefused, dossier.KindFeeRefunded)
	same(t, "notices", told(t, w.Province, b.who), dossier.NoticeSubmitted, dossier.NoticePaymentReceived,
		dossier.NoticeRefused, dossier.NoticePaymentRefund)
}

func withdrawnPaid(t *testing.T, w town) {
	b, ctx := w.frozen(t), t.Context()
	b.pay(t)
	s := b.back(t)
	do(t, w.Desk.RequestWithdrawal(ctx, b.who, s.Code, "Không cần nữa"))
	_, err := w.Desk.AnswerWithdrawal(ctx, w.Office(t, t.Name()), s.Code, desk.Accept, "")
	do(t, err)
	b.work(t)
	v := b.filed(t)
	if v.Dossier.Status != dossier.Withdrawn || v.Dossier.Payment != dossier.Refunded {
		t.Errorf("%s, %s", v.Dossier.Status, v.Dossier.Payment)
	}
}

func givenBackByHand(t *testing.T, w town) {
	b := w.frozen(t)
	ref := b.pay(t)
	s := b.back(t)
	_, err := w.stripe.RefundByHand(ref, 16000)
	do(t, err)
	for range 2 {
		b.webhook(t, ref)
	}
	v := b.filed(t)
	if v.Dossier.Payment != dossier.Refunded || v.Receipts[0].VoidedAt == nil {
		t.Errorf("%s, %+v", v.Dossier.Payment, v.Receipts[0])
	}
	same(t, "feed", types(feed(t, w.Province, s.Code)), dossier.EventSubmitted, dossier.EventFeeRefunded)
	// What was given back is not given back again when the agency refuses.
	_, err = w.Desk.Refuse(t.Context(), w.Office(t, t.Name()), s.Code, onestop.Refuse{Reason: "x"})
	do(t, err)
	b.work(t)
	if s := b.standing(t); s.Refunded != 16000 || s.State != payments.Refunded {
		t.Errorf("%+v", s)
	}
}

func refundFails(t *testing.T, w town) {
	b := w.frozen(t)
	ref := b.pay(t)
	b.back(t)
	id, err := w.stripe.RefundByHand(ref, 16000)
	do(t, err)
	b.webhook(t, ref)
	do(t, w.stripe.FailRefund(id))
	b.webhook(t, ref)
	if v := b.filed(t); v.Dossier.Payment != dossier.Paid {
		t.Errorf("the money is back at the provider, and the dossier is %s", v.Dossier.Payment)
	}
}

func somebodyElses(t *testing.T, w town) {
	for _, attempt := range []string{"01936f2e-7d0a-7000-8000-000000000001", "order-77"} {
		err := w.Desk.PaymentFact(t.Context(), payments.Fact{ID: "cs_x:paid" + attempt, Attempt: attempt,
			Kind: payments.FactPaid, Amount: 1, At: w.Clock.Now(), PaymentRef: "pi_x",
			Provider: payments.ChannelStripe})
		refused(t, attempt, err, payments.ErrUnknownAttempt)
	}
}

// TestWhatBecameImpossibleIsGivenBack: the procedure's version ends between the freezing and the payment.
func TestWhatBecameImpossibleIsGivenBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b, ctx := w.frozen(t), t.Context()
	_, err := w.Pool.Exec(ctx, `update procedure_version set effective_to = $1 where code = '2.000635'`,
		workday.DateOf(w.Clock.Now()))
	do(t, err)
	w.Bind(t)
	w.Clock.Advance(26 * time.Hour)
	ref := b.pay(t)
	b.webhook(t, ref)
	b.work(t)
	if s := b.standing(t); s.State != payments.Refunded {
		t.Errorf("%+v", s)
	}
	b.editing(t)
	if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
		t.Errorf("%d dossiers", n)
	}
	receipt, err := payments.ReceiptOf(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	if receipt.VoidedAt == nil {
		t.Error("the receipt stands")
	}
	if s, err := w.Desk.SubmitPaid(ctx, b.quote); err != nil || s.Code != "" {
		t.Errorf("once more: %+v %v", s, err)
	}
	refunds, err := payments.RefundsOf(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	if len(refunds) != 1 || refunds[0].Reason != payments.ReasonImpossible {
		t.Errorf("%+v", refunds)
	}
}

// TestReturningMoneyIsTriedAgain: with pauses that double, until a person has to look.
func TestReturningMoneyIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx := t.Context()
	refusedBill := func() bill {
		b := w.frozen(t)
		b.pay(t)
		s := b.back(t)
		_, err := w.Desk.Refuse(ctx, w.Office(t, "refuse "+string(s.Code)), s.Code,
			onestop.Refuse{Reason: "x"})
		do(t, err)
		return b
	}
	back, gone := refusedBill(), refusedBill()
	w.stripe.GoDown()
	refused(t, "return", w.Desk.ReturnMoney(ctx, back.quote), checkout.ErrAway)
	if err := w.Desk.ReturnMoney(ctx, back.quote); err != nil {
		t.Errorf("tried again without a pause: %v", err)
	}
	state := func(b bill) payments.Refund {
		t.Helper()
		all, err := payments.RefundsOf(ctx, w.Pool, w.Vault, b.quote)
		do(t, err)
		if len(all) != 1 {
			t.Fatalf("%d refunds", len(all))
		}
		return all[0]
	}
	if r := state(back); r.State != payments.RefundWaiting || r.Tries != 1 ||
		!r.NextAt.Equal(w.Clock.Now().Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
	w.Clock.Advance(time.Minute)
	refused(t, "again", w.Desk.ReturnMoney(ctx, back.quote), checkout.ErrAway)
	if r := state(back); r.Tries != 2 || !r.NextAt.Equal(w.Clock.Now().Add(2*time.Minute)) {
		t.Errorf("%+v", r)
	}
	w.stripe.ComeBack()
	w.Clock.Advance(2 * time.Minute)
	for range 2 {
		do(t, w.Desk.ReturnMoney(ctx, back.quote))
	}
	if r, s := state(back), back.standing(t); r.State != payments.RefundDone ||
		s.State != payments.Refunded || s.Refunded != 16000 {
		t.Errorf("%+v, %+v", r, s)
	}

	w.stripe.GoDown()
	_, err := w.Pool.Exec(ctx, `update payment_refund set tries = 11 where quote_id = $1`, gone.quote)
	do(t, err)
	refused(t, "the last time", w.Desk.ReturnMoney(ctx, gone.quote), checkout.ErrAway)
	w.Clock.Advance(24 * time.Hour)
	if err := w.Desk.ReturnMoney(ctx, gone.quote); err != nil {
		t.Errorf("tried after the last time: %v", err)
	}
	if r := state(gone); r.State != payments.RefundFailed || r.Tries != 12 {
		t.Errorf("%+v", r)
	}
	if v := gone.filed(t); v.Dossier.Payment != dossier.RefundDue {
		t.Errorf("the dossier is %s", v.Dossier.Payment)
	}
}

// TestRefundedByHandMeanwhile: the money was given back at Stripe before the job did it, and no webhook told.
func TestRefundedByHandMeanwhile(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b, ctx := w.frozen(t), t.Context()
	ref := b.pay(t)
	s := b.back(t)
	_, err := w.Desk.Refuse(ctx, w.Office(t, "refuse"), s.Code,
		onestop.Refuse{Reason: "Không đúng thẩm quyền"})
	do(t, err)
	_, err = w.stripe.RefundByHand(ref, 16000)
	do(t, err)
	b.work(t)
	refunds, err := payments.RefundsOf(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	if len(refunds) != 1 || refunds[0].State != payments.RefundDone {
		t.Errorf("%+v", refunds)
	}
	b.webhook(t, ref)
	if s := b.standing(t); s.State != payments.Refunded || s.Refunded != 16000 {
		t.Errorf("%+v", s)
	}
	if v := b.filed(t); v.Dossier.Payment != dossier.Refunded {
		t.Errorf("the dossier is %s", v.Dossier.Payment)
	}
	same(t, "feed", types(feed(t, w.Province, s.Code)), dossier.EventSubmitted, dossier.EventFeeRefunded)
}

// TestForgedPaymentStatus: who says in the database alone that a fee was not paid has no money kept: the
// dossier does not end until that was put right.
func TestForgedPaymentStatus(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b, ctx := w.frozen(t), t.Context()
	b.pay(t)
	s := b.back(t)
	says := func(status dossier.PaymentStatus) {
		_, err := w.Desk.Pool.Exec(ctx, `update dossier set payment_status = $2 where code = $1`, s.Code, status)
		do(t, err)
	}
	refuse := func(key string) error {
		_, err := w.Desk.Refuse(ctx, w.Office(t, key), s.Code,
			onestop.Refuse{Reason: "Không đúng thẩm quyền"})
		return err
	}
	for _, status := range []dossier.PaymentStatus{dossier.CounterDue, dossier.Owed, dossier.Pending} {
		says(status)
		refused(t, string(status), refuse(string(status)), binding.ErrForeign)
	}
	says(dossier.Paid)
	do(t, refuse("put right"))
	b.work(t)
	if state := b.standing(t).State; state != payments.Refunded {
		t.Errorf("the fee is %s", state)
	}
}
