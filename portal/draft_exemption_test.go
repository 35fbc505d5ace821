package portal_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestAnExemptionFromThePageToTheRevision: picked on the page of the procedure, it is answered in the draft,
// asks for its proof, makes the charge free on the review, and stands in the revision. Without it the charge
// is one that the province sets: nowhere free, and charged nothing.
func TestAnExemptionFromThePageToTheRevision(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	form := starterForm(t, "1.004873")
	right, err := eformtest.Fill(form, rand.New(rand.NewPCG(1, 1)), workday.DateOf(s.Clock.Now()))
	must(t, err)
	for _, exempt := range []bool{false, true} {
		query, dien := "", "khong"
		if exempt {
			query, dien = "?mien-giam=ho_ngheo", "ho_ngheo"
		}
		p := b.get(address.Procedure("vi", "1.004873") + query)
		checkPage(t, s, p)
		reckoned, _, _ := strings.Cut(p.body, "Thông tin đầy đủ của thủ tục")
		if free := strings.Contains(reckoned, "Miễn phí"); free != exempt ||
			strings.Contains(reckoned, "HĐND tỉnh quyết định") == exempt || !exempt &&
			strings.Contains(reckoned, ">0\u00a0đ") {
			t.Errorf("exempt %v: the page says free: %v", exempt, free)
		}
		start := b.get(strings.ReplaceAll(compute(t, p).start, "&amp;", "&"))
		place := filled(start)
		place.Set("agency", string(b.Commune.ID))
		p = b.post(start.path, place)
		id := draftOf(p)
		answers := eform.Answers{}
		for field, value := range right {
			answers[field] = value
		}
		answers["mien.dien"] = eform.Value{Text: dien}
		for strings.Contains(p.path, "/buoc/") {
			if exempt && strings.Contains(p.body, `name="mien.dien"`) &&
				filled(p).Get("mien.dien") != "ho_ngheo" {
				t.Error("what was picked on the page is not answered in the form")
			}
			p = b.walkStep(p, form, answers)
		}
		if strings.Contains(p.body, "Giấy tờ chứng minh thuộc diện miễn lệ phí") != exempt {
			t.Errorf("exempt %v: the proof is asked of others, or not of who claims it", exempt)
		}
		revision := b.handIn(id, exempt, "Miễn phí")
		if exempt {
			x := revision.Exemption
			if x == nil || x.ID != "ho_ngheo" || x.Evidence != "chung_minh_mien" || len(x.Fees) != 1 ||
				!x.Fees[0].Whole || x.Fees[0].Full != nil || len(revision.FeesUnset) > 0 {
				t.Errorf("the revision says %+v, unset %v", x, revision.FeesUnset)
			}
			continue
		}
		if revision.Exemption != nil || len(revision.FeesUnset) != 1 ||
			revision.FeesUnset[0].SetBy != procedure.SetByCouncil || revision.Fee != nil {
			t.Errorf("the revision says %+v, unset %v, fee %v", revision.Exemption, revision.FeesUnset,
				revision.Fee)
		}
	}
}

func starterForm(t *testing.T, code string) *eform.Form {
	t.Helper()
	forms, err := eformtest.Starter("..")
	must(t, err)
	for _, f := range forms {
		if f.ID == code {
			return f
		}
	}
	t.Fatalf("no form of %s", code)
	return nil
}

// confirmed are the boxes by which a person says that an unlikely answer is right.
var confirmed = regexp.MustCompile(`name="__confirm" value="([^"]*)"`)

// handIn attaches whatever is asked for, looks at the review, submits, and reads the revision and what the
// pages then say.
func (b *browser) handIn(id string, exempt bool, says string) *dossier.Revision {
	b.t.Helper()
	var who identity.Who
	must(b.t, b.Pool.QueryRow(b.t.Context(), `select party_id, person_id from draft where id = $1`,
		id).Scan(&who.Party, &who.Person))
	view, err := b.Desk.Draft(b.t.Context(), who, dossier.DraftID(id))
	must(b.t, err)
	for _, r := range view.Requirements {
		if r.Mode == procedure.Submit && !r.Optional {
			b.upload(address.DraftRequirement("vi", id, r.ID), b.get(address.DraftFiles("vi", id)).token(b.t),
				"ảnh.png", desktest.Photo(b.t))
		}
	}
	review := b.get(address.DraftReview("vi", id))
	checkPage(b.t, b.site, review)
	const unset = "Do Hội đồng nhân dân tỉnh quyết định"
	if strings.Contains(review.body, says) != exempt || strings.Contains(review.body, unset) == exempt ||
		strings.Contains(review.body, ">0\u00a0đ<") {
		b.t.Errorf("exempt %v: the review says %s", exempt, review.body)
	}
	form := review.hidden()
	for _, unlikely := range confirmed.FindAllStringSubmatch(review.body, -1) {
		form.Add("__confirm", unescape(unlikely[1]))
	}
	done := b.post(address.DraftSubmit("vi", id), form)
	if done.StatusCode != http.StatusOK || !strings.HasSuffix(done.path, "/da-nop") {
		b.t.Fatalf("submitted: %d %s %s", done.StatusCode, done.path, done.body)
	}
	checkPage(b.t, b.site, done)
	standing := b.get(strings.TrimSuffix(done.path, "/da-nop"))
	checkPage(b.t, b.site, standing)
	for _, p := range []page{done, standing} {
		if strings.Contains(p.body, "cơ quan báo mức") == exempt ||
			strings.Contains(p.body, "Bạn đã đề nghị miễn, giảm") != exempt {
			b.t.Errorf("exempt %v: %s does not say what follows: %s", exempt, p.path, p.body)
		}
	}
	code := strings.Split(done.path, "/")[2]
	b.papersSay(who, code, exempt)
	return b.revision(who, code)
}

