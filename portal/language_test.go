package portal_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/desk/desktest"
)

var (
	otherLanguage = regexp.MustCompile(`<nav aria-label="[^"]*"><a href="([^"]+)"`)
	loginAction   = regexp.MustCompile(`<form method="post" action="([^"]+)"><input type="hidden" name="ve"`)
)

// other is the page behind the link to the other language.
func (p page) other(t *testing.T) string {
	t.Helper()
	m := otherLanguage.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("%s has no link to the other language", p.path)
	}
	return unescape(m[1])
}

// action is where the button of the login page leads.
func (p page) action(t *testing.T, lang string) string {
	t.Helper()
	m := loginAction.FindStringSubmatch(p.body)
	if m == nil || m[1] != address.Login(lang) {
		t.Fatalf("%s does not begin a login: %v", p.path, m)
	}
	return m[1]
}

func TestTheOtherLanguageKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	files := b.ready("1")
	id, token := draftOf(files), url.Values{"csrf": {files.token(t)}}
	bad := filled(b.get(address.DraftStep("vi", id, 1)))
	bad.Set("nyc.dien_thoai", "12x")
	wrong := b.post(address.DraftStep("vi", id, 1), bad)
	refused := b.post(address.DraftSubmit("vi", id), token)
	bad.Set("nyc.dien_thoai", "0912345678")
	bad.Set("__base.nyc.dien_thoai", filled(wrong).Get("__base.nyc.dien_thoai"))
	if !strings.Contains(wrong.body, `<link rel="alternate" hreflang="en" href="`+address.DraftStep("en", id, 1)+`">`) {
		t.Error("a page with a mistake loses its place in the other language")
	}
	visitor := s.visitor(t)
	cases := []struct {
		p    page
		want string
	}{
		{refused, address.DraftReview("en", id)},
		{b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "a.pdf", []byte("MZ")), address.DraftFiles("en", id)},
		{b.post(address.DraftFile("vi", id, id), token), address.DraftFiles("en", id)},
		{b.post(address.DraftFee("vi", id), token), address.DraftFee("en", id)},
		{b.post(address.Start("vi", "2.000635"), token), address.Start("en", "2.000635")},
		{b.post(address.Logout("vi"), url.Values{}), address.Home("en")},
		{b.get("/tim-kiem?q=khai+sinh"), "/en/tim-kiem?q=khai+sinh"},
		{b.get("/khong-co"), "/en/khong-co"},
		{visitor.post(address.Track("vi"), url.Values{"code": {"H42 1"}, "digits": {"1"}}), "/en/tra-cuu?ma=H42+1"},
		{visitor.get("/dang-nhap/ve?state=x"), address.Login("en") + "?ve=%2F"},
	}
	for _, c := range cases {
		if got := c.p.other(t); got != c.want {
			t.Errorf("%s (%d): the other language is at %s, want %s", c.p.path, c.p.StatusCode, got, c.want)
		}
	}
	if p := b.fill(b.get(address.DraftStep("vi", id, 1)), url.Values{"nyc.dien_thoai": {"0912345678"}}); p.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", p.StatusCode, p.path)
	}
	b.upload(address.DraftRequirement("vi", id, "tai_lieu_lien_quan"), files.token(t), "a.png", desktest.Photo(t))
	done := b.post(address.DraftSubmit("vi", id), token)
	if got := done.other(t); got != "/en"+done.path {
		t.Errorf("%s: the other language is at %s", done.path, got)
	}
}

func TestNoPathLeadsToAnotherHost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"//evil.example/x", "/en//evil.example/x", "/en/%2fevil.example"} {
		p := s.visitor(t).get(s.URL + path)
		if p.StatusCode != http.StatusNotFound || strings.HasPrefix(p.other(t), "//") {
			t.Errorf("%s: %d, the other language is at %s", path, p.StatusCode, p.other(t))
		}
	}
}
