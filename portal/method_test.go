package portal_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/identity/session"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/static"
)

// ways are the paths of a row in the languages that it has.
func (s *scene) ways(r try) []string {
	method, pattern, _ := strings.Cut(r.route, " ")
	vi := s.path(pattern, r.with)
	if en := address.In("en", vi); method == http.MethodGet && s.ask(&s.lan, "HEAD", en, nil).StatusCode !=
		http.StatusNotFound {
		return []string{vi, en}
	}
	return []string{vi}
}

// send asks with headers, as somebody or, where who is nil, as a visitor.
func (s *scene) send(who *session.Session, method, path string, header map[string]string) page {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, http.NoBody)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if who != nil {
		r.AddCookie(&http.Cookie{Name: "phien", Value: who.ID})
	}
	response, err := s.app.Test(r, -1)
	must(s.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(s.t, err)
	return page{response, string(body), path}
}

// kept is all that stands in Redis but the counts of budgets.
func (s *scene) kept() string {
	var blocks []string
	for block := range strings.SplitSeq(s.redis.Dump(), "\n- ") {
		block = strings.TrimSpace(strings.TrimPrefix(block, "- "))
		if !strings.HasPrefix(block, "throttle:") {
			blocks = append(blocks, block)
		}
	}
	return strings.Join(blocks, "\n")
}

// unchanged runs what must leave no trace anywhere.
func (s *scene) unchanged(what string, run func()) {
	s.t.Helper()
	before, redis := s.everything(), s.kept()
	run()
	after := s.everything()
	for table, was := range before {
		if after[table] != was {
			s.t.Errorf("%s changed %s", what, table)
		}
	}
	if now := s.kept(); now != redis {
		s.t.Errorf("%s changed what Redis keeps:\n%s\n%s", what, redis, now)
	}
}

// reading are the rows of what can be read.
func reading() (rows []try) {
	for _, r := range tries {
		if strings.HasPrefix(r.route, "GET ") {
			rows = append(rows, r)
		}
	}
	return rows
}

// TestHeadAnswersAsGetDoes asks every route that can be read by HEAD, as its owner and as a visitor, finds no
// trace of it, and only then asks by GET.
func TestHeadAnswersAsGetDoes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Clock.Advance(2 * time.Minute) // a visit would be counted now
	assets := []try{{route: "GET " + static.URL("app.css")}, {route: "GET " + static.URL("mark.svg")}}
	rows := append(reading(), assets...)
	people := map[string]*session.Session{"owner": &s.lan, "visitor": nil}
	answers := map[string]page{}
	s.unchanged("HEAD", func() {
		for _, r := range rows {
			for _, path := range s.ways(r) {
				for name, who := range people {
					answers[name+path] = s.ask(who, http.MethodHead, path, nil)
				}
			}
		}
	})
	for _, r := range rows {
		for _, path := range s.ways(r) {
			for _, name := range []string{"visitor", "owner"} {
				head, got := answers[name+path], s.ask(people[name], http.MethodGet, path, nil)
				if head.StatusCode != got.StatusCode || head.body != "" ||
					got.ContentLength >= 0 && head.ContentLength != got.ContentLength {
					t.Errorf("%s, %s: HEAD %d of %d bytes and a body %q, GET %d of %d", path, name,
						head.StatusCode, head.ContentLength, head.body, got.StatusCode, got.ContentLength)
				}
				for field, want := range got.Header {
					if field != "Set-Cookie" && field != "Date" && !slices.Equal(head.Header[field], want) {
						t.Errorf("%s, %s: %s of HEAD is %q, of GET %q", path, name, field, head.Header[field],
							want)
					}
				}
			}
		}
	}
}

