package desk_test

import (
	"testing"

	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func acknowledging(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	code := p.Submitted(t, lan)
	answer, err := p.Desk.Acknowledge(t.Context(), p.Office(t, t.Name()+"/1"), code,
		onestop.Acknowledge{OfficeCode: "MC-7"})
	d := call(t, answer, err)
	if d.Sync != "acknowledged" || d.Status != "submitted" || d.OfficeCode != "MC-7" || d.ReceivedAt != nil {
		t.Errorf("%+v", d)
	}
	_, err = p.Desk.Acknowledge(t.Context(), p.Office(t, t.Name()+"/2"), code,
		onestop.Acknowledge{OfficeCode: "MC-8"})
	do(t, err)
	v := view(t, p, lan, code)
	same(t, "history", kinds(v), dossier.KindSubmitted, dossier.KindAcknowledged)
	same(t, "notices", told(t, p, lan), dossier.NoticeSubmitted)
	if *v.Dossier.OfficeCode != "MC-8" {
		t.Errorf("the office's code is %s", *v.Dossier.OfficeCode)
	}
}
