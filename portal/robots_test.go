package portal_test

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// listed is what a search engine reads of a sitemap.
type listed struct {
	URL []struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
		Link    []struct {
			Rel      string `xml:"rel,attr"`
			HrefLang string `xml:"hreflang,attr"`
			Href     string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"url"`
}

// TestSitemapListsEveryProcedure in both languages, and each address answers and may be listed.
func TestSitemapListsEveryProcedure(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ask(nil, "GET", address.Sitemap(), nil)
	var list listed
	must(t, xml.Unmarshal([]byte(p.body), &list))
	if kind := p.Header.Get("Content-Type"); kind != "application/xml; charset=utf-8" {
		t.Errorf("it is %q", kind)
	}
	found := map[string]string{}
	for _, u := range list.URL {
		path := strings.TrimPrefix(u.Loc, "http://portal.test")
		found[path] = u.LastMod
		var links []string
		for _, l := range u.Link {
			links = append(links, l.Rel+" "+l.HrefLang+" "+strings.TrimPrefix(l.Href, "http://portal.test"))
		}
		want := []string{"alternate vi " + address.In("vi", path), "alternate en " + address.In("en", path)}
		if !slices.Equal(links, want) {
			t.Errorf("%s: %q", path, links)
		}
		if got := s.ask(nil, "GET", path, nil); got.StatusCode != http.StatusOK ||
			got.Header.Get("X-Robots-Tag") != "" {
			t.Errorf("%s: %d %q", path, got.StatusCode, got.Header.Get("X-Robots-Tag"))
		}
	}
	procedures := 0
	must(t, procedure.EachInForce(t.Context(), s.Pool, workday.DateOf(s.Clock.Now()),
		func(code string, since workday.Date) error {
			procedures++
			for _, lang := range []string{"vi", "en"} {
				if got := found[address.Procedure(lang, code)]; got != since.String() || got == "" {
					t.Errorf("%s in %s: since %q, want %s", code, lang, got, since)
				}
			}
			return nil
		}))
	if procedures < 20 || len(found) != len(list.URL) {
		t.Errorf("%d procedures; %d addresses, %d of them different", procedures, len(list.URL), len(found))
	}
	packed := s.send(nil, "GET", address.Sitemap(), map[string]string{"Accept-Encoding": "gzip"})
	clear, err := gzip.NewReader(strings.NewReader(packed.body))
	must(t, err)
	text, err := io.ReadAll(clear)
	must(t, err)
	if string(text) != p.body || packed.Header.Get("Content-Encoding") != "gzip" {
		t.Error("compressed it is another list")
	}
	// What ended is no longer listed, once the list is too old.
	s.endProcedure()
	s.Clock.Advance(11 * time.Minute)
	again := s.ask(nil, "GET", address.Sitemap(), nil)
	if strings.Contains(again.body, "/"+s.names["procedure"]) {
		t.Error("a procedure that ended is listed")
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ask(nil, "GET", address.Robots(), nil)
	for _, line := range []string{"User-agent: *", "Disallow: /ho-so", "Disallow: /en/ho-so",
		"Disallow: /tai-khoan", "Disallow: /thu-tuc/*/nop", "Disallow: /api/",
		"Sitemap: http://portal.test/sitemap.xml"} {
		if !slices.Contains(strings.Split(p.body, "\n"), line) {
			t.Errorf("it lacks %q:\n%s", line, p.body)
		}
	}
	for path, want := range map[string]string{"/": "", "/tra-cuu": "", "/tra-cuu?ma=H42": "noindex",
		"/tim-kiem?q=khai": "noindex", "/dang-nhap": "noindex", "/xac-minh": "",
		address.VerifyCode("vi", s.names["verify"]): "noindex", "/ho-so": "noindex"} {
		if got := s.ask(nil, "GET", path, nil).Header.Get("X-Robots-Tag"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestSecurityText(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ask(nil, "GET", address.SecurityText(), nil)
	lines := strings.Split(p.body, "\n")
	for _, line := range []string{"Contact: mailto:an-ninh@portal.test",
		"Contact: https://portal.test/bao-loi",
		"Preferred-Languages: vi, en"} {
		if !slices.Contains(lines, line) {
			t.Errorf("it lacks %q:\n%s", line, p.body)
		}
	}
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Expires: ") })
	if at < 0 {
		t.Fatal(p.body)
	}
	expires, err := time.Parse(time.RFC3339, strings.TrimPrefix(lines[at], "Expires: "))
	if left := expires.Sub(s.Clock.Now()); err != nil || left < 90*24*time.Hour || left > 365*24*time.Hour {
		t.Errorf("%s: %v", lines[at], err)
	}
	if p.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("it is %q", p.Header.Get("Content-Type"))
	}
}

func TestFavicon(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := s.ask(nil, "GET", address.Favicon(), nil)
	raw := []byte(p.body)
	if p.Header.Get("Content-Type") != "image/x-icon" || len(raw) < 22 ||
		!bytes.HasPrefix(raw, []byte{0, 0, 1, 0}) {
		t.Fatalf("%q, %d bytes", p.Header.Get("Content-Type"), len(raw))
	}
	from := int(raw[18]) | int(raw[19])<<8
	if icon, err := png.DecodeConfig(bytes.NewReader(raw[from:])); err != nil || icon.Width != int(raw[6]) {
		t.Errorf("its first picture: %+v, %v", icon, err)
	}
}
