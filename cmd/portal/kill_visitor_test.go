package main

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"congdvc/identity"
	"congdvc/identity/demoidp"
	"congdvc/portal/address"
	"congdvc/services/dossier"
)

// visitor is a person who is logged in, and their browser.
type visitor struct {
	*site
	who    identity.Who
	client *http.Client
	token  string // of the forms in this session
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	refreshTo   = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]+)">`)
)

// visit logs somebody in through the identity provider.
func (s *site) visit(p demoidp.Person) *visitor {
	s.Helper()
	jar, err := cookiejar.New(nil)
	s.ok(err)
	v := &visitor{site: s, who: s.known(p), client: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	_, body := v.get(s.url + address.Login("vi"))
	_, body = v.post(s.url+address.Login("vi"), hidden(body))
	chooser, body := v.get(ledTo(body))
	form := hidden(body)
	form.Set("person", p.Subject)
	to, err := chooser.Request.URL.Parse("/login")
	s.ok(err)
	v.post(to.String(), form)
	_, body = v.get(s.url + address.Account("vi"))
	if v.token = hidden(body).Get("csrf"); v.token == "" {
		s.Fatalf("%s is not logged in: %s", p.Name, body)
	}
	// From here on a redirect is the answer that counts.
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

// ledTo is where a page leads on by itself.
func ledTo(body string) string {
	if m := refreshTo.FindStringSubmatch(body); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// hidden are the hidden inputs of a page, as a browser would send them.
func hidden(body string) url.Values {
	form := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

func (v *visitor) get(to string) (*http.Response, string) {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), http.MethodGet, to, nil)
	v.ok(err)
	answer, body, err := v.do(r)
	v.ok(err)
	return answer, body
}

func (v *visitor) post(to string, form url.Values) (*http.Response, string) {
	v.Helper()
	answer, body, err := v.tryPost(to, form)
	v.ok(err)
	return answer, body
}

func (v *visitor) tryPost(to string, form url.Values) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(v.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func (v *visitor) do(r *http.Request) (*http.Response, string, error) {
	answer, err := v.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

// tries counts the connections that failed under a person: those that nobody took, and those that broke
// before the answer.
type tries struct{ refused, broken int }

// handIn submits a draft as a person would, who does it again when the connection fails. It gives the code
// that the portal acknowledged.
func (v *visitor) handIn(draft dossier.DraftID) (code dossier.Code, failed tries, err error) {
	to, form := v.url+address.DraftSubmit("vi", draft), url.Values{"csrf": {v.token}}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		answer, body, err := v.tryPost(to, form)
		switch {
		case err == nil:
			code, err := acknowledged(answer, body)
			return code, failed, err
		case time.Now().After(end):
			return "", failed, err
		case errors.Is(err, syscall.ECONNREFUSED):
			failed.refused++
		default:
			failed.broken++
		}
	}
}

// sees tells whether a page says something.
func (v *visitor) sees(to, text string) bool {
	v.Helper()
	answer, body := v.get(to)
	if answer.StatusCode != http.StatusOK {
		v.Fatalf("%s: %s: %s", to, answer.Status, body)
	}
	return strings.Contains(body, text)
}

// acknowledged reads the code from the answer that leads to a dossier's confirmation; any other answer is an
// error.
func acknowledged(answer *http.Response, body string) (dossier.Code, error) {
	to, err := answer.Location()
	if err == nil && answer.StatusCode == http.StatusSeeOther {
		rest, isDossier := strings.CutPrefix(to.Path, address.Dossiers("vi")+"/")
		if code, done := strings.CutSuffix(rest, "/da-nop"); isDossier && done {
			return dossier.Code(code), nil
		}
	}
	return "", fmt.Errorf("%s leads to %v: %s", answer.Status, to, body)
}
