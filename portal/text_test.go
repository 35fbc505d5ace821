package portal_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"congdvc/identity/session"
	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
)

// noTexts are what stands in a path, a query or a form for something that is no text.
var noTexts = []string{"%00", "%ff", "%C0%80", "%ED%A0%80", "a%00b", "\xff"}

// parameters are names that queries of pages have, and one that none has.
var parameters = []string{"q", "ma", "ve", "truoc", "xem", "tinh", "error", "state", "code", "truong-hop",
	"co-quan", "kenh", "so-luong.x", "tra-loi.x", "linh-vuc", "trang", "khong-co"}

// sendRaw asks for an address as it stands, which need not be one.
func (s *scene) sendRaw(who *session.Session, method, path, kind, body string) page {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "/", strings.NewReader(body))
	r.URL.Opaque, r.RequestURI = path, path
	if kind != "" {
		r.Header.Set(fiber.HeaderContentType, kind)
	}
	if who != nil {
		r.AddCookie(&http.Cookie{Name: "phien", Value: who.ID})
	}
	response, err := s.app.Test(r, -1)
	must(s.t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	must(s.t, err)
	return page{response, string(got), path}
}

// TestWhatIsNoText sends to every route what no text can be read from, in each parameter of its path, in its
// query and in its form. Every answer is a refusal with words, and nothing is changed.
func TestWhatIsNoText(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.unchanged("what is no text", func() {
		for _, r := range tries {
			method, pattern, _ := strings.Cut(r.route, " ")
			path := s.path(pattern, r.with)
			for i, step := range strings.Split(pattern, "/") {
				for _, none := range append([]string{"%", "%zz"}, noTexts...) {
					bad := strings.Split(path, "/")
					bad[i] = none
					p := s.sendRaw(&s.lan, method, strings.Join(bad, "/"), "", "")
					if strings.HasPrefix(step, ":") && p.StatusCode != http.StatusNotFound {
						t.Errorf("%s %q: %d", method, p.path, p.StatusCode)
					}
				}
			}
			for _, none := range noTexts {
				for _, query := range []string{none + "=1", "q=" + none, "ve=/&" + "tinh=x" + none} {
					if p := s.sendRaw(nil, method, path+"?"+query, "", ""); p.StatusCode != 422 {
						t.Errorf("%s %s?%q: %d", method, pattern, query, p.StatusCode)
					}
				}
			}
			if method == http.MethodPost {
				s.sendBadForms(r, path)
			}
		}
	})
}

// sendBadForms sends forms of both encodings, with the token of the session.
func (s *scene) sendBadForms(r try, path string) {
	s.t.Helper()
	for _, none := range noTexts {
		for _, field := range []string{"x=" + none, none + "=x", "code=" + none + "&reason=" + none} {
			p := s.sendRaw(&s.lan, "POST", path, fiber.MIMEApplicationForm, "csrf="+s.lan.CSRF+"&"+field)
			if p.StatusCode != 422 && r.owner != 415 && r.route != "POST "+address.StripeWebhook() ||
				p.StatusCode >= 500 {
				s.t.Errorf("%s with %q: %d", r.route, field, p.StatusCode)
			}
		}
	}
	for _, none := range []string{"a\x00b", "\xff"} {
		for _, part := range []string{`name="x"` + "\r\n\r\n" + none, `name="` + none + `"` + "\r\n\r\nx",
			`name="file"; filename="` + none + `.pdf"` + "\r\n\r\n%PDF-1.4"} {
			body := "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + s.lan.CSRF +
				"\r\n--b\r\nContent-Disposition: form-data; " + part + "\r\n--b--\r\n"
			if strings.Contains(part, "filename") && r.owner != 415 {
				continue // a form without files may ignore one
			}
			p := s.sendRaw(&s.lan, "POST", path, "multipart/form-data; boundary=b", body)
			if p.StatusCode < 400 || p.StatusCode >= 500 {
				s.t.Errorf("%s with a part %q: %d", r.route, part, p.StatusCode)
			}
		}
	}
}

// TestLongTextsAreNoFailure: what is long but a text is answered, or refused with words.
func TestLongTextsAreNoFailure(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	values := []string{strings.Repeat("a", 2500), url.QueryEscape(strings.Repeat("ế", 270)),
		strings.Repeat("9", 1000), "-1", "%EF%BF%BE", "%01%1b", "%F0%9F%98%80", "'%22%3C%25_%5C"}
	for _, r := range reading() {
		_, pattern, _ := strings.Cut(r.route, " ")
		for _, value := range values {
			names := slices.Clone(parameters)
			path := s.path(pattern, r.with)
			query := strings.Join(names, "="+value[:min(90, len(value)/3*3)]+"&")
			if p := s.sendRaw(&s.lan, "GET", path+"?"+query, "", ""); p.StatusCode >= 500 {
				t.Errorf("%s with %.20q everywhere: %d", r.route, value, p.StatusCode)
			}
			for i, step := range strings.Split(pattern, "/") {
				if !strings.HasPrefix(step, ":") {
					continue
				}
				long := strings.Split(path, "/")
				long[i] = value
				if p := s.sendRaw(&s.lan, "GET", strings.Join(long, "/"), "", ""); p.StatusCode >= 500 {
					t.Errorf("%s of %.20q: %d", r.route, value, p.StatusCode)
				}
			}
		}
	}
	for _, path := range []string{"/tim-kiem?q=" + values[0], "/tra-cuu?ma=" + values[1],
		"/xa-phuong?tinh=" + values[0], "/tim-kiem/goi-y?q=" + values[1], "/xac-minh?ma=" + values[0]} {
		if p := s.sendRaw(nil, "GET", path, "", ""); p.StatusCode >= 500 {
			t.Errorf("%.40s: %d", path, p.StatusCode)
		}
	}
	// What is a text in Vietnamese stays one.
	if p := s.sendRaw(nil, "GET", "/tim-kiem?q=khai+sinh+%C4%91%E1%BB%99", "", ""); p.StatusCode != 200 {
		t.Errorf("a search in Vietnamese: %d", p.StatusCode)
	}
	if p := s.sendRaw(nil, "GET", "/bieu-mau/2.000635/T%E1%BB%9D%20khai.docx", "", ""); p.StatusCode != 404 {
		t.Errorf("a form file that is not there: %d", p.StatusCode)
	}
}
