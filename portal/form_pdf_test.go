package portal_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
)

// text is what a reader of PDFs finds on the pages of a paper, with single blanks.
func (b *browser) text(path string) string {
	b.t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = strings.NewReader(b.paper(path).body)
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("pdftotext (package poppler-utils): %v", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestTheFormAsADocument(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, stranger := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	id := draftOf(b.ready("1"))
	review := b.get(address.DraftReview("vi", id))
	draft := address.DraftFormPDF("vi", id)
	if !strings.Contains(review.body, `href="`+draft+`"`) {
		t.Errorf("the review does not lead to the form: %s", review.body)
	}
	text := b.text(draft)
	for _, want := range []string{"BẢN NHÁP – chưa nộp, không có giá trị pháp lý",
		"TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH", "Kính gửi: " + s.Commune.Name.Vi, "UBND xã Ninh Nhất",
		"Nguyễn Thị Lan"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the draft's form: %s", want, text)
		}
	}
	if english := b.text(address.DraftFormPDF("en", id)); !strings.Contains(english, "/ Filed by") {
		t.Errorf("no English labels: %s", english)
	}
	if p := stranger.get(draft); p.StatusCode != http.StatusNotFound {
		t.Errorf("a stranger got a draft's form: %d", p.StatusCode)
	}
	done := b.post(address.DraftSubmit("vi", id), url.Values{"csrf": {review.token(t)}})
	code := strings.Split(strings.TrimPrefix(done.path, "/ho-so/"), "/")[0]
	form := address.DossierFormPDF("vi", code, "1")
	for _, page := range []string{done.body, b.get(address.Dossier("vi", code)).body} {
		if !strings.Contains(page, `href="`+form+`"`) {
			t.Errorf("no link to the form: %s", page)
		}
	}
	if p := b.get(draft); !strings.HasPrefix(p.path, address.Dossier("vi", code)) {
		t.Errorf("the form of a draft that was submitted led to %s", p.path)
	}
	b.submittedForm(code, stranger, s.Clock.Advance)
}

// submittedForm holds that the form of a dossier is the same bytes for ever, and nobody else's.
func (b *browser) submittedForm(code string, stranger *browser, advance func(time.Duration)) {
	b.t.Helper()
	form := address.DossierFormPDF("vi", code, "1")
	text := b.text(form)
	if !strings.Contains(text, "Mã hồ sơ: "+code) || strings.Contains(text, "NHÁP") ||
		!strings.Contains(text, "UBND xã Ninh Nhất") {
		b.t.Errorf("the form says: %s", text)
	}
	before := b.paper(form).body
	advance(time.Minute)
	if after := b.paper(address.DossierFormPDF("en", code, "1")).body; !bytes.Equal([]byte(before),
		[]byte(after)) {
		b.t.Error("the same revision made other bytes")
	}
	for _, number := range []string{"0", "2", "x", "-1", "99999999999999999999"} {
		if p := b.get(address.DossierFormPDF("vi", code, number)); p.StatusCode != http.StatusNotFound {
			b.t.Errorf("revision %s: %d", number, p.StatusCode)
		}
	}
	if p := stranger.get(form); p.StatusCode != http.StatusNotFound {
		b.t.Errorf("a stranger got the form: %d", p.StatusCode)
	}
}
