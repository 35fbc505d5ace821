package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
)

var confirmBox = regexp.MustCompile(
	`<input type="checkbox" name="__confirm" value="([0-9a-f]{64})" id="(xac-nhan-[0-9]+)"[^>]*>`)

// doubtful is a complete draft whose asker gives another year of birth than the identity number tells.
func (b *browser) doubtful() (id string) {
	b.t.Helper()
	id = draftOf(b.ready("1"))
	if p := b.fill(b.get(address.DraftStep("vi", id, 1)),
		url.Values{"nyc.ngay_sinh.nam": {"1993"}}); p.StatusCode != http.StatusOK {
		b.t.Fatalf("%d %s", p.StatusCode, p.body)
	}
	return id
}

// TestConfirmingWarnings walks through the page without a script: nothing is handed in before the box is
// ticked, the error leads to the box, and what is ticked stays in the other language and until the answer
// changes.
func TestConfirmingWarnings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := b.doubtful()
	review := b.get(address.DraftReview("vi", id))
	checkPage(t, s, review)
	boxes := confirmBox.FindAllStringSubmatch(review.body, -1)
	if len(boxes) != 1 || strings.Contains(boxes[0][0], "checked") {
		t.Fatalf("boxes %v in %s", boxes, review.body)
	}
	for _, want := range []string{"Số định danh này là của người sinh năm", "/1993",
		address.DraftStep("vi", id, 1) + "#nyc.ngay_sinh.ngay", "Tôi đã kiểm tra, thông tin này đúng"} {
		if !strings.Contains(review.body, want) {
			t.Errorf("no %q in %s", want, review.body)
		}
	}
	unticked := url.Values{"csrf": {review.token(t)}, "__asked": {"1"}}
	p := b.post(address.DraftSubmit("vi", id), unticked)
	checkPage(t, s, p)
	if p.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(p.body, `<a href="#xac-nhan-1">`) ||
		!strings.Contains(p.body, `id="xac-nhan-1-err"`) ||
		!strings.Contains(p.body, `aria-invalid="true" aria-describedby="xac-nhan-1-err"`) ||
		!strings.Contains(p.body, "<title>Lỗi:") {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	if line := regexp.MustCompile(
		`<a href="#xac-nhan-1">Số định danh cá nhân \d{12}, Ngày sinh \d\d/\d\d/1993: hãy đánh dấu`); !line.MatchString(p.body) {
		t.Errorf("the summary does not say which answers to look at: %s", p.body)
	}
	ticked := url.Values{"csrf": {review.token(t)}, "__asked": {"1"}, "__confirm": {boxes[0][1]}}
	ticked.Set("__lang", "en")
	english := b.post(address.DraftSubmit("vi", id), ticked)
	checkPage(t, s, english)
	if english.path != address.DraftReview("en", id) ||
		!strings.Contains(english.body, " checked><span>I have checked: this is right") {
		t.Errorf("in English at %s: %s", english.path, english.body)
	}
	b.fill(b.get(address.DraftStep("vi", id, 1)), url.Values{"nyc.ngay_sinh.nam": {"1992"}})
	again := b.get(address.DraftReview("vi", id))
	boxes = confirmBox.FindAllStringSubmatch(again.body, -1)
	if len(boxes) != 1 || strings.Contains(boxes[0][0], "checked") {
		t.Errorf("the answer changed, and the box is %v", boxes)
	}
	ticked.Del("__lang")
	if p := b.post(address.DraftSubmit("vi", id), ticked); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("ticked for other values: %d at %s", p.StatusCode, p.path)
	}
	ticked.Set("__confirm", boxes[0][1])
	saved := b.post(address.DraftReview("vi", id), ticked) // as the page's script does
	if saved.path != address.DraftReview("vi", id) || !strings.Contains(saved.body, " checked><span>") {
		t.Errorf("saved at %s: %s", saved.path, saved.body)
	}
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	if !strings.HasSuffix(done.path, "/da-nop") && !strings.Contains(done.path, "xac-nhan") {
		t.Errorf("handed in: %d at %s", done.StatusCode, done.path)
	}
	code := regexp.MustCompile(`H42[0-9A-Z.]*-[0-9]{6}-[0-9]{4}`).FindString(done.path)
	if text := b.text(address.DossierFormPDF("vi", code, "1")); !strings.Contains(text,
		"Người khai đã kiểm tra và xác nhận: – Số định danh này là của người sinh năm") {
		t.Errorf("the form as a document does not say what was confirmed: %s", text)
	}
	b.shows(address.DossierFiles("vi", code),
		"Người nộp đã kiểm tra và xác nhận là đúng: Số định danh này là của người sinh năm",
		"Căn cứ nộp hồ sơ", "Nộp cho bản thân")
	b.shows(address.DossierFiles("en", code),
		"Whoever submitted it checked this and said that it is right: This identification number belongs to")
	b.shows(address.Dossier("vi", code), "Nộp cho bản thân")
	b.shows(address.Dossier("en", code), "Ground for filing: For oneself")
}

// TestAnswersThatAreNotHandedInAreTold: what was written in answer to a question that other answers close is
// named when answers are checked, and when the script saves.
func TestAnswersThatAreNotHandedInAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("1"))
	if strings.Contains(b.get(address.DraftReview("vi", id)).body, "Những câu trả lời không được nộp") {
		t.Error("nothing was written in vain, and the page says so")
	}
	step := b.get(address.DraftStep("vi", id, 2))
	b.fill(step, url.Values{"sk.loai": {"khac"}})
	b.fill(b.get(step.path), url.Values{"sk.loai": {"khac"}, "sk.loai_khac": {"Trích lục nhận cha con"}})
	b.fill(b.get(step.path), url.Values{"sk.loai": {"khai_sinh"}})
	review := b.get(address.DraftReview("vi", id))
	checkPage(t, s, review)
	if !strings.Contains(review.body, "Những câu trả lời không được nộp") ||
		!strings.Contains(review.body, "<li>Tên giấy tờ: Trích lục nhận cha con</li>") {
		t.Errorf("%s", review.body)
	}
}
