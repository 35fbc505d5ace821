package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
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
	for _, path := range []string{"/", "/en", "/thu-tuc/1.001193", "/tim-kiem", "/tro-giup"} {
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
	for _, path := range []string{"/tra-cuu", "/tim-kiem?q=khai", "/dang-nhap", "/thu-tuc/9.999999"} {
		if p := visitor.get(path); p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, p.Header.Get("Cache-Control"))
		}
	}
}

// TestKeptPagesOutliveTheDatabase: what was seen before is served as it was while the database is away, as
// visitors see it; everything else says honestly that it is away. Afterwards pages are new again.
func TestKeptPagesOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, lan := s.visitor(t), s.person(t, "Nguyễn Thị Lan")
	seen := []string{"/", "/en", "/tim-kiem", "/thu-tuc/1.001193", "/en/thu-tuc/1.001193", "/tro-giup"}
	before := map[string]string{}
	for _, path := range seen {
		before[path] = b.encoded(path, "gzip").body
		if p := lan.get(path); !strings.Contains(p.body, ">Tài khoản<") &&
			!strings.Contains(p.body, ">Account<") {
			t.Errorf("%s is not a person's own", path)
		}
	}
	s.ahead.Add(int64(time.Hour))
	open := s.closeDatabase()
	defer open()
	b.get("/su-kien/sinh-con") // connections that were open are found broken
	for range 3 {
		for _, path := range seen {
			for _, encoding := range []string{"gzip", "identity", "br"} {
				p := b.encoded(path, encoding)
				if p.StatusCode != http.StatusOK {
					t.Fatalf("%s in %s: %d", path, encoding, p.StatusCode)
				}
				checkHeaders(t, p)
				if encoding == "gzip" && p.body != before[path] {
					t.Errorf("%s is another page", path)
				}
				if encoding == "identity" {
					checkPage(t, s, p)
				}
			}
		}
		for _, p := range []page{lan.get("/"), lan.get("/en/thu-tuc/1.001193"), lan.get("/?fbclid=x"),
			b.get("/?fbclid=x&utm_source=zalo")} {
			who := p.Header.Get("Cache-Control")
			if p.StatusCode != http.StatusOK || strings.Contains(p.body, ">Tài khoản<") ||
				strings.Contains(p.body, "fbclid") ||
				who != "no-store" && p.Request.Header.Get("Cookie") != "" {
				t.Errorf("%s: %d, %s", p.path, p.StatusCode, who)
			}
		}
		s.ahead.Add(int64(20 * time.Second)) // when one is tried anew
	}
	for _, p := range []page{b.get("/thu-tuc/2.000635"), b.get("/?x=1"), b.get("/tim-kiem?q=khai+sinh"),
		lan.get("/ho-so"), lan.get("/?x=1"),
		b.post("/tra-cuu", url.Values{"code": {"H42.1-261127-0001"}, "digits": {"0001"}})} {
		if p.StatusCode != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" ||
			p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Retry-After %q", p.path, p.StatusCode, p.Header.Get("Retry-After"))
		}
	}
	s.ahead.Add(int64(24 * time.Hour))
	if p := b.get("/"); p.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a page of yesterday: %d", p.StatusCode)
	}
	open()
	for end := time.Now().Add(3 * time.Minute); b.get("/").StatusCode != http.StatusOK; {
		if time.Now().After(end) {
			t.Fatal("the home page does not come back")
		}
		s.ahead.Add(int64(time.Second))
	}
	if p := lan.get("/ho-so"); p.StatusCode != http.StatusOK {
		t.Errorf("a person's own page: %d", p.StatusCode)
	}
}
