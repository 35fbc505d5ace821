package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"
)

const generalRecord = `{"MATTHC":"9.000001","TENTTHC":"Thủ tục thử","CAPTHUCHIEN":["Cấp xã"],"LINHVUCTHUCHIEN":"Hộ tịch","TRINHTUTHUCHIEN":"Nộp hồ sơ.","CACHTHUCTHUCHIEN":[{"KENH":"Trực tiếp","THOIGIANGIAIQUYET":3,"DONVITINH":"Ngày làm việc","PHILEPHI":[{"SOTIEN":null,"MOTA":"Theo nghị quyết của HĐND"}],"MOTA":""}],"THANHPHANHOSO":[{"TRUONGHOP":null,"GIAYTO":[{"TENGIAYTO":"Đơn đề nghị","MAUDON":"Mẫu số 01.pdf; Mẫu số 02.pdf","SOBANCHINH":1,"SOBANSAO":0}]}]}`

// importRecord brings the record in from today on, by the clock of the test.
func importRecord(t *testing.T, s *site) {
	t.Helper()
	must(t, national.Import(t.Context(), s.Pool, strings.NewReader(generalRecord), national.ImportIn{
		On: workday.DateOf(s.Clock.Now()), Tell: func(i national.Imported) error { return i.Reason },
	}))
}

// TestGeneralForm files an imported procedure from its page to its confirmation, and then sees it closed.
func TestGeneralForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	day := workday.DateOf(s.Clock.Now())
	importRecord(t, s)
	inTx := func(f func(pgx.Tx) error) { must(t, pgx.BeginFunc(t.Context(), s.Pool, f)); s.Bind(t) }
	inTx(func(tx pgx.Tx) error {
		_, err := procedure.AllowGeneral(t.Context(), tx, procedure.AllowIn{Code: "9.000001", On: day})
		return err
	})
	inTx(func(tx pgx.Tx) error {
		_, _, err := procedure.PutTemplate(t.Context(), tx, procedure.NewTemplate{Name: "Mẫu số 01.pdf",
			Content: []byte("%PDF-1.7 thử")})
		return err
	})
	b := s.person(t, "Nguyễn Thị Lan")
	for _, lang := range []string{"vi", "en"} {
		p := b.get(address.Procedure(lang, "9.000001"))
		checkPage(t, s, p)
		for _, said := range []string{address.Template("9.000001", "Mẫu số 01.pdf"), "(PDF, ",
			"Mẫu số 02.pdf", address.Start(lang, "9.000001")} {
			if !strings.Contains(p.body, said) {
				t.Errorf("%s: the page lacks %q", lang, said)
			}
		}
		if marked := strings.Contains(p.body, `<h1 lang="vi">`); marked != (lang == "en") {
			t.Errorf("%s: the Vietnamese name is marked: %v", lang, marked)
		}
	}
	step := b.begin("9.000001")
	checkPage(t, s, step)
	step = b.fill(step, url.Values{"trich_yeu": {"Đề nghị cấp lại giấy phép đã mất"}})
	files := b.fill(step, url.Values{"nyc.dien_thoai": {"0912345678"}})
	if !strings.HasSuffix(files.path, "/giay-to") {
		t.Fatalf("not at the documents but at %s: %s", files.path, files.body)
	}
	checkPage(t, s, files)
	id := draftOf(files)
	review := b.get(address.DraftReview("vi", id))
	checkPage(t, s, review)
	if !strings.Contains(review.body, "Cơ quan tiếp nhận thông báo phí") ||
		strings.Contains(review.body, "Miễn phí") {
		t.Errorf("the fee is said otherwise: %s", review.body)
	}
	if p := b.post(address.DraftSubmit("vi", id),
		review.hidden()); p.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(p.body, "Hãy đính kèm ít nhất một giấy tờ") {
		t.Errorf("without any paper: %d %s", p.StatusCode, p.body)
	}
	files = b.upload(address.DraftRequirement("vi", id, "giay_to_1"), files.token(t), "đơn.png",
		desktest.Photo(t))
	review = b.get(address.DraftReview("vi", id))
	done := b.post(address.DraftSubmit("vi", id), review.hidden())
	if done.StatusCode != http.StatusOK || !strings.HasPrefix(done.path, "/ho-so/") ||
		strings.Contains(done.path, "nhap") {
		t.Fatalf("submitted: %d %s %s", done.StatusCode, done.path, done.body)
	}
	checkPage(t, s, done)
	if !strings.Contains(done.body, "kết quả được trả trên Cổng hay tại cơ quan") ||
		strings.Contains(done.body, "để ký") {
		t.Errorf("the confirmation promises what no record says: %s", done.body)
	}
	if p := b.get(strings.TrimSuffix(done.path, "/da-nop")); !strings.Contains(p.body,
		"Cơ quan tiếp nhận thông báo phí") {
		t.Errorf("%s says nothing of the fee: %s", p.path, p.body)
	}

	// It ends; another person's draft says so and leads on.
	second := b.begin("9.000001")
	inTx(func(tx pgx.Tx) error {
		return procedure.Close(t.Context(), tx, procedure.CloseIn{Code: "9.000001", On: day,
			Successor: "1.001193", Today: day})
	})
	draft := b.get(address.Draft("vi", draftOf(second)))
	if !strings.Contains(draft.body, "Thủ tục này không còn tiếp nhận") ||
		!strings.Contains(draft.body, address.Procedure("vi", "1.001193")) {
		t.Errorf("the draft does not say that its procedure ended: %s", draft.body)
	}
	for _, path := range []string{address.Procedure("vi", "9.000001"), address.Procedure("en", "9.000001"),
		address.Start("vi", "9.000001")} {
		p := b.get(path)
		checkPage(t, s, p)
		if p.StatusCode != http.StatusOK || !strings.Contains(p.body, "1.001193") {
			t.Errorf("%s: %d %s", path, p.StatusCode, p.body)
		}
	}
	if p := b.get(address.Procedure("vi", "9.999999")); p.StatusCode != http.StatusNotFound {
		t.Errorf("one that never was: %d", p.StatusCode)
	}
}

