package desk_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"

	"github.com/jackc/pgx/v5"
)

// TestPaying pays in one town, without moving its clock.
func TestPaying(t *testing.T) {
	t.Parallel()
	townsfolk(t, map[string]func(*testing.T, town){
		"below what goes online":       belowOnline,
		"frozen is frozen":             frozenIsFrozen,
		"confirmed, then paid":         confirmedThenPaid,
		"every order":                  everyOrder,
		"all at once":                  allAtOnce,
		"declined, then paid":          declinedThenPaid,
		"edited instead":               editedInstead,
		"paid while editing":           paidWhileEditing,
		"paid after it was given up":   paidTooLate,
		"paid twice before filing":     func(t *testing.T, w town) { paidTwice(t, w, false) },
		"paid twice around filing":     func(t *testing.T, w town) { paidTwice(t, w, true) },
		"a colleague froze it":         colleagueFroze,
		"refused, refundable":          func(t *testing.T, w town) { refusedPaid(t, w, true) },
		"refused, owed in any case":    func(t *testing.T, w town) { refusedPaid(t, w, false) },
		"withdrawn":                    withdrawnPaid,
		"given back by hand":           givenBackByHand,
		"given back, and not accepted": refundFails,
		"somebody else's":              somebodyElses,
	})
}

func belowOnline(t *testing.T, w town) {
	lan := person(t, w.Province)
	s, err := w.Desk.Submit(t.Context(), lan, w.Copies(t, lan, 1))
	do(t, err)
	if v := view(t, w.Province, lan, s.Code); s.FeeDue || v.Dossier.Payment != dossier.CounterDue ||
		v.Quote.Due != payments.DueAtCounter {
		t.Errorf("%+v, %s", s, v.Dossier.Payment)
	}
}

func frozenIsFrozen(t *testing.T, w town) {
	b, ctx := w.frozen(t), t.Context()
	_, err := w.Desk.SaveStep(ctx, b.who, b.draft,
		desk.SaveIn{Operation: "x", Answers: eform.Answers{"sk.noi": {Text: "khác"}},
			Bases: map[string]int{"sk.noi": 1}})
	refused(t, "save", err, dossier.ErrFrozen)
	_, err = w.Desk.AddAttachment(ctx, b.who, b.draft, "tai_lieu_lien_quan",
		attachment.Incoming{Name: "a.png", Reader: bytes.NewReader(desktest.Photo(t))})
	refused(t, "attach", err, dossier.ErrFrozen)
	v, err := w.Desk.Draft(ctx, b.who, b.draft)
	do(t, err)
	refused(t, "remove", w.Desk.RemoveAttachment(ctx, b.who, b.draft, v.Attachments[0].ID), dossier.ErrFrozen)
	refused(t, "place", w.Desk.SetPlace(ctx, b.who, b.draft, desk.PlaceIn{Agency: w.Commune.ID}),
		dossier.ErrFrozen)
	refused(t, "discard", w.Desk.DiscardDraft(ctx, b.who, b.draft), dossier.ErrFrozen)
	if s, err := w.Desk.Submit(ctx, b.who, b.draft); err != nil || !s.FeeDue {
		t.Errorf("submit again: %+v %v", s, err)
	}
	if s := b.back(t); !s.FeeDue || s.Code != "" {
		t.Errorf("unpaid, and the return gave %+v", s)
	}
	if n := count(t, w.Province, `select count(*) from payment_quote where draft_id = $1`, b.draft); n != 1 {
		t.Errorf("%d quotes", n)
	}
	other := w.frozen(t)
	_, err = w.Desk.OpenPayment(ctx, other.who, b.draft, i18n.Vi)
	refused(t, "pay another's", err, dossier.ErrNotFound)
	_, err = w.Desk.PaymentReturn(ctx, other.who, b.draft)
	refused(t, "come back to another's", err, dossier.ErrNotFound)
	refused(t, "edit another's", w.Desk.EditFrozen(ctx, other.who, b.draft), dossier.ErrNotFound)
}

// everyOrder hears of a payment by the webhook, the return and the job, in every order and again.
func everyOrder(t *testing.T, w town) {
	ways := map[byte]func(*testing.T, bill, string){
		'w': func(t *testing.T, b bill, ref string) { b.webhook(t, ref) },
		'r': func(t *testing.T, b bill, _ string) { b.back(t) },
		'j': func(t *testing.T, b bill, _ string) { b.work(t) },
	}
	for _, order := range []string{"wrj", "wjr", "rwj", "rjw", "jwr", "jrw", "wwjj", "rr"} {
		b := w.frozen(t)
		ref := b.pay(t)
		for range 2 {
			for _, way := range []byte(order) {
				ways[way](t, b, ref)
			}
		}
		b.paidOnce(t, order)
	}
}

