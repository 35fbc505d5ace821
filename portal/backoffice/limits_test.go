package backoffice

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// TestBudgetIsTold: every answer to a key says what is left, of the count by which calls are refused.
func TestBudgetIsTold(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.limiter.Patience = time.Minute
	left := func(r reply) (n, seconds int) {
		t.Helper()
		if _, err := fmt.Sscanf(r.header.Get("RateLimit"), `"calls";r=%d;t=%d`, &n, &seconds); err != nil ||
			r.header.Get("RateLimit-Policy") != `"calls";q=1200;w=60` || seconds < 1 || seconds > 60 {
			t.Fatalf("%d: RateLimit %q, RateLimit-Policy %q", r.status, r.header.Get("RateLimit"),
				r.header.Get("RateLimit-Policy"))
		}
		return n, seconds
	}
	first, _ := left(s.call(t, request{path: "/feed"}))
	for i, r := range []request{{path: "/dossiers/H42-1"}, {path: "/feed?limit=0"},
		{path: "/feed", header: map[string]string{"Actor": ""}},
		{method: http.MethodPost, path: "/replays", body: `{`}} {
		if n, _ := left(s.call(t, r)); n != first-1-i {
			t.Errorf("%s: %d are left after %d", r.path, n, first)
		}
	}
	for _, r := range []request{{path: "/openapi.yaml"},
		{path: "/feed", header: map[string]string{"Authorization": ""}}} {
		if got := s.call(t, r); got.header.Get("RateLimit") != "" {
			t.Errorf("%s: nobody is told %q", r.path, got.header.Get("RateLimit"))
		}
	}
	s.spend(t, perMinute)
	over := s.call(t, request{path: "/feed"})
	n, seconds := left(over)
	if over.status != 429 || n != 0 || over.header.Get("Retry-After") != strconv.Itoa(seconds) {
		t.Errorf("nothing is left: %d, %d, Retry-After %s and %d seconds", over.status, n,
			over.header.Get("Retry-After"), seconds)
	}
	s.redis.Close()
	s.limiter.Patience = time.Second
	if got := s.call(t, request{path: "/feed"}); got.status != 200 || got.header.Get("RateLimit") != "" {
		t.Errorf("without Redis: %d %q", got.status, got.header.Get("RateLimit"))
	}
}

// TestEndingIsAnnounced: a call that goes says so in each of its answers.
func TestEndingIsAnnounced(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	since := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	row := route{"GET", "/old", noKey, func(_ *Backoffice, v *call) error { return v.answer(1) },
		usual.ending(ending{since: since, gone: since.AddDate(1, 0, 0), instead: "/feed"})}
	door := New(Config{Desk: s.Desk, Pool: s.Pool, Limiter: s.limiter, Now: s.Clock.Now})
	app := fiber.New()
	app.Get("/old", door.serve(row))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/old", http.NoBody)
	must(t, err)
	response, err := app.Test(r, -1)
	must(t, err)
	defer response.Body.Close()
	for name, want := range map[string]string{"Deprecation": "@1798761600",
		"Sunset": "Sat, 01 Jan 2028 00:00:00 GMT",
		"Link": `</api/v1/openapi.yaml>; rel="deprecation"; type="application/yaml", ` +
			`</api/v1/feed>; rel="successor-version"`} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
