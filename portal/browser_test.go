package portal_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// browser is a visitor: it keeps cookies and follows redirects, and pages that lead on, unless told not to.
type browser struct {
	*site
	t     testing.TB
	http  *http.Client
	stays bool // on a page that leads on
}

func (s *site) visitor(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{site: s, t: t, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

// person is a browser in which somebody logged in through the identity provider.
func (s *site) person(t testing.TB, name string) *browser {
	b := s.visitor(t)
	b.login(name)
	return b
}

// page is an answer with its body read.
type page struct {
	*http.Response
	body string
	path string // where the redirects led
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	p := b.doOnce(r)
	if to := p.leadsTo(); to != "" && !b.stays {
		return b.get(to)
	}
	return p
}

var refreshTo = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]+)">`)

// leadsTo is where a page leads by itself, empty where it does not.
func (p page) leadsTo() string {
	if m := refreshTo.FindStringSubmatch(p.body); m != nil {
		return unescape(m[1])
	}
	return ""
}

func (b *browser) doOnce(r *http.Request) page {
	b.t.Helper()
	response, err := b.http.Do(r)
	must(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.t, err)
	return page{response, string(body), response.Request.URL.RequestURI()}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.URL + path
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, path, nil)
	must(b.t, err)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.URL + path
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, path,
		strings.NewReader(form.Encode()))
	must(b.t, err)
	r.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationForm)
	return b.do(r)
}

// upload sends files for a requirement, with a token or a wrong one.
func (b *browser) upload(path, token, name string, content []byte) page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	must(b.t, w.WriteField("csrf", token))
	part, err := w.CreateFormFile("file", name)
	must(b.t, err)
	_, err = part.Write(content)
	must(b.t, err)
	must(b.t, w.Close())
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL+path, &body)
	must(b.t, err)
	r.Header.Set(fiber.HeaderContentType, w.FormDataContentType())
	return b.do(r)
}

var (
	tokenInput = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	anyInput   = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// token is the token of the forms of a page.
func (p page) token(t testing.TB) string {
	t.Helper()
	m := tokenInput.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("no form on %s: %d %s", p.path, p.StatusCode, p.body)
	}
	return m[1]
}

// hidden are the hidden inputs of a page, as a browser would send them.
func (p page) hidden() url.Values {
	form := url.Values{}
	for _, m := range anyInput.FindAllStringSubmatch(p.body, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

// login walks the whole dance with the identity provider.
func (b *browser) login(name string) {
	b.t.Helper()
	back := b.get(address.Login("vi"))
	chooser := b.post(address.Login("vi"), back.hidden())
	b.finishLogin(chooser, name)
	if home := b.get("/"); !strings.Contains(home.body, address.Dossiers("vi")) ||
		!strings.Contains(home.body, ">Tài khoản<") {
		b.t.Fatalf("%s is not logged in: %s", name, home.body)
	}
}

// finishLogin chooses a person at the identity provider.
func (b *browser) finishLogin(chooser page, name string) page {
	b.t.Helper()
	choice := regexp.MustCompile(`(?s)<button[^>]*name="([^"]+)"[^>]*value="([^"]+)"[^>]*>(.*?)</button>`)
	for _, m := range choice.FindAllStringSubmatch(chooser.body, -1) {
		if strings.Contains(m[3], name) {
			form := chooser.hidden()
			form.Set(m[1], m[2])
			action := chooser.Request.URL.String()
			if a := formAction.FindStringSubmatch(chooser.body); a != nil {
				u, err := chooser.Request.URL.Parse(strings.ReplaceAll(a[1], "&amp;", "&"))
				must(b.t, err)
				action = u.String()
			}
			return b.post(action, form)
		}
	}
	b.t.Fatalf("%s cannot be chosen at %s: %s", name, chooser.path, chooser.body)
	return page{}
}