// paidOnce checks that one payment made one dossier, with its receipt and event.
func (b bill) paidOnce(t testing.TB, what string) {
	t.Helper()
	v := b.filed(t)
	h := v.Dossier
	if h.Payment != dossier.Paid || !h.SubmittedAt.Equal(b.standing(t).PaidAt) ||
		h.SubmittedBy != b.who.Person {
		t.Errorf("%s: %s, submitted %v by %s", what, h.Payment, h.SubmittedAt, h.SubmittedBy)
	}
	if len(v.Receipts) != 1 || v.Receipts[0].Amount != 16000 || v.Receipts[0].VoidedAt != nil {
		t.Fatalf("%s: receipts %+v", what, v.Receipts)
	}
	if f := v.First.Fee; f == nil || f.Receipt != v.Receipts[0].Number || !f.PaidAt.Equal(h.SubmittedAt) ||
		f.Total != 16000 {
		t.Errorf("%s: fee %+v", what, f)
	}
	events := feed(t, b.Province, h.Code)
	same(t, what+": feed", types(events), dossier.EventSubmitted)
	if f := events[0].Data.Fee; f == nil || f.Amount != 16000 || f.Receipt != v.Receipts[0].Number {
		t.Errorf("%s: the event's fee %+v", what, f)
	}
	same(t, what+": notices", told(t, b.Province, b.who), dossier.NoticeSubmitted,
		dossier.NoticePaymentReceived)
	if s := b.back(t); s.Code != h.Code || s.FeeDue {
		t.Errorf("%s: coming back gives %+v", what, s)
	}
	if s, err := b.Desk.Submit(t.Context(), b.who, b.draft); err != nil || s.Code != h.Code {
		t.Errorf("%s: submitting gives %+v %v", what, s, err)
	}
	if _, err := b.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.Vi); !errors.Is(err,
		desk.ErrNotFrozen) {
		t.Errorf("%s: paying again: %v", what, err)
	}
}

func allAtOnce(t *testing.T, w town) {
	b := w.frozen(t)
	ref := b.pay(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { b.webhook(t, ref) })
		wg.Go(func() { b.back(t) })
		wg.Go(func() { b.work(t) })
	}
	wg.Wait()
	b.work(t)
	b.paidOnce(t, "all at once")
}

func declinedThenPaid(t *testing.T, w town) {
	b := w.frozen(t)
	ref := b.open(t)
	do(t, w.stripe.Decline(ref))
	b.webhook(t, ref)
	if s := b.standing(t); !s.Declined || s.Settled() {
		t.Errorf("%+v", s)
	}
	if s := b.back(t); !s.FeeDue {
		t.Errorf("%+v", s)
	}
	do(t, w.stripe.Pay(ref))
	b.webhook(t, ref)
	b.work(t)
	b.paidOnce(t, "declined, then paid")
}

