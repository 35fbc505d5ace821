package desk_test

import (
	"errors"
	"sync"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
)

func withdrawing(t *testing.T, p *desktest.Province) {
	lan, ctx := person(t, p), t.Context()
	code := processing(t, p, lan)
	_, err := p.Desk.AnswerWithdrawal(ctx, p.Office(t, t.Name()+"0"), code, desk.Accept, "")
	refused(t, "accept what nobody asked", err, desk.ErrNotAsked)
	do(t, p.Desk.RequestWithdrawal(ctx, lan, code, "Tôi đã tìm được bản gốc"))
	refused(t, "ask twice", p.Desk.RequestWithdrawal(ctx, lan, code, "x"), desk.ErrAlreadyAsked)
	v := view(t, p, lan, code)
	if !v.WithdrawalAsked || v.Dossier.Status != dossier.Processing {
		t.Errorf("asked %v, %s", v.WithdrawalAsked, v.Dossier.Status)
	}
	answer, err := p.Desk.AnswerWithdrawal(ctx, p.Office(t, t.Name()+"1"), code, desk.Accept, "Đồng ý")
	if d := call(t, answer, err); d.Status != "withdrawn" || d.Payment != "none" {
		t.Errorf("%+v", d)
	}
	refused(t, "ask once more", p.Desk.RequestWithdrawal(ctx, lan, code, "x"), dossier.ErrMove)
	same(t, "feed", types(feed(t, p, code)), dossier.EventSubmitted, dossier.EventWithdrawalRequested)
	if all := told(t, p, lan); all[len(all)-1] != dossier.NoticeWithdrawn {
		t.Errorf("notices %v", all)
	}
	if v := view(t, p, lan, code); v.WithdrawalAsked {
		t.Error("the request is still open")
	}
}

func withdrawingRefused(t *testing.T, p *desktest.Province) {
	lan, ctx := person(t, p), t.Context()
	code := p.Submitted(t, lan)
	do(t, p.Desk.RequestWithdrawal(ctx, lan, code, "x"))
	answer, err := p.Desk.AnswerWithdrawal(ctx, p.Office(t, t.Name()), code, desk.Decline, "Kết quả đã ký")
	if d := call(t, answer, err); d.Status != "submitted" || d.Payment != "counter_due" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindWithdrawalAsked,
		dossier.KindRequestRefused)
	if v.WithdrawalAsked {
		t.Error("the request is still open")
	}
	do(t, p.Desk.RequestWithdrawal(ctx, lan, code, "nữa"))
}

func withdrawingSupplement(t *testing.T, p *desktest.Province) {
	lan, ctx := person(t, p), t.Context()
	s, err := p.Desk.Submit(ctx, lan, p.Business(t, lan))
	do(t, err)
	_, err = p.Desk.Receive(ctx, p.Office(t, t.Name()+"0"), s.Code, onestop.Receive{})
	do(t, err)
	_, err = askName(t, p, t.Name()+"1", s.Code)
	do(t, err)
	draft, err := p.Desk.AnswerSupplement(ctx, lan, s.Code)
	do(t, err)
	do(t, p.Desk.RequestWithdrawal(ctx, lan, s.Code, "x"))
	answer, err := p.Desk.AnswerWithdrawal(ctx, p.Office(t, t.Name()+"2"), s.Code, desk.Accept, "Đồng ý")
	if d := call(t, answer, err); d.Status != "withdrawn" || d.PausedAt != nil || d.Payment != "counter_due" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, s.Code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindReceived, dossier.KindSupplementAsked,
		dossier.KindWithdrawalAsked, dossier.KindRequestAccepted, dossier.KindWithdrawn)
	if e := v.History[4]; e.From != dossier.Supplement || e.To != dossier.Received {
		t.Errorf("%s to %s", e.From, e.To)
	}
	_, err = p.Desk.Submit(ctx, lan, draft)
	refused(t, "answer afterwards", err, desk.ErrNotAsked)
}

// withdrawingRace: whoever comes first, the dossier is in one of two whole states.
func withdrawingRace(t *testing.T, p *desktest.Province) {
	lan, ctx := person(t, p), t.Context()
	for round := range 4 {
		key := t.Name() + string(rune('0'+round))
		s, err := p.Desk.Submit(ctx, lan, p.Business(t, lan))
		do(t, err)
		_, err = askName(t, p, key+"ask", s.Code)
		do(t, err)
		do(t, p.Desk.RequestWithdrawal(ctx, lan, s.Code, "x"))
		draft, err := p.Desk.AnswerSupplement(ctx, lan, s.Code)
		do(t, err)
		p.Save(t, lan, draft, eform.Answers{"hkd.ten": {Text: "Tạp hóa Lan Anh"}})
		office := p.Office(t, key+"accept")
		var wg sync.WaitGroup
		var answered, accepted error
		wg.Go(func() { _, answered = p.Desk.Submit(ctx, lan, draft) })
		wg.Go(func() { _, accepted = p.Desk.AnswerWithdrawal(ctx, office, s.Code, desk.Accept, "") })
		wg.Wait()
		do(t, accepted)
		if answered != nil && !errors.Is(answered, desk.ErrNotAsked) {
			t.Errorf("answering: %v", answered)
		}
		v := view(t, p, lan, s.Code)
		if v.Dossier.Status != dossier.Withdrawn || (v.Revision.Number == 2) != (answered == nil) {
			t.Errorf("%s with revision %d, answering: %v", v.Dossier.Status, v.Revision.Number, answered)
		}
	}
}
