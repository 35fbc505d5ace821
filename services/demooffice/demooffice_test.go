package demooffice

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var hoaLu = Agency{"H42.37.14329", "UBND phường Hoa Lư"}

// start runs the software beside a portal that does not answer, so that only what
// needs none is seen.
func start(t testing.TB, dir string) *Server {
	t.Helper()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	s, err := Start(t.Context(), Config{PortalURL: away.URL, APIKey: "cdvc_x", WebhookSecret: secret,
		Dir: dir, Agencies: []Agency{hoaLu},
		Officers: []Officer{{Agency: hoaLu.Code, Name: "Đỗ Văn Hùng", Title: "Công chức", Phone: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const anEvent = `{"specversion":"1.0","id":"e1","type":"dossier.submitted","time":"2026-11-23T02:14:05Z","data":{"dossier":"H42.37.14329-261123-0007","revision":1,"sha256":"x","agency":"H42.37.14329"}}`

// push signs a body as the portal does and sends it.
func push(t testing.TB, s *Server, id, body string, change func(*http.Request)) int {
	t.Helper()
	signer, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := signer.Sign(id, now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, EndpointPath, strings.NewReader(body))
	r.Header.Set(webhooks.HeaderWebhookID, id)
	r.Header.Set(webhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(webhooks.HeaderWebhookSignature, signature)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	return w.Code
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	for _, c := range []struct {
		name, id, body string
		change         func(*http.Request)
		want           int
	}{
		{"an event", "e1", anEvent, nil, 204},
		{"the same again", "e1", anEvent, nil, 204},
		{"another signature", "e1", anEvent, func(r *http.Request) {
			r.Header.Set(webhooks.HeaderWebhookSignature, "v1,AAAA")
		}, 401},
		{"no signature", "e1", anEvent, func(r *http.Request) {
			r.Header.Del(webhooks.HeaderWebhookSignature)
		}, 401},
		{"an old one", "e1", anEvent, func(r *http.Request) {
			r.Header.Set(webhooks.HeaderWebhookTimestamp, "1700000000")
		}, 401},
		{"no event", "e1", `{}`, nil, 422},
		{"the id of another", "e2", anEvent, nil, 422},
		{"no JSON", "e1", `x`, nil, 422},
	} {
		if got := push(t, s, c.id, c.body, c.change); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	s.GoDown()
	if got := push(t, s, "e1", anEvent, nil); got != 503 {
		t.Errorf("while it is down: %d", got)
	}
	d, ok := s.Dossier("H42.37.14329-261123-0007")
	if !ok || len(d.Events) != 1 || d.Events[0].Arrivals != 2 || d.Events[0].Effects != 0 || d.Acknowledged {
		t.Errorf("taken: %+v", d)
	}
	// What was answered 2xx is on the disk, with nothing that the portal knows.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir)
	if d, ok := again.Dossier("H42.37.14329-261123-0007"); !ok || d.Events[0].ID != "e1" {
		t.Errorf("after a restart: %+v", d)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	spoiled := t.TempDir()
	if err := os.WriteFile(filepath.Join(spoiled, "state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	officers := []Officer{{Agency: hoaLu.Code, Name: "A"}}
	for name, c := range map[string]Config{
		"an agency without officers": {Dir: t.TempDir(), WebhookSecret: secret, Agencies: []Agency{hoaLu}},
		"a secret that is none": {Dir: t.TempDir(), WebhookSecret: "whsec_!", Agencies: []Agency{hoaLu},
			Officers: officers},
		"a spoiled book": {Dir: spoiled, WebhookSecret: secret, Agencies: []Agency{hoaLu},
			Officers: officers},
		"an address that is none": {Dir: t.TempDir(), WebhookSecret: secret, Addr: "127.0.0.1:x",
			Agencies: []Agency{hoaLu}, Officers: officers},
	} {
		if s, err := Start(t.Context(), c); err == nil {
			_ = s.Close()
			t.Errorf("%s was taken", name)
		}
	}
}

func TestActorHeader(t *testing.T) {
	t.Parallel()
	a := actor{Name: "Đỗ Văn Hùng", Title: "Công chức & phó", Unit: "UBND+", Phone: "0229 3871 000"}
	values, err := url.ParseQuery(a.header())
	if err != nil || values.Get("name") != a.Name || values.Get("title") != a.Title ||
		values.Get("unit") != a.Unit || values.Get("phone") != a.Phone ||
		strings.Contains(a.header(), "+") {
		t.Errorf("%q %v", a.header(), err)
	}
}

func TestProblemInPlainWords(t *testing.T) {
	t.Parallel()
	p := &Problem{Title: "Nội dung chưa hợp lệ", Detail: "Thiếu nội dung bắt buộc."}
	p.Errors = append(p.Errors, struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	}{"/reason", "Hãy nêu lý do."})
	if got, want := inPlainWords(p),
		"Cổng trả lời: Nội dung chưa hợp lệ. Thiếu nội dung bắt buộc. (reason: Hãy nêu lý do.)"; got != want {
		t.Errorf("%q", got)
	}
	if got := inPlainWords(os.ErrDeadlineExceeded); strings.Contains(got, "timeout") ||
		!strings.Contains(got, "Chưa gọi được Cổng") {
		t.Errorf("%q", got)
	}
}

func TestDong(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 đ", 999: "999 đ", 8000: "8.000 đ", 1234567: "1.234.567 đ"} {
		if got := dong(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func FuzzEndpoint(f *testing.F) {
	f.Add("e1", anEvent)
	f.Add("", "{}")
	s := start(f, f.TempDir())
	f.Fuzz(func(t *testing.T, id, body string) {
		if strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) {
			return
		}
		if got := push(t, s, id, body, nil); got != 204 && got != 422 && got != 401 && got != 400 {
			t.Errorf("%d", got)
		}
	})
}
