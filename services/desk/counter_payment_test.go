package desk_test

import (
	"bytes"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func payingAtTheCounter(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	pay := func(key string, in onestop.CounterPayment) ([]byte, error) {
		return p.Desk.PaidAtCounter(t.Context(), p.Office(t, t.Name()+"/"+key), code, in)
	}
	for _, wrong := range []int64{7999, 8001, 16000} {
		_, err := pay("wrong", onestop.CounterPayment{Amount: wrong, ReceiptNumber: "BL 1"})
		if err == nil {
			t.Errorf("%d đồng were taken for 8,000", wrong)
		}
	}
	answer, err := pay("1", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	if d := call(t, answer, err); d.Payment != "paid" || d.Status != "submitted" {
		t.Errorf("%+v", d)
	}
	again, err := pay("1", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	if err != nil || !bytes.Equal(again, answer) {
		t.Errorf("%s %v", again, err)
	}
	_, err = pay("2", onestop.CounterPayment{Amount: 8000, ReceiptNumber: "BL 1"})
	refused(t, "the same payment as another call", err, desk.ErrNothingOwed)

	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindFeePaid)
	if len(v.Receipts) != 1 || v.Receipts[0].Amount != 8000 || v.Receipts[0].Payer != "Nguyễn Thị Lan" {
		t.Fatalf("receipts %+v", v.Receipts)
	}
	events := feed(t, p, code)
	same(t, "feed", types(events), dossier.EventSubmitted, dossier.EventFeePaid)
	if fee := events[1].Data.Fee; fee == nil || fee.Amount != 8000 || fee.Receipt != v.Receipts[0].Number {
		t.Errorf("fee %+v", fee)
	}
	if events[0].Data.Own || !events[1].Data.Own {
		t.Errorf("of the submission and the office's own word for the payment, own are: %t, %t",
			events[0].Data.Own, events[1].Data.Own)
	}
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted, dossier.NoticePaymentReceived)
}
