package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// postFrom sends a form as a browser of these days does, which says where it stood.
func (b *browser) postFrom(origin, path string, form url.Values) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+path,
		strings.NewReader(form.Encode()))
	must(b.t, err)
	r.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationForm)
	r.Header.Set("Origin", origin)
	return b.do(r)
}

// TestAPageSentWithoutASessionComesBack: without a script, and with every session gone.
func TestAPageSentWithoutASessionComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, minh := s.person(t, "Nguyễn Thị Lan"), s.person(t, "Trần Văn Minh")
	id := draftOf(b.ready("1"))
	step := b.get(address.DraftStep("vi", id, 3))
	form := filled(step)
	form.Set("sk.so", "77")
	form.Set("sk.noi", "UBND xã Ninh An")
	// Meanwhile somebody changes one of the fields.
	b.fill(step, url.Values{"sk.noi": {"UBND xã Ninh Hải"}})
	s.Redis.FlushAll()
	if p := b.postFrom("https://evil.example", step.path, form); !strings.Contains(p.path, "chua-luu=1") {
		t.Errorf("a page of another site is held: %s", p.path)
	}
	p := b.postFrom(s.URL, step.path, form)
	checkPage(t, s, p)
	if !strings.Contains(p.path, "tam-giu=1") || !strings.Contains(p.body, "được tạm giữ") ||
		strings.Contains(p.body, "Ninh An") {
		t.Fatalf("%s %s", p.path, p.body)
	}
	if dump := s.Redis.Dump(); strings.Contains(dump, "Ninh An") {
		t.Error("Redis shows what is held")
	}
	back := b.finishLogin(b.post(p.path, p.hidden()), "Nguyễn Thị Lan")
	checkPage(t, s, back)
	if back.path != step.path || !strings.Contains(back.body, `value="77"`) ||
		!strings.Contains(back.body, "Nội dung chưa lưu") ||
		!strings.Contains(back.body, "Ninh Hải") || !strings.Contains(back.body, "Ninh An") {
		t.Fatalf("%d %s %s", back.StatusCode, back.path, back.body)
	}
	if again := b.get(step.path); strings.Contains(again.body, `value="77"`) {
		t.Error("looking has saved it")
	}
	if done := b.fill(back, url.Values{"__keep.sk.noi": {"mine"}}); done.StatusCode != http.StatusOK ||
		done.path == step.path {
		t.Fatalf("%d %s", done.StatusCode, done.path)
	}
	if now := b.get(step.path); !strings.Contains(now.body, `value="77"`) ||
		!strings.Contains(now.body, "Ninh An") {
		t.Error("what was held was not saved")
	}
	// In another person's hands the same browser shows nothing.
	s.Redis.FlushAll()
	p = minh.postFrom(s.URL, step.path, form)
	if other := minh.finishLogin(minh.post(p.path, p.hidden()), "Trần Văn Minh"); other.StatusCode !=
		http.StatusNotFound || strings.Contains(other.body, "Ninh An") {
		t.Errorf("%d %s", other.StatusCode, other.body)
	}
}

func TestWhatIsTooMuchToHold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	path := address.DraftStep("vi", "0198c0de-0000-7000-8000-000000000001", 1)
	if p := b.postFrom(s.URL, path, url.Values{"x": {strings.Repeat("x", 40<<10)}}); !strings.Contains(p.path,
		"chua-luu=1") {
		t.Errorf("a large page: %s", p.path)
	}
	if p := b.post(path, url.Values{}); !strings.Contains(p.path, "chua-luu=1") {
		t.Errorf("from who knows where: %s", p.path)
	}
	held := 0
	for range 12 {
		if p := b.postFrom(s.URL, path, url.Values{}); strings.Contains(p.path, "tam-giu=1") {
			held++
		}
	}
	if held != 10 {
		t.Errorf("%d pages of one draft are held", held)
	}
	other := address.DraftStep("vi", "0198c0de-0000-7000-8000-000000000002", 1)
	if p := b.postFrom(s.URL, other, url.Values{}); !strings.Contains(p.path, "tam-giu=1") {
		t.Errorf("another person of the same address: %s", p.path)
	}
	s.spend("resume.address", 200, 10*time.Minute, "127.0.0.1")
	third := address.DraftStep("vi", "0198c0de-0000-7000-8000-000000000003", 1)
	if p := b.postFrom(s.URL, third, url.Values{}); !strings.Contains(p.path, "chua-luu=1") {
		t.Errorf("very many of one address: %s", p.path)
	}
}
