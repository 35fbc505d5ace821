package backoffice

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"slices"
	"testing"

	"congdvc/identity"
	"congdvc/services/attachment"
	"congdvc/services/demooffice"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
)

func (s *scene) detail(t testing.TB, code dossier.Code) (d onestop.DossierDetail) {
	t.Helper()
	got := s.call(t, request{path: at(code)})
	if err := json.Unmarshal([]byte(got.body), &d); err != nil || got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return d
}

// TestOfficersReadWhatTheyDecide: what is open, in the words of who asks, what was decided and paid, and
// what came of it.
func TestOfficersReadWhatTheyDecide(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ctx, lan := t.Context(), s.Citizen(t, 1)
	code := s.Submitted(t, lan)
	o := s.office(t, t.TempDir())
	s.pushing(t)
	done(t, o, code, "dossier.submitted")
	new := s.detail(t, code)
	if new.Supplement != nil || len(new.Requests)+len(new.Results)+len(new.Slips) > 0 ||
		len(new.History) != 2 || len(new.Fees) != 1 || new.Fees[0].Total != 8000 || new.Fees[0].Paid != 0 ||
		new.Fees[0].Agency != s.Commune.Code || new.Fees[0].Lines[0].Name == "" {
		t.Errorf("submitted: %+v", new)
	}
	s.post(t, at(code, "/receive"), `{"note":"Hồ sơ hợp lệ"}`)
	s.post(t, at(code, "/supplements"), `{"fields":["sk.so"],"requirements":["tai_lieu_lien_quan"],
		"reasons":{"sk.so":"Cần số đăng ký","tai_lieu_lien_quan":"Ảnh mờ"},"deadline":"2026-12-03"}`)
	asked := s.detail(t, code)
	if x := asked.Supplement; x == nil || !slices.Equal(x.Fields, []string{"sk.so"}) || x.Revision != 2 ||
		!slices.Equal(x.Requirements, []string{"tai_lieu_lien_quan"}) ||
		x.Deadline.String() != "2026-12-03" ||
		x.Reasons["tai_lieu_lien_quan"] != "Ảnh mờ" || x.AskedBy.Name != "Đỗ Văn Hùng" ||
		x.AskedAt.String() != onestop.At(s.Clock.Now()).String() {
		t.Errorf("the supplement: %+v", x)
	}
	if got := asked.Slips; len(got) != 2 || got[0].Kind != dossier.SlipReceived || got[1].Number != "02" {
		t.Errorf("slips: %+v", got)
	}
	s.answer(t, lan, code)
	s.post(t, at(code, "/process"), `{}`)
	s.post(t, at(code, "/payments"), `{"amount":8000,"receipt_number":"0001234"}`)
	must(t, s.Desk.RequestWithdrawal(ctx, lan, code, "Tôi đã tìm được bản gốc"))
	if err := o.AnswerWithdrawal(ctx, string(code), false, ""); err == nil {
		t.Error("refused without a word")
	}
	open := s.detail(t, code)
	if r := open.Requests; len(r) != 1 || r[0].Kind != "withdrawal" || r[0].AskedBy.Kind != dossier.Citizen ||
		r[0].Reason != "Tôi đã tìm được bản gốc" || r[0].AskedBy.Name != "Nguyễn Thị Lan" {
		t.Errorf("the request: %+v", r)
	}
	if f := open.Fees[0]; open.Supplement != nil || f.Paid != 8000 || len(f.Payments) != 1 ||
		f.Payments[0].Channel != "counter" || f.Payments[0].Reference != "0001234" || len(f.Receipts) != 1 ||
		f.Receipts[0].Amount != 8000 {
		t.Errorf("answered and paid: %+v", open)
	}
	must(t, o.AnswerWithdrawal(ctx, string(code), false, "Đã in xong"))
	_, err := o.Deliver(ctx, string(code), demooffice.Decision{Number: "12/TLKS-BS",
		Name: "Trích lục khai sinh (bản sao)", Kind: "KQ.G15.000342"})
	must(t, err)
	s.checkEnd(t, code)
}

