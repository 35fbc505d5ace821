package portal_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"congdvc/identity/demoidp"
	"congdvc/portal/address"
)

// checkLeadOn holds what is true of a page that leads to another origin.
func checkLeadOn(t *testing.T, s *site, p page, origin string, says ...string) {
	t.Helper()
	if p.StatusCode != http.StatusOK || p.Header.Get("Location") != "" {
		t.Errorf("%s: %d, Location %q", p.path, p.StatusCode, p.Header.Get("Location"))
	}
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: Cache-Control %q", p.path, p.Header.Get("Cache-Control"))
	}
	to := p.leadsTo()
	u, err := url.Parse(to)
	must(t, err)
	if u.Scheme+"://"+u.Host != origin {
		t.Fatalf("%s leads to %q, want %s", p.path, to, origin)
	}
	link := foreign.FindString(p.body)
	if unescape(link) != `href="`+to+`"` {
		t.Errorf("%s has the link %s, and leads to %s", p.path, link, to)
	}
	for _, words := range append(says, u.Host, "<h1>") {
		if !strings.Contains(p.body, words) {
			t.Errorf("%s does not say %q", p.path, words)
		}
	}
	// Beside that link it is a page as all others.
	p.body = strings.Replace(p.body, link, `href="/"`, 1)
	checkPage(t, s, p)
}

// TestWhatLeadsAwayIsAPage: login, payment and logout, in both languages.
func TestWhatLeadsAwayIsAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Stripe.SendOnce()
	for lang, says := range map[string][3]string{
		"vi": {"Đang chuyển sang trang định danh", "Đang chuyển sang trang nộp tiền",
			"Bạn đã đăng xuất khỏi Cổng"},
		"en": {"Taking you to the identity page", "Taking you to the payment page",
			"You are logged out of the portal"},
	} {
		visitor := s.visitor(t)
		visitor.stays = true
		in := visitor.post(address.Login(lang), url.Values{"ve": {"/ho-so"}})
		checkLeadOn(t, s, in, s.IDP.URL(), says[0])

		b := s.person(t, "Nguyễn Thị Lan")
		id := draftOf(b.ready("3"))
		token := url.Values{"csrf": {b.get(address.DraftReview(lang, id)).token(t)}}
		b.post(address.DraftSubmit(lang, id), token)
		b.stays = true
		checkLeadOn(t, s, b.post(address.DraftFee(lang, id), token), s.Stripe.URL(), says[1])

		out := b.post(address.Logout(lang), token)
		checkLeadOn(t, s, out, s.IDP.URL(), says[2])
		if strings.Contains(out.body, address.Account(lang)) || strings.Contains(out.body, `name="csrf"`) {
			t.Error("the page after the logout is that of somebody logged in")
		}
		if !strings.Contains(out.leadsTo(), url.QueryEscape(s.URL+"/")) {
			t.Errorf("the logout does not come back: %s", out.leadsTo())
		}
	}
}

// TestNothingThatCameWithTheRequestIsLedTo: neither the page that a login shall return to nor a parameter of
// the address changes where a form leads.
func TestNothingThatCameWithTheRequestIsLedTo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.visitor(t)
	b.stays = true
	for _, back := range []string{"https://evil.example/", "//evil.example", `/\evil.example`} {
		p := b.post("/dang-nhap?url="+url.QueryEscape(back)+"&ve="+url.QueryEscape(back),
			url.Values{"ve": {back}, "url": {back}, "to": {back}})
		if !strings.HasPrefix(p.leadsTo(), s.IDP.URL()+"/authorize?") ||
			strings.Contains(p.body, "evil.example") {
			t.Errorf("%s: %s", back, p.body)
		}
	}
}

// TestOnlyLeadOnLeavesThePortal: no handler redirects by itself. see stays here, leadOn goes elsewhere.
func TestOnlyLeadOnLeavesThePortal(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		may := strings.HasSuffix(name, "_test.go") || name == "request.go" || name == "lead_on.go"
		if redirects := regexp.MustCompile(`\.Redirect\w*\(|HeaderLocation|"Location"`); !may && redirects.Match(text) {
			t.Errorf("%s redirects by itself", name)
		}
	}
}

// TestPagesOfTheProviderElsewhere walks login and logout at a provider that forwards to another host, and at
// one whose endpoints are not on the issuer's origin: for the first visitor after the start.
func TestPagesOfTheProviderElsewhere(t *testing.T) {
	t.Parallel()
	for _, where := range []demoidp.Elsewhere{demoidp.ByForwarding, demoidp.ByDiscovery} {
		s := newSite(t, func(c *demoidp.Config) { c.Elsewhere = where })
		s.Stripe.ForwardPages()
		b := s.visitor(t)
		chooser := b.post(address.Login("vi"), url.Values{"ve": {"/ho-so"}})
		if !strings.HasPrefix(chooser.Request.URL.String(), s.IDP.PagesURL()+"/login") {
			t.Fatalf("%s: led to %s", where, chooser.Request.URL)
		}
		p := b.finishLogin(chooser, "Nguyễn Thị Lan")
		if p.path != "/ho-so" || p.StatusCode != http.StatusOK {
			t.Errorf("%s: the login ends at %s (%d)", where, p.path, p.StatusCode)
		}
		token := url.Values{"csrf": {b.get("/tai-khoan").token(t)}}
		if p := b.post(address.Logout("vi"), token); p.Request.URL.String() != s.URL+"/" {
			t.Errorf("%s: the logout ends at %s", where, p.Request.URL)
		}
		if p := b.get("/ho-so"); !strings.HasPrefix(p.path, address.Login("vi")) {
			t.Errorf("%s: still logged in", where)
		}
	}
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	token := url.Values{"csrf": {b.get("/en/tai-khoan").token(t)}}
	if p := b.post(address.Logout("en"), token); p.Request.URL.String() != s.URL+address.Home("en") {
		t.Errorf("the logout in English ends at %s", p.Request.URL)
	}
}
