package desk_test

import (
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func refusing(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code, other := p.Submitted(t, lan), p.Submitted(t, lan)
	business, err := p.Desk.Submit(t.Context(), lan, p.Business(t, lan))
	do(t, err)
	answer, err := p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/1"), code,
		onestop.Refuse{Reason: "Không thuộc thẩm quyền"})
	if d := call(t, answer, err); d.Status != "refused" || d.NationalStatus != 3 || d.Payment != "none" {
		t.Errorf("%+v", d)
	}
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindRefused)
	same(t, "slips", slipsOf(v), dossier.SlipRefused)
	if v.History[1].Note != "Không thuộc thẩm quyền" {
		t.Errorf("%+v", v.History[1])
	}
	_, err = p.Desk.PaidAtCounter(t.Context(), p.Office(t, t.Name()+"/2"), code,
		onestop.CounterPayment{Amount: 8000})
	refused(t, "a fee of what was refused", err, desk.ErrNothingOwed)
	answer, err = p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/3"), business.Code,
		onestop.Refuse{Reason: "Trùng tên"})
	if d := call(t, answer, err); d.Payment != "counter_due" {
		t.Errorf("a charge that is owed in any case is %s", d.Payment)
	}
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/4"), code, onestop.Receive{})
	refused(t, "receive what was refused", err, dossier.ErrMove)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, t.Name()+"/5"), other, onestop.Receive{})
	do(t, err)
	_, err = p.Desk.Refuse(t.Context(), p.Office(t, t.Name()+"/6"), other, onestop.Refuse{Reason: "x"})
	refused(t, "refuse what was received", err, dossier.ErrMove)
}