// papersSay holds that the confirmation and the slip name what is open about the fee, and neither that there
// is none.
func (b *browser) papersSay(who identity.Who, code string, exempt bool) {
	b.t.Helper()
	_, err := b.Desk.Receive(b.t.Context(), b.Office(b.t, "receive "+code), dossier.Code(code),
		onestop.Receive{})
	must(b.t, err)
	view, err := b.Desk.Dossier(b.t.Context(), who, dossier.Code(code))
	must(b.t, err)
	for path, want := range map[string][2]string{
		address.DossierConfirmationPDF("vi",
			code): {"Do Hội đồng nhân dân tỉnh quyết định. Chưa thu khi nộp hồ sơ",
			"Bạn đã đề nghị miễn, giảm lệ phí: Người thuộc hộ nghèo"},
		address.DossierConfirmationPDF("en",
			code): {"Set by the provincial People's Council. Nothing was charged",
			"You asked to pay less or nothing: Member of a poor household"},
		address.DossierSlip("vi", code,
			view.Slips[0].ID): {"Phí, lệ phí chưa có mức Lệ phí cấp Giấy xác nhận tình trạng hôn nhân: do " +
			"Hội đồng", "Đề nghị miễn, giảm Người thuộc hộ nghèo"},
	} {
		text := b.text(path)
		if strings.Contains(text, want[0]) == exempt || strings.Contains(text, want[1]) != exempt ||
			strings.Contains(text, "Không phải nộp") || strings.Contains(text, "No fee is due") {
			b.t.Errorf("exempt %v: %s says %s", exempt, path, text)
		}
	}
}

// revision is the first of a dossier.
func (b *browser) revision(who identity.Who, code string) *dossier.Revision {
	b.t.Helper()
	view, err := b.Desk.Dossier(b.t.Context(), who, dossier.Code(code))
	must(b.t, err)
	return view.First
}

// TestAnExemptionLowersASum: half of a fee of a version of the test's own, from the page of the procedure to
// the revision.
func TestAnExemptionLowersASum(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	definition := replaced(t, "2.000635.json", `"effective_from": "2026-07-01"`,
		`"effective_from": "2026-11-01"`, `  "fees": [`, `  "exemptions": [
    {"id": "nua", "name": {"vi": "Người được giảm một nửa", "en": "Who pays half"}, "percent": 50, "evidence": "chung_minh",
      "when": {"field": "giam.nua", "op": "eq", "value": "yes"}, "from": "2026-07-01", "basis": "281/2016/TT-BTC"}],
  "fees": [`, `  "requirements": [`, `  "requirements": [
    {"id": "chung_minh", "name": {"vi": "Giấy tờ chứng minh được giảm", "en": "Proof of the reduction"}, "mode": "submit", "originals": 1, "copies": 0, "exemptions": ["nua"]},`)
	form := replaced(t, "2.000635.form.json", `              "id": "ban_sao.so_luong",`,
		`              "id": "giam.nua", "type": "yes_no", "optional": true, "label": {"vi": "Bạn được giảm?", "en": "Do you pay less?"}}, {"id": "ban_sao.so_luong",`)
	source, err := procedure.Parse(definition, form)
	must(t, err)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, err := procedure.Load(t.Context(), tx, []procedure.Source{source})
		return err
	}))
	s.Bind(t)
	p := b.get(address.Procedure("vi", "2.000635") + "?mien-giam=nua&so-luong.ban_sao=2")
	c := compute(t, p)
	if sumOf(c.total) != 8_000 {
		t.Errorf("two copies at half the price cost %q", c.total)
	}
	start := b.get(strings.ReplaceAll(c.start, "&amp;", "&"))
	place := filled(start)
	place.Set("agency", string(b.Commune.ID))
	p = b.post(start.path, place)
	id := draftOf(p)
	for _, values := range []url.Values{{"nyc.loai": {"ca_nhan"}}, applicant, {"sk.loai": {"khai_sinh"}},
		{"sk.noi": {"UBND xã Ninh Nhất"}}, {"nhan.hinh_thuc": {"tai_co_quan"}}} {
		p = b.fill(p, values)
	}
	if !strings.HasSuffix(p.path, "/giay-to") || !strings.Contains(p.body, "Giấy tờ chứng minh được giảm") {
		t.Fatalf("at %s: %s", p.path, p.body)
	}
	refused := b.post(address.DraftSubmit("vi", id), b.get(address.DraftReview("vi", id)).hidden())
	if refused.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(refused.body, "Giấy tờ chứng minh được giảm") {
		t.Errorf("without the proof: %d", refused.StatusCode)
	}
	for _, r := range []string{"chung_minh", "tai_lieu_lien_quan"} {
		b.upload(address.DraftRequirement("vi", id, r), b.get(address.DraftFiles("vi", id)).token(t),
			"ảnh.png", desktest.Photo(t))
	}
	review := b.get(address.DraftReview("vi", id))
	checkPage(t, s, review)
	if text := strings.ReplaceAll(review.body, "\u00a0", " "); !strings.Contains(text,
		"giảm 8.000 đ (mức đầy đủ 16.000 đ)") {
		t.Errorf("the review does not say what is taken off: %s", text)
	}
	done := b.post(address.DraftSubmit("vi", id), review.hidden())
	if !strings.HasSuffix(done.path, "/da-nop") {
		t.Fatalf("submitted: %d %s %s", done.StatusCode, done.path, done.body)
	}
	var who identity.Who
	must(t, s.Pool.QueryRow(t.Context(), `select party_id, person_id from draft where id = $1`,
		id).Scan(&who.Party, &who.Person))
	r := b.revision(who, strings.Split(done.path, "/")[2])
	if r.Fee == nil || r.Fee.Total != 8_000 || r.Exemption == nil || r.Exemption.ID != "nua" ||
		*r.Exemption.Fees[0].Full != 16_000 || *r.Exemption.Fees[0].Amount != 8_000 {
		t.Errorf("the revision says %+v, %+v", r.Fee, r.Exemption)
	}
}

