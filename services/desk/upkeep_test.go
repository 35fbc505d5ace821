package desk_test

import (
	"bytes"
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/attachment"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

func TestStoppingWhatIsOverdue(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	lan, minh, ctx := p.Citizen(t, 1), p.Citizen(t, 2), t.Context()
	ask := func(key string, code dossier.Code, days int) {
		t.Helper()
		_, err := p.Desk.AskSupplement(ctx, p.Office(t, key), code, onestop.Supplement{Fields: []string{"sk.noi"},
			Reasons: map[string]string{"sk.noi": "Ghi rõ xã"}, Deadline: workday.DateOf(p.Clock.Now()).AddDays(days)})
		do(t, err)
	}
	late, broken, later, answered := p.Submitted(t, lan), p.Submitted(t, lan), p.Submitted(t, minh), p.Submitted(t, minh)
	ask("1", late, 2)
	ask("2", broken, 2)
	ask("3", later, 120)
	ask("4", answered, 2)
	draft, err := p.Desk.AnswerSupplement(ctx, minh, answered)
	do(t, err)
	p.Save(t, minh, draft, eform.Answers{"sk.noi": {Text: "UBND xã Ninh An"}})
	_, err = p.Desk.Submit(ctx, minh, draft)
	do(t, err)
	waiting, err := p.Desk.AnswerSupplement(ctx, lan, late)
	do(t, err)
	// A dossier that cannot be stopped, as its agency has no one-stop system any more, does not keep the others waiting.
	_, err = p.Pool.Exec(ctx, `update dossier set receiving_agency_id = (select id from agency where kind = 'department' limit 1) where code = $1`, broken)
	do(t, err)

	p.Clock.Advance(63*time.Hour + 29*time.Minute) // 23:59 of the last day
	do(t, p.Desk.StopOverdue(ctx))
	if v := view(t, p, lan, late); v.Dossier.Status != dossier.Supplement {
		t.Fatalf("%s on the last day", v.Dossier.Status)
	}
	p.Clock.Advance(time.Minute)
	for range 2 {
		if err := p.Desk.StopOverdue(ctx); err == nil {
			t.Error("what could not be stopped was not told")
		}
	}
	v := view(t, p, lan, late)
	if v.Dossier.Status != dossier.Stopped || v.Dossier.PausedAt != nil || v.Dossier.Payment != dossier.NoFee {
		t.Errorf("%s, paused %v, payment %s", v.Dossier.Status, v.Dossier.PausedAt, v.Dossier.Payment)
	}
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindSupplementAsked, dossier.KindStopped)
	if v.History[2].Actor.Kind != dossier.Portal {
		t.Errorf("stopped by %+v", v.History[2].Actor)
	}
	same(t, "feed", types(feed(t, p, late)), dossier.EventSubmitted, dossier.EventStopped)
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeStopped {
		t.Errorf("notices %v", all)
	}
	_, err = p.Desk.Submit(ctx, lan, waiting)
	refused(t, "answer afterwards", err, desk.ErrNotAsked)
	if v := view(t, p, minh, answered); v.Dossier.Status != dossier.Submitted {
		t.Errorf("what was answered is %s", v.Dossier.Status)
	}
	// A term longer than a draft lives is not ended by the tidying.
	p.Clock.Advance(100 * 24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if _, err := p.Desk.AnswerSupplement(ctx, minh, later); err != nil {
		t.Error(err)
	}
	p.Clock.Advance(30 * 24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	_ = p.Desk.StopOverdue(ctx)
	if v := view(t, p, minh, later); v.Dossier.Status != dossier.Stopped {
		t.Errorf("%s after its term", v.Dossier.Status)
	}
}

func TestTidying(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, ctx := w.Province, t.Context()
	b := w.frozen(t)
	lan := person(t, p)
	code := p.Submitted(t, lan)
	kept := stored(t, p)
	old := p.Copies(t, lan, 1)
	v, err := p.Desk.Draft(ctx, lan, old)
	do(t, err)
	do(t, p.Desk.RemoveAttachment(ctx, lan, old, v.Attachments[0].ID))
	paper := append(desktest.Photo(t), 1)
	_, err = p.Desk.AddAttachment(ctx, lan, old, "tai_lieu_lien_quan", attachment.Incoming{Name: "a.png", Reader: bytes.NewReader(paper)})
	do(t, err)
	_, err = p.Desk.Note(ctx, p.Office(t, "key"), code, onestop.Note{Note: "x"})
	do(t, err)

	p.Clock.Advance(2 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if n := stored(t, p); n != kept+1 {
		t.Errorf("%d files, want the removed one gone of %d", n, kept+2)
	}
	if _, err := p.Desk.Draft(ctx, lan, old); err != nil {
		t.Error(err)
	}
	p.Clock.Advance(dossier.DraftDays * 24 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if _, err := p.Desk.Draft(ctx, lan, old); err != nil || count(t, p, `select count(*) from draft_field where draft_id = $1`, old) == 0 {
		t.Errorf("a draft expired without a warning: %v", err)
	}
	if n := count(t, p, `select count(*) from notice n join notice_delivery m on m.notice_id = n.id where n.draft_id = $1 and n.party_id = $2 and n.kind = 'draft_expiring'`, old, lan.Party); n != 1 {
		t.Errorf("%d warnings and mails", n)
	}
	p.Clock.Advance(desk.DraftNotice)
	do(t, p.Desk.Tidy(ctx))
	p.Clock.Advance(2 * time.Hour)
	do(t, p.Desk.Tidy(ctx))
	if n := stored(t, p); n != kept {
		t.Errorf("%d files, want %d", n, kept)
	}
	if n := count(t, p, `select count(*) from draft_field where draft_id = $1`, old); n != 0 {
		t.Errorf("%d answers of a draft that expired", n)
	}
	if n := count(t, p, `select count(*) from office_call`); n != 0 {
		t.Errorf("%d answers of old calls", n)
	}
	f, err := p.Desk.DossierFile(ctx, lan, code, view(t, p, lan, code).First.Files[0].ID)
	do(t, err)
	do(t, f.Reader.Close())
	b.pay(t)
	if s := b.back(t); s.Code == "" {
		t.Error("a draft that waited for its payment is gone")
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
		_, err := w.Desk.Refuse(ctx, w.Office(t, "refuse "+string(s.Code)), s.Code, onestop.Refuse{Reason: "x"})
		do(t, err)
		return b
	}
	back, gone := refusedBill(), refusedBill()
	w.stripe.Down(true)
	refused(t, "return", w.Desk.ReturnMoney(ctx, back.quote), checkout.ErrAway)
	if err := w.Desk.ReturnMoney(ctx, back.quote); err != nil {
		t.Errorf("tried again without a pause: %v", err)
	}
	state := func(b bill) payments.Refund {
		t.Helper()
		all, err := payments.RefundsOf(ctx, w.Pool, b.quote)
		do(t, err)
		if len(all) != 1 {
			t.Fatalf("%d refunds", len(all))
		}
		return all[0]
	}
	if r := state(back); r.State != payments.RefundWaiting || r.Tries != 1 || !r.NextAt.Equal(w.Clock.Now().Add(time.Minute)) {
		t.Errorf("%+v", r)
	}
	w.Clock.Advance(time.Minute)
	refused(t, "again", w.Desk.ReturnMoney(ctx, back.quote), checkout.ErrAway)
	if r := state(back); r.Tries != 2 || !r.NextAt.Equal(w.Clock.Now().Add(2*time.Minute)) {
		t.Errorf("%+v", r)
	}
	w.stripe.Down(false)
	w.Clock.Advance(2 * time.Minute)
	for range 2 {
		do(t, w.Desk.ReturnMoney(ctx, back.quote))
	}
	if r, s := state(back), back.standing(t); r.State != payments.RefundDone || s.State != payments.Refunded || s.Refunded != 16000 {
		t.Errorf("%+v, %+v", r, s)
	}

	w.stripe.Down(true)
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