func TestTemplateDownload(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	importRecord(t, s)
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		_, _, err := procedure.PutTemplate(t.Context(), tx, procedure.NewTemplate{Name: "Mẫu số 01.pdf",
			Content: []byte("%PDF-1.7 thử")})
		return err
	}))
	b := s.visitor(t)
	path := address.Template("9.000001", "Mẫu số 01.pdf")
	p := b.get(path)
	for header, want := range map[string]string{"Content-Type": "application/pdf",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600",
		"Content-Disposition": `attachment; filename="Mau so 01.pdf"; ` +
			`filename*=UTF-8''M%E1%BA%ABu%20s%E1%BB%91%2001.pdf`} {
		if got := p.Header.Get(header); got != want {
			t.Errorf("%s: %q, not %q", header, got, want)
		}
	}
	if p.StatusCode != http.StatusOK || p.body != "%PDF-1.7 thử" {
		t.Errorf("%d %q", p.StatusCode, p.body)
	}
	for method, want := range map[string]int{http.MethodHead: http.StatusOK,
		http.MethodGet: http.StatusNotModified} {
		r, err := http.NewRequestWithContext(t.Context(), method, b.URL+path, nil)
		must(t, err)
		if method == http.MethodGet {
			r.Header.Set("If-None-Match", p.Header.Get("ETag"))
		}
		if got := b.do(r); got.StatusCode != want || got.body != "" {
			t.Errorf("%s: %d %q", method, got.StatusCode, got.body)
		}
	}
	for _, bad := range []string{address.Template("9.000001", "Mẫu số 02.pdf"),
		address.Template("9.999999", "x.pdf"), "/bieu-mau/9.000001/%00", "/bieu-mau/9.000001/..%2f..%2fetc"} {
		if got := b.get(bad); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", bad, got.StatusCode)
		}
	}
}

// TestStarterTemplate: the letter of authorisation is offered where the paper is described and where it is
// handed in.
func TestStarterTemplate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	path := address.Template("2.000635", "Giấy ủy quyền (mẫu gợi ý, không bắt buộc).docx")
	for _, lang := range []string{"vi", "en"} {
		p := b.get(address.Procedure(lang, "2.000635"))
		checkPage(t, s, p)
		if !strings.Contains(p.body, `<a href="`+path+`" download>`) {
			t.Errorf("%s: the page does not offer the letter", lang)
		}
	}
	p := b.get(path)
	if p.StatusCode != http.StatusOK || !strings.HasPrefix(p.body, "PK") ||
		!strings.HasSuffix(p.Header.Get("Content-Type"), "wordprocessingml.document") {
		t.Errorf("%d %s", p.StatusCode, p.Header.Get("Content-Type"))
	}
	step := b.fill(b.begin("2.000635"), url.Values{"nyc.loai": {"ca_nhan"}})
	proxy := maps.Clone(applicant)
	proxy["nyc.quan_he"] = []string{"nguoi_duoc_uy_quyen"}
	for _, values := range []url.Values{proxy, {"sk.loai": {"khai_sinh"}, "sk.ho_ten": {"Trần Văn Nam"},
		"sk.ngay_sinh.nam": {"1990"}},
		{"sk.noi": {"UBND xã Ninh Nhất"}}, {"ban_sao.so_luong": {"1"}, "nhan.hinh_thuc": {"tai_co_quan"}}} {
		step = b.fill(step, values)
	}
	checkPage(t, s, step)
	if !strings.HasSuffix(step.path, "/giay-to") ||
		!strings.Contains(step.body, `<a href="`+path+`" download>`) {
		t.Errorf("%s does not offer the letter: %s", step.path, step.body)
	}
}
