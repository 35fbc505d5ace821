package desk_test

import (
	"encoding/json"
	"testing"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
)

// married is a draft of 1.000894.
func married(t testing.TB, p *desktest.Province, who identity.Who) *desk.DraftView {
	t.Helper()
	draft, err := p.Desk.StartDraft(t.Context(), who,
		desk.StartIn{Procedure: "1.000894", Agency: p.Commune.ID, Lang: i18n.Vi})
	do(t, err)
	v, err := p.Desk.Draft(t.Context(), who, draft.ID)
	do(t, err)
	return v
}

// single is a person with a certificate of marital status.
func single(t testing.TB, p *desktest.Province, who identity.Who,
	number string) (dossier.Code, onestop.Result) {
	t.Helper()
	draft, err := p.Desk.StartDraft(t.Context(), who,
		desk.StartIn{Procedure: "1.004873", Agency: p.Commune.ID, Lang: i18n.Vi})
	do(t, err)
	text := func(s string) eform.Value { return eform.Value{Text: s} }
	home := eform.Value{Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: "14329",
		eform.PartDetail: "Số 5"}}}
	p.Save(t, who, draft.ID, eform.Answers{
		"nyc.quan_he": text("ban_than"), "nyc.cu_tru": home, "xn.gioi_tinh": text("nu"),
		"xn.dan_toc": text("01"), "xn.quoc_tich": text("VNM"), "xn.tu_nam": text("2015"),
		"tt.hien_tai": text("chua_ket_hon"), "md.loai": text("khac"), "md.ly_do": text("Vay vốn ngân hàng"),
		"md.so_ban": text("1"), "md.cap_lai": text("no"), "cam_doan.dung": text("yes"),
		"nhan.hinh_thuc": text("tai_co_quan"),
	})
	s, err := p.Desk.Submit(t.Context(), who, draft.ID)
	do(t, err)
	_, err = p.Desk.Receive(t.Context(), p.Office(t, "receive "+string(s.Code)), s.Code, onestop.Receive{})
	do(t, err)
	_, err = p.Desk.Process(t.Context(), p.Office(t, "process "+string(s.Code)), s.Code, onestop.Process{})
	do(t, err)
	in := resultIn(t, "xác nhận.pdf", signed(t, paper(t, number)))
	in.Number, in.Name = number, "Giấy xác nhận tình trạng hôn nhân"
	answer, err := p.Desk.DeliverResult(t.Context(), p.Office(t, "deliver "+string(s.Code)), s.Code, in)
	do(t, err)
	var r onestop.Result
	do(t, json.Unmarshal(answer, &r))
	return s.Code, r
}

func documentPrefill(t *testing.T, p *desktest.Province) {
	lan := person(t, p)
	if v := married(t, p, lan); v.Given["xn.so"].Source != "" {
		t.Errorf("given from nothing: %+v", v.Given["xn.so"])
	}
	code, r := single(t, p, lan, "38/XNTTHN")
	v := married(t, p, lan)
	for field, want := range map[string]string{"xn.so": "38/XNTTHN", "xn.ngay": "2026-11-23",
		"xn.noi": p.Commune.Name.Vi} {
		g := v.Given[field]
		if g.Source != dossier.FromDocument || g.Dossier != code || g.Result != string(r.Code) ||
			g.Value.Text != want || v.Answers[field].Text != want {
			t.Errorf("%s: given %+v, answer %+v, want %q", field, g, v.Answers[field], want)
		}
	}
	again, err := p.Desk.StartDraft(t.Context(), lan,
		desk.StartIn{Procedure: "1.004873", Agency: p.Commune.ID, Lang: i18n.Vi})
	do(t, err)
	v, err = p.Desk.Draft(t.Context(), lan, again.ID)
	do(t, err)
	all, err := p.Desk.Documents(t.Context(), v)
	do(t, err)
	if list := all["giay_to_truoc_day"]; len(list) != 1 || list[0].Key != string(r.Code) ||
		list[0].Source.Result.Kind != "KQ.G15.000038" {
		t.Errorf("offered %+v", list)
	}
	if other := married(t, p, person(t, p)); other.Given["xn.so"].Source != "" {
		t.Errorf("another's certificate: %+v", other.Given["xn.so"])
	}
	// Of two certificates nobody but the person knows which is meant.
	_, second := single(t, p, lan, "39/XNTTHN")
	if g := married(t, p, lan).Given["xn.so"]; g.Source == dossier.FromDocument {
		t.Errorf("one of two was taken: %+v", g)
	}
	revoke(t, p, string(r.Code), nil)
	if g := married(t, p, lan).Given["xn.so"]; g.Result != string(second.Code) {
		t.Errorf("after the first was revoked: %+v", g)
	}
}
