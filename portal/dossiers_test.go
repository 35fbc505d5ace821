package portal_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
)

func TestTheListOfDossiers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	b.shows(address.Dossiers("vi"), "Bạn chưa có hồ sơ nào", "Tìm thủ tục cần làm")
	code, _ := b.submitted()
	b.begin("2.000635")
	b.shows(address.Dossiers("vi"), "Đang điền dở", "Bản nháp", "Giữ đến", "Đã nộp", string(code),
		"Mới đăng ký", "Cổng đang chuyển tới cơ quan")
	b.shows(address.Dossiers("en"), "Drafts", "Submitted", string(code))
	b.shows(address.Dossiers("vi")+"?truoc="+string(code), "Không còn hồ sơ nào cũ hơn")
	b.shows(address.Dossiers("vi")+"?truoc=%27x", "Không còn hồ sơ nào cũ hơn")
}

func TestAPaidDossierAndItsRefund(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("3"))
	review := b.get(address.DraftReview("vi", id))
	fee := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	b.shows(address.Dossiers("vi"), "Chờ nộp phí, lệ phí", address.DraftFee("vi", id))
	done := b.pay(b.post(address.DraftFee("vi", id), url.Values{"csrf": {fee.token(t)}}))
	for deadline := time.Now().Add(time.Minute); !strings.HasSuffix(done.path, "/da-nop") &&
		time.Now().Before(deadline); {
		done = b.get(address.PaymentReturn("vi", id))
	}
	if strings.Contains(done.body, "tại quầy:") {
		t.Error("a paid dossier asks for its fee")
	}
	code := regexp.MustCompile(`H42\.37\.14329-\d{6}-\d{4}`).FindString(done.body)
	path := address.Dossier("vi", code)
	b.shows(path, "Đã nộp phí, lệ phí", "24.000", address.DossierReceiptPDF("vi", code))
	b.paper(address.DossierReceiptPDF("vi", code))
	b.paper(address.DossierReceiptPDF("en", code))
	_, err := s.Desk.Refuse(t.Context(), s.Office(t, "refuse"), dossier.Code(code),
		onestop.Refuse{Reason: "Không thuộc thẩm quyền"})
	must(t, err)
	b.shows(path, "Hồ sơ không được tiếp nhận", "Không thuộc thẩm quyền")
}

func TestDossiersOfACompany(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Phạm Thu Hà")
	b.worksFor("Công ty")
	account := b.get(address.Account("vi"))
	for _, party := range regexp.MustCompile(`name="party" value="([^"]+)"[^<]*><span>([^<]+) <`).
		FindAllStringSubmatch(account.body, -1) {
		b.post(address.Account("vi"), url.Values{"csrf": {account.token(t)}, "party": {party[1]}})
		name := strings.TrimSpace(party[2])
		if name == "Phạm Thu Hà" {
			name = "chính bạn"
		}
		b.shows(address.Dossiers("vi"), "Bạn đang xem hồ sơ của: "+name, address.Account("vi"))
	}
}

func TestTrackingShowsTheDossiersStateOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	// the name of a style sheet may be twelve digits too
	_, main, _ := strings.Cut(b.get(address.Account("vi")).body, "<main")
	number := regexp.MustCompile(`\d{12}`).FindString(main)
	visitor := s.visitor(t)
	look := func() page {
		form := visitor.get(address.Track("vi")).hidden()
		form.Set("code", string(code))
		form.Set("digits", number[8:])
		p := visitor.post(address.Track("vi"), form)
		checkPage(t, s, p)
		return p
	}
	if p := look(); !strings.Contains(p.body, "Mới đăng ký") ||
		!strings.Contains(p.body, "Cơ quan tiếp nhận hồ sơ") || strings.Contains(p.body, "Lan") {
		t.Error(p.body)
	}
	_, err := s.Desk.Receive(t.Context(), s.Office(t, "receive"), code, onestop.Receive{Note: "Bí mật"})
	must(t, err)
	p := look()
	if !strings.Contains(p.body, "Được tiếp nhận") || !strings.Contains(p.body, "Dự kiến") ||
		strings.Contains(p.body, "Bí mật") || strings.Contains(p.body, "Hùng") {
		t.Error(p.body)
	}
}
