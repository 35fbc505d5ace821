package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congdvc/portal/address"
)

func TestNoSpellingOfACodeWinsMoreTries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := string(s.Submitted(t, s.Citizen(t, 1)))
	b := s.visitor(t)
	limited := false
	for n := range 12 {
		spelling := strings.Replace(code, "-", strings.Repeat(" ", n)+"-", 1)
		limited = b.post("/tra-cuu", url.Values{"code": {spelling}, "digits": {"9999"}}).StatusCode ==
			http.StatusTooManyRequests
	}
	if !limited {
		t.Error("a code with other spaces is another code to the budget")
	}
}

// TestOnlyTextIsCompressed: a paper comes with its length, a page in the encoding that the browser takes.
func TestOnlyTextIsCompressed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	code, _ := b.submitted()
	for path, want := range map[string]string{"/": "br", address.Dossier("vi", code): "br",
		address.DossierConfirmationPDF("vi", code): ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		must(t, err)
		r.Header.Set("Accept-Encoding", "gzip, br")
		p := b.do(r)
		if got := p.Header.Get("Content-Encoding"); got != want || want == "" &&
			p.ContentLength != int64(len(p.body)) {
			t.Errorf("%s is encoded as %q, of length %d", path, got, p.ContentLength)
		}
	}
}

func TestAResultsCodeIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.visitor(t).get("/xac-minh?ma=7k3m+92qx%2F4tra")
	if p.StatusCode != http.StatusNotFound || !strings.Contains(p.body, `value="7k3m 92qx/4tra"`) {
		t.Errorf("%d %s", p.StatusCode, p.body)
	}
	checkPage(t, s, p)
}