// announcements are how browsers say that they fetch ahead.
var announcements = []map[string]string{{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"},
	{"Sec-Purpose": "prefetch;anonymous-client-ip"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"},
	{"X-Purpose": "preview"}}

// TestWhatIsFetchedAheadHasNoEffect: a browser that guesses where somebody goes next opens no result, reads
// no notice, settles no payment, ends no login and spends no budget, whatever it says and whoever it is of.
func TestWhatIsFetchedAheadHasNoEffect(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Clock.Advance(2 * time.Minute)
	served := map[string]bool{}
	for _, r := range portal.ToldRoutes() {
		served[r.Method+" "+r.Path] = r.Public && r.Free
	}
	served["GET "+address.Search("vi")] = true // before anything is sought
	delete(served, "GET "+address.OIDCReturn())
	counts := s.redis.Dump()
	s.unchanged("fetching ahead", func() {
		for _, r := range reading() {
			_, pattern, _ := strings.Cut(r.route, " ")
			for _, said := range announcements {
				for who, want := range map[*session.Session]int{&s.lan: r.owner, nil: r.visitor} {
					if !served[r.route] {
						want = http.StatusServiceUnavailable
					}
					p := s.send(who, http.MethodGet, s.path(pattern, r.with), said)
					if p.StatusCode != want || want == http.StatusServiceUnavailable &&
						(p.Header.Get("Cache-Control") != "no-store" || p.body != "Service Unavailable") {
						t.Errorf("%s, %v: %d %s %q", r.route, said, p.StatusCode,
							p.Header.Get("Cache-Control"), p.body)
					}
				}
			}
		}
		sought := s.send(&s.lan, http.MethodGet, address.Search("vi")+"?q=khai+sinh", announcements[0])
		if sought.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("a search ahead: %d", sought.StatusCode)
		}
	})
	if now := s.redis.Dump(); now != counts {
		t.Errorf("fetching ahead was counted:\n%s\n%s", counts, now)
	}
	path := s.path("/ho-so/:code/ket-qua/:result", "code=done")
	if p := s.send(&s.lan, http.MethodGet, path, nil); p.StatusCode != http.StatusOK {
		t.Errorf("asked for by the person: %d", p.StatusCode)
	}
}

// TestOtherMethods asks every path by methods that it does not take.
func TestOtherMethods(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	takes := map[string][]string{static.URL("app.css"): {"GET", "HEAD"}}
	for _, r := range tries {
		method, pattern, _ := strings.Cut(r.route, " ")
		path := s.path(pattern, r.with)
		takes[path] = append(takes[path], method)
		if method == http.MethodGet {
			takes[path] = append(takes[path], http.MethodHead)
		}
	}
	every := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"}
	s.unchanged("another method", func() {
		for path, methods := range takes {
			allow := strings.Join(slices.Sorted(slices.Values(append(methods, "OPTIONS"))), ", ")
			p := s.send(&s.lan, http.MethodOptions, path, nil)
			if p.StatusCode != http.StatusNoContent || p.Header.Get("Allow") != allow || p.body != "" {
				t.Errorf("OPTIONS %s: %d, %q instead of %q", path, p.StatusCode, p.Header.Get("Allow"), allow)
			}
			for _, method := range every {
				if slices.Contains(methods, method) {
					continue
				}
				p := s.send(&s.lan, method, path, nil)
				if p.StatusCode != http.StatusMethodNotAllowed || p.Header.Get("Allow") != allow ||
					p.Header.Get("Content-Security-Policy") == "" || method != http.MethodHead &&
					!strings.Contains(p.body, "Trang này không mở trực tiếp được") {
					t.Errorf("%s %s: %d, %q instead of %q", method, path, p.StatusCode, p.Header.Get("Allow"),
						allow)
				}
			}
		}
	})
	if p := s.send(nil, http.MethodGet, "/en/dang-xuat", nil); p.StatusCode != 405 ||
		!strings.Contains(p.body, "cannot be opened like this") {
		t.Errorf("in English: %d %s", p.StatusCode, p.body)
	}
	code := s.path("/ho-so/:code", "code=done")
	if p := s.send(&s.lan, http.MethodGet, code+"/bo-sung", nil); p.StatusCode != 405 ||
		!strings.Contains(p.body, `<a href="`+code+`"><b>Mở trang có phần này`) {
		t.Errorf("where a form is sent to: %d %s", p.StatusCode, p.body)
	}
	for _, path := range []string{"/khong-co", "/static/app.css", "/en/khong/co", "/ho-so/x/khong-co"} {
		for _, method := range append(every, "OPTIONS") {
			if p := s.send(nil, method, path, nil); p.StatusCode != 404 || p.Header.Get("Allow") != "" {
				t.Errorf("%s %s: %d %s", method, path, p.StatusCode, p.Header.Get("Allow"))
			}
		}
	}
}
