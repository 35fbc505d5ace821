package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/workday"
)

func TestPayingBeforeSubmitting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("3"))
	review := b.get(address.DraftReview("vi", id))
	fee := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	checkPage(t, s, fee)
	if fee.path != address.DraftFee("vi", id) || !strings.Contains(fee.body, "24.000") {
		t.Fatalf("%s %s", fee.path, fee.body)
	}
	waiting := b.get(address.PaymentReturn("vi", id))
	checkPage(t, s, waiting)
	if !strings.Contains(waiting.body, "Đang chờ xác nhận") {
		t.Error(waiting.body)
	}
	edit := b.post(address.DraftEdit("vi", id), url.Values{"csrf": {fee.token(t)}})
	if edit.path != address.Draft("vi", id) {
		t.Fatalf("editing led to %s", edit.path)
	}
	fee = b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	hosted := b.post(address.DraftFee("vi", id), url.Values{"csrf": {fee.token(t)}})
	if !strings.HasPrefix(hosted.Request.URL.String(), s.Stripe.URL()) {
		t.Fatalf("the payment page is %s", hosted.Request.URL)
	}
	done := b.pay(hosted)
	deadline := time.Now().Add(time.Minute)
	for !strings.HasSuffix(done.path, "/da-nop") && time.Now().Before(deadline) {
		done = b.get(address.PaymentReturn("vi", id))
	}
	if !strings.HasSuffix(done.path, "/da-nop") || !strings.Contains(done.body, "/bien-lai.pdf") {
		t.Fatalf("%s %s", done.path, done.body)
	}
	if p := b.post("/webhook/stripe", url.Values{"forged": {"yes"}}); p.StatusCode != http.StatusBadRequest {
		t.Errorf("a webhook without a signature: %d", p.StatusCode)
	}
}

// pay presses the button that pays on the hosted page.
func (b *browser) pay(hosted page) page {
	b.t.Helper()
	button := regexp.MustCompile(`<button[^>]*name="([^"]+)"[^>]*value="(pay[^"]*)"`).
		FindStringSubmatch(hosted.body)
	action := formAction.FindStringSubmatch(hosted.body)
	to := hosted.Request.URL
	if action != nil {
		var err error
		to, err = to.Parse(action[1])
		must(b.t, err)
	}
	form := hosted.hidden()
	if button != nil {
		form.Set(button[1], button[2])
	}
	return b.post(to.String(), form)
}

func TestWhatCanNoLongerBeSubmittedIsPaidBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	id := draftOf(b.ready("3"))
	token := url.Values{"csrf": {b.get(address.DraftReview("vi", id)).token(t)}}
	b.post(address.DraftSubmit("vi", id), token)
	hosted := b.post(address.DraftFee("vi", id), token)
	_, err := s.Pool.Exec(t.Context(),
		"update procedure_version set effective_to = $1 where code = '2.000635'", workday.DateOf(time.Now()))
	must(t, err)
	s.Bind(t)
	p := b.pay(hosted)
	for deadline := time.Now().Add(time.Minute); !strings.Contains(p.body, "đang được hoàn lại") &&
		time.Now().Before(deadline); {
		p = b.get(address.PaymentReturn("vi", id))
	}
	checkPage(t, s, p)
	if p.StatusCode != http.StatusOK || !strings.Contains(p.body, "đang được hoàn lại") {
		t.Fatalf("%d %s: %s", p.StatusCode, p.path, p.body)
	}
	// Looked at again, it is a draft of a procedure that has ended, with all that was filled in.
	if p := b.shows(address.PaymentReturn("vi", id), "không còn tiếp nhận"); strings.Contains(p.body,
		address.DraftReview("vi", id)) {
		t.Error("a procedure that has ended can be submitted")
	}
	b.shows(address.DraftStep("vi", id, 3), "UBND xã Ninh Nhất")
	b.shows(address.DraftReview("en", id), "UBND xã Ninh Nhất")
}