func editedInstead(t *testing.T, w town) {
	b, ctx := w.frozen(t), t.Context()
	ref := b.open(t)
	do(t, w.Desk.EditFrozen(ctx, b.who, b.draft))
	b.editing(t)
	if err := w.stripe.Pay(ref); err == nil {
		t.Fatal("the page could still be paid")
	}
	old, err := payments.FindQuote(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	if old.VoidedAt == nil {
		t.Error("the quote still holds")
	}
	refused(t, "edit twice", w.Desk.EditFrozen(ctx, b.who, b.draft), desk.ErrNotFrozen)
	w.Save(t, b.who, b.draft, eform.Answers{"ban_sao.so_luong": {Text: "3"}})
	again := w.freeze(t, b.who, b.draft)
	if again.quote == b.quote || again.standing(t).Total != 24000 {
		t.Errorf("%+v", again.standing(t))
	}
	again.pay(t)
	if s := again.back(t); s.Code == "" {
		t.Errorf("%+v", s)
	}
	if v := again.filed(t); v.First.Answers["ban_sao.so_luong"].Text != "3" || v.First.Fee.Total != 24000 {
		t.Errorf("%+v", v.First)
	}
}

func paidWhileEditing(t *testing.T, w town) {
	b := w.frozen(t)
	b.pay(t)
	refused(t, "edit what was paid", w.Desk.EditFrozen(t.Context(), b.who, b.draft), desk.ErrAlreadyPaid)
	b.paidOnce(t, "paid while editing")
}

// paidTooLate: a payment page was opened in one tab while another gave the payment up.
func paidTooLate(t *testing.T, w town) {
	b, ctx := w.frozen(t), t.Context()
	quote, err := payments.FindQuote(ctx, w.Pool, w.Vault, b.quote)
	do(t, err)
	late := b.another(t, quote)
	do(t, w.Desk.EditFrozen(ctx, b.who, b.draft))
	again := w.freeze(t, b.who, b.draft)
	again.pay(t)
	again.back(t)
	again.paidOnce(t, "the page that holds")
	do(t, w.stripe.Pay(late))
	b.lookUp(t, late)
	b.work(t)
	if s := b.standing(t); s.State != payments.Refunded {
		t.Errorf("what was paid too late is %+v", s)
	}
	receipt, err := payments.ReceiptOf(ctx, w.Pool, w.Vault, b.quote)
	if err == nil && receipt.VoidedAt == nil {
		t.Errorf("a receipt stands for what was given back: %+v", receipt)
	}
	if v := again.filed(t); v.Dossier.Payment != dossier.Paid {
		t.Errorf("the dossier is %s", v.Dossier.Payment)
	}
}

// another opens a further payment page of a quote at Stripe, of which the portal lost sight.
func (b bill) another(t testing.TB, quote *payments.Quote) (ref string) {
	t.Helper()
	now := b.Clock.Now()
	var attempt *payments.Attempt
	do(t, pgx.BeginFunc(t.Context(), b.Pool, func(tx pgx.Tx) (err error) {
		attempt, _, err = payments.InsertAttempt(t.Context(), tx, b.Vault,
			payments.NewAttempt{Quote: quote.ID,
				Channel: payments.ChannelStripe, Lang: i18n.Vi, ExpiresAt: now.Add(time.Hour), Now: now})
		return err
	}))
	do(t, payments.AbandonAttempt(t.Context(), b.Pool, attempt.ID))
	session, err := b.checkout.Open(t.Context(), checkout.Opening{Attempt: attempt.ID, Reference: "2.000635",
		Lang: i18n.Vi, Lines: quote.Lines, ReturnURL: "http://portal.test/ve",
		CancelURL: "http://portal.test/le-phi", ExpiresAt: now.Add(time.Hour)})
	do(t, err)
	return session.Ref
}

func (b bill) lookUp(t testing.TB, ref string) {
	t.Helper()
	facts, err := b.checkout.Lookup(t.Context(), ref)
	do(t, err)
	for _, f := range facts {
		do(t, b.Desk.PaymentFact(t.Context(), f))
	}
}

// paidTwice pays two pages of one quote; filed says whether the second is heard of after the filing.
func paidTwice(t *testing.T, w town, filed bool) {
	b := w.frozen(t)
	quote, err := payments.FindQuote(t.Context(), w.Pool, w.Vault, b.quote)
	do(t, err)
	second := b.another(t, quote)
	first := b.pay(t)
	do(t, w.stripe.Pay(second))
	b.lookUp(t, first)
	if filed {
		b.work(t)
	}
	b.lookUp(t, second)
	b.work(t)
	s := b.standing(t)
	if s.State != payments.Paid || s.Paid != 32000 || s.Refunded != 16000 || s.PaidTwice {
		t.Errorf("%+v", s)
	}
	v := b.filed(t)
	if v.Dossier.Payment != dossier.Paid || len(v.Receipts) != 1 || v.Receipts[0].VoidedAt != nil {
		t.Errorf("%s, %+v", v.Dossier.Payment, v.Receipts)
	}
	refunds, err := payments.RefundsOf(t.Context(), w.Pool, w.Vault, b.quote)
	do(t, err)
	if len(refunds) != 1 || refunds[0].State != payments.RefundDone ||
		refunds[0].Reason != payments.ReasonTwice {
		t.Errorf("%+v", refunds)
	}
	if filed {
		same(t, "feed", types(feed(t, w.Province, v.Dossier.Code)), dossier.EventSubmitted,
			dossier.EventFeeRefunded)
		same(t, "notices", told(t, w.Province, b.who), dossier.NoticeSubmitted, dossier.NoticePaymentReceived,
			dossier.NoticePaymentRefund)
	}
}

func colleagueFroze(t *testing.T, w town) {
	n := int(people.Add(2))
	began, froze := w.Employee(t, n, "0100233488"), w.Employee(t, n-1, "0100233488")
	id := w.Copies(t, began, 2)
	do(t, w.Desk.GoOn(t.Context(), froze, id, began.Person))
	w.Save(t, froze, id, eform.Answers{"nyc.cu_tru": {Rows: []map[string]string{{eform.PartProvince: "37",
		eform.PartCommune: "14329", eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số 9"}}}})
	b := w.freeze(t, froze, id)
	b.pay(t)
	_, err := w.Desk.PaymentReturn(t.Context(), began, id) // another tab, another colleague
	refused(t, "the colleague's return", err, desk.ErrWithAnother)
	b.back(t)
	b.who = began
	v := b.filed(t)
	if v.Dossier.SubmittedBy != froze.Person || v.History[0].Actor.Person != froze.Person ||
		!v.First.OnBehalf {
		t.Errorf("submitted by %s, who froze is %s", v.Dossier.SubmittedBy, froze.Person)
	}
	if v.First.Person.Number != fmt.Sprintf("037190%06d", n-1) || v.First.Owner.Number != "0100233488" {
		t.Errorf("%+v for %+v", v.First.Person, v.First.Owner)
	}
}
