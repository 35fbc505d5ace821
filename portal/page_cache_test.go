package portal_test

import (
	"net/http"
	"strings"
	"testing"
)

// encoded gets a page in an encoding, and leaves it so.
func (b *browser) encoded(path, encoding string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL+path, nil)
	must(b.t, err)
	r.Header.Set("Accept-Encoding", encoding)
	return b.do(r)
}

func TestAKeptPageIsTheSamePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	for _, path := range []string{"/", "/en", "/thu-tuc/1.001193", "/tro-giup"} {
		for _, encoding := range []string{"br", "gzip", "identity"} {
			first, second := b.encoded(path, encoding), b.encoded(path, encoding)
			checkHeaders(t, second)
			if first.body != second.body || first.StatusCode != http.StatusOK ||
				second.Header.Get("Content-Type") != first.Header.Get("Content-Type") ||
				second.Header.Get("Content-Encoding") != first.Header.Get("Content-Encoding") ||
				encoding != "identity" && second.Header.Get("Content-Encoding") != encoding {
				t.Errorf("%s in %s is another page the second time: %v", path, encoding, second.Header)
			}
		}
		checkPage(t, s, b.encoded(path, "identity"))
	}
	// What one visitor put into the address must not be what others see.
	if p := b.get("/?x=%22evil"); !strings.Contains(p.body, "/en/?x=") ||
		strings.Contains(b.get("/").body, "evil") {
		t.Error("a query is kept")
	}
}

func checkHeaders(t *testing.T, p page) {
	t.Helper()
	if p.Header.Get("Cache-Control") != "public, max-age=5" ||
		p.Header.Get("Vary") != "Accept-Encoding, Cookie" || p.Header.Get("Set-Cookie") != "" {
		t.Errorf("%s: Cache-Control %q, Vary %q", p.path, p.Header.Get("Cache-Control"),
			p.Header.Values("Vary"))
	}
}

func TestNothingOfAPersonIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	lan := s.person(t, "Nguyễn Thị Lan")
	own := lan.get("/")
	if own.Header.Get("Cache-Control") != "no-store" || !strings.Contains(own.body, ">Tài khoản<") {
		t.Errorf("a person's home may be kept: %q", own.Header.Get("Cache-Control"))
	}
	visitor := s.visitor(t)
	if p := visitor.get("/"); strings.Contains(p.body, ">Tài khoản<") {
		t.Error("a visitor sees a person's home")
	}
	if p := lan.get("/"); !strings.Contains(p.body, ">Tài khoản<") {
		t.Error("a person sees a visitor's home")
	}
	for _, path := range []string{"/tra-cuu", "/tim-kiem", "/dang-nhap", "/thu-tuc/9.999999"} {
		if p := visitor.get(path); p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, p.Header.Get("Cache-Control"))
		}
	}
}