// TestACaseThatIsNotFiledOnline: its page computes for the counter and leads nowhere, its start says so, and
// no draft begins; the only case that is filed online is not asked about.
func TestACaseThatIsNotFiledOnline(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	for _, lang := range []string{"vi", "en"} {
		for _, channel := range []string{"", "&kenh=online", "&kenh=counter", "&kenh=post"} {
			p := b.get(address.Procedure(lang, "1.004194") + "?truong-hop=danh_sach&so-luong.nguoi=12" +
				channel)
			checkPage(t, s, p)
			if c := compute(t, p); sumOf(c.total) != 120_000 || c.start != "" ||
				strings.Contains(p.body, `name="kenh"`) || strings.Contains(p.body, ".. ") ||
				strings.Contains(p.body, "Thời gian điền") {
				t.Errorf("%s%s: a list of 12 costs %q and begins at %q", lang, channel, c.total, c.start)
			}
		}
		p := b.get(address.Procedure(lang, "1.004194"))
		checkPage(t, s, p)
		if c := compute(t, p); sumOf(c.total) != 7_000 || c.start == "" ||
			strings.Contains(p.body, "so-luong.nguoi") || !strings.Contains(p.body, `value="danh_sach"`) {
			t.Errorf("%s: one person costs %q and begins at %q", lang, c.total, c.start)
		}
	}
	if p := b.get(address.Start("vi", "1.004194")); strings.Contains(p.body, `name="case"`) {
		t.Error("the only case that is filed online is asked about")
	}
	if p := b.begin("1.004194"); b.caseOf(draftOf(p)) != "ca_nhan" {
		t.Errorf("the draft is of the case %q", b.caseOf(draftOf(p)))
	}
	start := b.get(address.Start("vi", "1.004194") + "?truong-hop=danh_sach")
	checkPage(t, s, start)
	if !strings.Contains(start.body, "không nộp trực tuyến") {
		t.Errorf("the start does not say that a list is not filed online: %s", start.body)
	}
	form := start.hidden()
	form.Set("agency", string(b.Commune.ID))
	for _, chosen := range []string{"", "danh_sach"} {
		form.Set("case", chosen)
		p := b.post(address.Start("vi", "1.004194")+"?truong-hop=danh_sach", form)
		checkPage(t, s, p)
		if p.StatusCode != http.StatusUnprocessableEntity ||
			!strings.Contains(p.body, "không nộp trực tuyến") {
			t.Errorf("a list was begun online: %d %s", p.StatusCode, p.path)
		}
	}
	form.Set("case", "ca_nhan")
	if p := b.post(address.Start("vi", "1.004194")+"?truong-hop=danh_sach", form); !strings.HasSuffix(p.path,
		"/buoc/1") {
		t.Errorf("after choosing again: %d %s", p.StatusCode, p.path)
	}
}

func (b *browser) caseOf(draft string) (id string) {
	b.t.Helper()
	must(b.t, b.Pool.QueryRow(b.t.Context(), `select case_id from draft where id = $1`, draft).Scan(&id))
	return id
}
