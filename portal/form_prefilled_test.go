package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/portal/address"
)

func TestWhatIsKnownIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	step := address.DraftStep("vi", id, 1)
	p := b.shows(step, `class="field known"`, "Lấy từ tài khoản định danh", "Sửa thông tin này",
		`name="__why.nyc.ho_ten"`)
	checkPage(t, s, p)
	if strings.Contains(p.body, "ghi: Nguyễn Thị Lan") ||
		!strings.Contains(p.body, "Tài khoản định danh của Nguyễn Thị Lan ghi: Số 12 đường Vân Giang") {
		t.Errorf("only the address differs yet: %s", p.body)
	}
	if p = b.fill(p, url.Values{"nyc.ho_ten": {"Nguyễn Thị Lan Hương"},
		"__why.nyc.ho_ten": {"Tôi đã đổi tên <b>"}}); p.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	again := b.shows(step, "Tài khoản định danh của Nguyễn Thị Lan ghi: Nguyễn Thị Lan.", `value="Nguyễn Thị Lan Hương"`,
		`value="Tôi đã đổi tên &lt;b&gt;"`)
	checkPage(t, s, again)
	b.shows(address.DraftStep("en", id, 1), "The identity account of Nguyễn Thị Lan says: Nguyễn Thị Lan.")
	review := b.shows(address.DraftReview("vi", id),
		"Tài khoản định danh của Nguyễn Thị Lan ghi: Nguyễn Thị Lan.",
		"Lý do ghi khác: Tôi đã đổi tên &lt;b&gt;", "Lấy từ tài khoản định danh")
	checkPage(t, s, review)
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	code := strings.Split(strings.TrimPrefix(done.path, "/ho-so/"), "/")[0]
	checkPage(t, s, b.shows(address.DossierFiles("vi", code),
		"Tài khoản định danh của Nguyễn Thị Lan ghi: Nguyễn Thị Lan."))
	if text := b.text(address.DossierFormPDF("vi", code, "1")); !strings.Contains(text,
		"Tài khoản định danh điện tử ghi: Nguyễn Thị Lan. Lý do ghi khác: Tôi đã đổi tên <b>") {
		t.Errorf("the form says nothing of the source: %s", text)
	}
}

// TestAKnownValueThatIsWrongIsAsked holds that a summary never hides what must be put right.
func TestAKnownValueThatIsWrongIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	p := b.fill(b.begin("2.000635"), url.Values{"nyc.loai": {"ca_nhan"}})
	p = b.fill(p, url.Values{"nyc.dien_thoai": {"12x"}})
	if p.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(p.body, `value="12x"`) {
		t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	for _, known := range strings.Split(p.body, `class="field known"`)[1:] {
		if strings.Contains(strings.Split(known, "</details>")[0], `id="nyc.dien_thoai"`) {
			t.Error("what must be put right is folded away")
		}
	}
	if !strings.Contains(p.body, "<b>Nơi cư trú</b><br>Số 12 đường Vân Giang, Phường Hoa Lư, Ninh Bình") {
		t.Errorf("an address that came back as it was is no longer known: %s", p.body)
	}
	checkPage(t, s, p)
}