// answer corrects the field and exchanges the file.
func (s *scene) answer(t testing.TB, lan identity.Who, code dossier.Code) {
	t.Helper()
	ctx := t.Context()
	draft, err := s.Desk.AnswerSupplement(ctx, lan, code)
	must(t, err)
	s.Save(t, lan, draft, eform.Answers{"sk.so": {Text: "12"}})
	view, err := s.Desk.Draft(ctx, lan, draft)
	must(t, err)
	must(t, s.Desk.RemoveAttachment(ctx, lan, draft, view.Attachments[0].ID))
	var sharp bytes.Buffer
	must(t, png.Encode(&sharp, image.NewGray(image.Rect(0, 0, 80, 120))))
	_, err = s.Desk.AddAttachment(ctx, lan, draft, "tai_lieu_lien_quan",
		attachment.Incoming{Name: "rõ hơn.png", Reader: &sharp})
	must(t, err)
	_, err = s.Desk.Submit(ctx, lan, draft)
	must(t, err)
}

// checkEnd looks at a dossier whose withdrawal was refused and whose result is there, and at what its
// supplement changed.
func (s *scene) checkEnd(t *testing.T, code dossier.Code) {
	t.Helper()
	d := s.detail(t, code)
	if len(d.Requests) > 0 || len(d.Results) != 1 || d.Results[0].Number != "12/TLKS-BS" ||
		!d.Results[0].Signed || d.Results[0].State != "issued" || d.Results[0].OpenedAt != nil ||
		d.Results[0].DeliveredAt.Time().IsZero() {
		t.Errorf("in the end: %+v", d)
	}
	var kinds []dossier.Kind
	for i, e := range d.History {
		if kinds = append(kinds, e.Kind); e.Number != i+1 || e.At.Time().IsZero() || e.By.Kind == "" {
			t.Errorf("entry %+v", e)
		}
	}
	if want := []dossier.Kind{dossier.KindSubmitted, dossier.KindAcknowledged, dossier.KindReceived,
		dossier.KindSupplementAsked, dossier.KindSupplemented, dossier.KindProcessing, dossier.KindFeePaid,
		dossier.KindWithdrawalAsked, dossier.KindRequestRefused, dossier.KindCompleted}; !slices.Equal(kinds,
		want) {
		t.Errorf("history %v, want %v", kinds, want)
	}
	if e := d.History[2]; e.Note != "Hồ sơ hợp lệ" || e.By.Unit != "UBND phường Hoa Lư" ||
		e.Status != "received" {
		t.Errorf("received: %+v", e)
	}
	if e := d.History[4]; e.Revision != 2 || e.By.Name != "Nguyễn Thị Lan" {
		t.Errorf("supplemented: %+v", e)
	}
	got := s.call(t, request{path: at(code, "/revisions/2/difference")})
	var diff onestop.RevisionDifference
	must(t, json.Unmarshal([]byte(got.body), &diff))
	if len(diff.Fields) != 1 || diff.Fields[0].ID != "sk.so" || diff.Fields[0].Label == "sk.so" ||
		diff.Fields[0].Before != nil || diff.Fields[0].After == nil || diff.Fields[0].After.Text != "12" ||
		diff.From != 1 || diff.To != 2 {
		t.Errorf("fields: %+v", diff)
	}
	if len(diff.Files) != 1 || diff.Files[0].Change != onestop.FileReplaced ||
		diff.Files[0].Name == "tai_lieu_lien_quan" || diff.Files[0].After.Name != "rõ hơn.png" ||
		diff.Files[0].Before.Size != int64(len(desktest.Photo(t))) {
		t.Fatalf("files: %+v", diff.Files)
	}
	for _, f := range []*onestop.ChangedFile{diff.Files[0].Before, diff.Files[0].After} {
		if file := s.call(t, request{path: f.Href[len(prefix):]}); file.status != 200 ||
			file.header.Get("ETag") != `"`+f.SHA256+`"` {
			t.Errorf("%s: %d", f.Href, file.status)
		}
	}
	first := s.call(t, request{path: at(code, "/revisions/1/difference")})
	diff = onestop.RevisionDifference{}
	must(t, json.Unmarshal([]byte(first.body), &diff))
	if diff.From != 0 || len(diff.Fields) == 0 || diff.Fields[0].Before != nil || len(diff.Files) != 1 ||
		diff.Files[0].Change != onestop.FileAdded {
		t.Errorf("the first: %s", first.body)
	}
	for query, want := range map[string]int{"1/difference?from=1": 400, "1/difference?from=0": 400,
		"2/difference?from=2": 400, "2/difference?from=0": 400, "2/difference?from=x": 400,
		"2/difference?from=1&from=1": 400, "2/difference?to=1": 400, "3/difference": 404,
		"2/difference?from=1": 200} {
		if got := s.call(t, request{path: at(code, "/revisions/", query)}); got.status != want {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}
