package portal_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/signature"
	"congdvc/services/workday"
)

// submitted hands a dossier in, with one file, and gives its code and the page that says so.
func (b *browser) submitted() (dossier.Code, page) {
	b.t.Helper()
	files := b.ready("1")
	id := draftOf(files)
	b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(b.t), "giấy khai sinh.png",
		desktest.Photo(b.t))
	review := b.get(address.DraftReview("vi", id))
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(b.t)}})
	code := regexp.MustCompile(`H42\.37\.14329-\d{6}-\d{4}`).FindString(done.body)
	if done.path != address.DossierConfirmation("vi", code) {
		b.t.Fatalf("not submitted: %d at %s: %s", done.StatusCode, done.path, done.body)
	}
	return dossier.Code(code), done
}

// shows asks for a page and wants every text in it.
func (b *browser) shows(path string, texts ...string) page {
	b.t.Helper()
	p := b.get(path)
	if p.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %d", path, p.StatusCode)
	}
	checkPage(b.t, b.site, p)
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			b.t.Errorf("%s lacks %q: %s", path, text, p.body)
		}
	}
	return p
}

// paper asks for a PDF that the portal prints.
func (b *browser) paper(path string) page {
	b.t.Helper()
	p := b.get(path)
	if p.StatusCode != http.StatusOK || !strings.HasPrefix(p.body, "%PDF-") ||
		p.Header.Get("Content-Type") != "application/pdf" {
		b.t.Fatalf("%s is no paper: %d %s", path, p.StatusCode, p.Header.Get("Content-Type"))
	}
	if d := p.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=") ||
		!strings.HasSuffix(d, ".pdf") {
		b.t.Errorf("%s comes as %s", path, d)
	}
	return p
}

func TestASubmittedDossierSaysWhereItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, done := b.submitted()
	checkPage(t, s, done)
	for _, text := range []string{"Bạn đã nộp hồ sơ", "Đang chuyển tới cơ quan.", "8.000\u00a0đ", "tại quầy",
		"Giấy tiếp nhận hồ sơ và hẹn trả kết quả"} {
		if !strings.Contains(done.body, text) {
			t.Errorf("the confirmation lacks %q: %s", text, done.body)
		}
	}
	b.shows(address.DossierConfirmation("en", code), "Your dossier is submitted", "On its way to the agency.")
	path := address.Dossier("vi", code)
	b.shows(path, "Đang chuyển tới cơ quan", "Của Cổng", "Nếu được tiếp nhận", "Hồ sơ đã được nộp",
		"Nộp phí, lệ phí tại quầy", "1 tệp", "0 lượt", "Rút hồ sơ")
	b.shows(address.Dossier("en", code), "On its way to the agency", "The portal&#39;s", "1 file")

	header, err := dossier.FindForAgencies(t.Context(), s.Pool, s.Vault, code, s.Office(t, "x").Agencies)
	must(t, err)
	for sync, want := range map[dossier.Sync]string{
		dossier.Failing: "Chưa chuyển được tới cơ quan, đang thử lại",
		dossier.Parked:  "Chưa chuyển được tới cơ quan, đang thử lại",
	} {
		_, err := dossier.MarkSync(t.Context(), s.Pool, dossier.Waiting, header.ID)
		must(t, err)
		moved, err := dossier.MarkSync(t.Context(), s.Pool, sync, header.ID)
		must(t, err)
		if moved != 1 {
			t.Fatalf("not %s", sync)
		}
		b.shows(path, want, "Của Cổng")
		b.shows(address.DossierConfirmation("vi", code), want, "không phải nộp lại")
	}
	_, err = dossier.MarkSync(t.Context(), s.Pool, dossier.Delivered, header.ID)
	must(t, err)
	b.shows(path, "Đã chuyển tới cơ quan", "Của cơ quan")
	b.shows(address.DossierConfirmation("vi", code), "đang chờ hệ thống xác nhận")
	_, err = dossier.MarkSync(t.Context(), s.Pool, dossier.Acknowledged, header.ID)
	must(t, err)
	if p := b.shows(path, "Chờ cán bộ tiếp nhận", "đã nhận được dữ liệu",
		"Của cơ quan"); strings.Contains(p.body, "Chưa chuyển được") {
		t.Error("a delivered dossier is said to be stuck")
	}
	b.paper(address.DossierConfirmationPDF("vi", code))
	b.paper(address.DossierConfirmationPDF("en", code))
	if p := b.get(address.DossierReceiptPDF("vi", code)); p.StatusCode != http.StatusNotFound {
		t.Errorf("a receipt of nothing: %d", p.StatusCode)
	}
}

func TestWhatWasSubmittedAndWhoReadIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	files := b.shows(address.DossierFiles("vi", code), "giấy khai sinh.png", "SHA-256", "UBND xã Ninh Nhất")
	b.shows(address.DossierFiles("en", code), "Nobody can change this")
	file := regexp.MustCompile(address.DossierFiles("vi", code) + `/[0-9a-f-]+`).FindString(files.body)
	if f := b.get(file); f.StatusCode != http.StatusOK || !bytes.Equal([]byte(f.body), desktest.Photo(t)) {
		t.Errorf("%s: %d, %d bytes", file, f.StatusCode, len(f.body))
	}
	b.shows(address.DossierAccess("vi", code), "Chưa có ai khác xem")
	_, err := s.Desk.RevisionFor(t.Context(), s.Office(t, "read"), code, 1)
	must(t, err)
	b.shows(address.DossierAccess("vi", code), "Đỗ Văn Hùng, Công chức tư pháp - hộ tịch, UBND phường Hoa Lư",
		"xem nội dung đã khai")
	b.shows(address.DossierAccess("en", code), "Đỗ Văn Hùng")
	b.shows(address.Dossier("vi", code), "1 lượt")
	// What may have been wiped is not "nobody".
	const wipe = `update dossier_access set mark = null where dossier_id = (select id from dossier where code = $1)`
	_, err = s.Pool.Exec(t.Context(), wipe, code)
	must(t, err)
	p := b.shows(address.DossierAccess("vi", code), "Có 1 lượt xem được ghi mà Cổng không xác nhận được")
	if strings.Contains(p.body, "Chưa có ai khác xem") || strings.Contains(p.body, "Đỗ Văn Hùng") {
		t.Error("it says who read, or that nobody did")
	}
	b.shows(address.DossierAccess("en", code), "cannot confirm as its own: 1.")
}

func TestFromReceptionOverASupplementToTheResult(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	path := address.Dossier("vi", code)
	ctx := t.Context()
	_, err := s.Desk.Receive(ctx, s.Office(t, "receive"), code, onestop.Receive{Note: "Đã nhận đủ giấy tờ"})
	must(t, err)
	seen := b.shows(path, "Hồ sơ đã được tiếp nhận", "Hẹn trả kết quả", "Ngày trả kết quả được tính thế nào",
		"Đã nhận đủ giấy tờ", "Đỗ Văn Hùng", "0229 3871 000")
	slip := regexp.MustCompile(path + `/phieu/[0-9a-f-]+`).FindString(seen.body)
	b.paper(slip)
	if p := b.get(slip + "0"); p.StatusCode != http.StatusNotFound {
		t.Errorf("a slip that there is not: %d", p.StatusCode)
	}

	_, err = s.Desk.AskSupplement(ctx, s.Office(t, "supplement"), code, onestop.Supplement{
		Fields: []string{"sk.so"}, Reasons: map[string]string{"sk.so": "Số đăng ký chưa đúng"},
		Deadline: workday.DateOf(s.Desk.Now()).AddDays(7)})
	must(t, err)
	asked := b.shows(path, "Cần bạn bổ sung 1 mục", "Nơi đã đăng ký: Số", "Số đăng ký chưa đúng",
		"Bổ sung ngay", "Của bạn", "tạm dừng", "Phiếu yêu cầu bổ sung (PDF)")
	b.shows(address.Dossier("en", code), "One thing to supplement", "Supplement now")
	b.shows(address.Dossiers("vi"), "Cần bạn làm", string(code), "Việc tiếp theo là của bạn")
	draft := b.post(address.DossierSupplement("vi", code), url.Values{"csrf": {asked.token(t)}})
	if !strings.HasPrefix(draft.path, "/ho-so/nhap/") ||
		!strings.Contains(draft.body, "Số đăng ký chưa đúng") {
		t.Fatalf("the supplement led to %s", draft.path)
	}
	id := draftOf(draft)
	b.fill(b.get(address.DraftStep("vi", id, 3)), url.Values{"sk.so": {"77/2001"}})
	sent := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {asked.token(t)}})
	if sent.path != address.DossierConfirmation("vi", code) ||
		!strings.Contains(sent.body, "Bạn đã gửi phần bổ sung") {
		t.Fatalf("the supplement ended at %s: %s", sent.path, sent.body)
	}
	b.shows(path, "Hồ sơ đã được bổ sung", "Hồ sơ đã được tiếp nhận")
	b.shows(address.DossierFiles("vi", code), "77/2001", "gồm cả phần bổ sung", "giấy khai sinh.png")

	_, err = s.Desk.Process(ctx, s.Office(t, "process"), code, onestop.Process{})
	must(t, err)
	b.shows(path, "Hồ sơ đang được giải quyết")
	paper := []byte(b.paper(address.DossierConfirmationPDF("vi", code)).body)
	s.Desk.VerifyPDF = func(context.Context, io.Reader) (signature.Report, error) {
		return signature.Report{Signed: true, Valid: true, CoversWholeFile: true}, nil
	}
	_, err = s.Desk.DeliverResult(ctx, s.Office(t, "result"), code, desk.ResultIn{FileName: "trích lục.pdf",
		File: bytes.NewReader(paper), DeliverResult: onestop.DeliverResult{Name: "Bản sao trích lục",
			Number: "12/TLKS", IssuedOn: workday.DateOf(s.Desk.Now())}})
	must(t, err)
	result := b.shows(path, "Đã có kết quả", "Tải kết quả (PDF)", "Bản sao trích lục", "12/TLKS",
		"Giải quyết xong", "Của bạn")
	link := regexp.MustCompile(path + `/ket-qua/[0-9a-f-]+`).FindString(result.body)
	got := b.get(link)
	if !bytes.Equal([]byte(got.body), paper) || !strings.HasPrefix(got.Header.Get("Content-Disposition"),
		"attachment;") {
		t.Errorf("the result comes as %s, %d bytes", got.Header.Get("Content-Disposition"), len(got.body))
	}
	b.shows(path, "Bạn đã nhận kết quả", "Đã kết thúc")
	if p := b.get(address.DossierResult("vi", code)); p.path != path {
		t.Errorf("the results are at %s", p.path)
	}
}

func TestRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	_, err := s.Desk.Refuse(t.Context(), s.Office(t, "refuse"), code,
		onestop.Refuse{Reason: "Không thuộc thẩm quyền"})
	must(t, err)
	p := b.shows(address.Dossier("vi", code), "Hồ sơ không được tiếp nhận", "Không thuộc thẩm quyền",
		"Phiếu từ chối tiếp nhận (PDF)", "Đã kết thúc")
	if strings.Contains(p.body, "tại quầy:") ||
		strings.Contains(p.body, address.DossierWithdraw("vi", code)) {
		t.Error("a refused dossier asks for its fee, or can be withdrawn")
	}
	b.paper(regexp.MustCompile(`/ho-so/[^"]+/phieu/[0-9a-f-]+`).FindString(p.body))
}

func TestAskingToWithdraw(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	path := address.DossierWithdraw("vi", code)
	form := b.shows(path, "Đây là một đề nghị")
	b.shows(address.DossierWithdraw("en", code), "This is a request")
	token := form.token(t)
	long := strings.Repeat("ạ", 1001)
	for reason, want := range map[string]string{" \r\n ": "Hãy viết lý do", long: "1.001 ký tự"} {
		p := b.post(path, url.Values{"csrf": {token}, "reason": {reason}})
		checkPage(t, s, p)
		if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) ||
			!strings.Contains(p.body, `href="#reason"`) ||
			!strings.Contains(p.body, strings.TrimSpace(reason)) {
			t.Errorf("%d, without %q", p.StatusCode, want)
		}
	}
	for range 2 {
		p := b.post(path, url.Values{"csrf": {token}, "reason": {"Nộp nhầm <nơi>"}})
		if p.path != address.Dossier("vi", code) || !strings.Contains(p.body, "Bạn đã đề nghị rút hồ sơ") ||
			!strings.Contains(p.body, "Nộp nhầm &lt;nơi&gt;") {
			t.Fatalf("%s: %s", p.path, p.body)
		}
	}
	if p := b.get(path); p.path != address.Dossier("vi", code) {
		t.Errorf("a second request can be written at %s", p.path)
	}
	_, err := s.Desk.AnswerWithdrawal(t.Context(), s.Office(t, "accept"), code, desk.Accept, "Đồng ý")
	must(t, err)
	b.shows(address.Dossier("vi", code), "Hồ sơ đã được rút", "Đồng ý")
}

func TestAnotherPartysDossierIsNotFound(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	files := b.get(address.DossierFiles("vi", code))
	file := regexp.MustCompile(address.DossierFiles("vi", code) + `/[0-9a-f-]+`).FindString(files.body)
	other := s.person(t, "Trần Văn Minh")
	c := string(code)
	for _, path := range []string{
		address.Dossier("vi", c), address.DossierConfirmation("vi", c), address.DossierFiles("vi", c), file,
		address.DossierAccess("vi", c), address.DossierWithdraw("vi", c),
		address.DossierConfirmationPDF("vi", c), address.DossierReceiptPDF("vi", c),
		address.DossierSlip("vi", c, strings.TrimPrefix(file, address.DossierFiles("vi", c)+"/")),
		address.DossierResultFile("vi", c, "x"), address.Dossier("vi", "x"),
	} {
		if p := other.get(path); p.StatusCode != http.StatusNotFound ||
			strings.Contains(p.body, "Nguyễn Thị Lan") {
			t.Errorf("%s: %d", path, p.StatusCode)
		}
	}
	token := other.shows(address.Account("vi")).token(t)
	for _, path := range []string{address.DossierWithdraw("vi", c), address.DossierSupplement("vi", c)} {
		if p := other.post(path, url.Values{"csrf": {token}, "reason": {"x"}}); p.StatusCode !=
			http.StatusNotFound {
			t.Errorf("POST %s: %d", path, p.StatusCode)
		}
	}
	if p := other.shows(address.Dossiers("vi"), "Bạn chưa có hồ sơ nào"); strings.Contains(p.body, c) {
		t.Error("another's dossier is listed")
	}
	visitor := s.visitor(t)
	if p := visitor.get(address.Dossier("vi", c)); !strings.HasPrefix(p.path, address.Login("vi")) {
		t.Errorf("a visitor is at %s", p.path)
	}
}
