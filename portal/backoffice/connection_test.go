package backoffice

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// endpoint is a plain receiver that answers a challenge, as often as it is asked.
func endpoint(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Data struct{ Challenge string } }
		raw, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(raw, &in)
		}
		if err != nil || in.Data.Challenge == "" {
			t.Errorf("%s %v", raw, err)
		}
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"challenge":%q}`, in.Data.Challenge)
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

func (s *scene) connection(t testing.TB) (c onestop.ConnectionStanding) {
	t.Helper()
	got := s.call(t, request{path: "/connection"})
	if err := json.Unmarshal([]byte(got.body), &c); err != nil || got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return c
}

func TestConnectionEndpoint(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if c := s.connection(t); c.State != "pulls" || c.Code != "chung" || len(c.Keys) != 1 ||
		!strings.HasPrefix(s.Key, c.Keys[0].Prefix) || c.Networks[0] != "127.0.0.0/8" {
		t.Fatalf("%+v", c)
	}
	if got := s.post(t, "/connection/challenge", `{}`); got.status != http.StatusConflict ||
		got.problem(t).Type != onestop.ProblemType(onestop.ErrNoEndpoint.Key) {
		t.Errorf("nothing to prove: %d %s", got.status, got.body)
	}
	good, asked := endpoint(t)
	set := func(key, url string) reply {
		return s.call(t, request{method: http.MethodPost, path: "/connection/endpoint",
			body: fmt.Sprintf(`{"endpoint":%q}`, url), header: map[string]string{"Idempotency-Key": key}})
	}
	first, again := set("one", good.URL), set("one", good.URL)
	if first.status != http.StatusOK || again.body != first.body || asked.Load() != 1 {
		t.Errorf("%d %s, again %d, asked %d times", first.status, first.body, again.status, asked.Load())
	}
	if c := s.connection(t); c.Endpoint != good.URL || c.State != "ok" || c.ProvedAt == nil {
		t.Errorf("live: %+v", c)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>Một cửa</title>")
	}))
	t.Cleanup(page.Close)
	moved := httptest.NewServer(http.RedirectHandler(good.URL, http.StatusTemporaryRedirect))
	t.Cleanup(moved.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for url, want := range map[string]string{
		page.URL: "onestop.challenge_answer", moved.URL: "onestop.challenge_redirect",
		gone.URL: "onestop.challenge_away", "http://10.1.2.3/": "onestop.endpoint",
		"http://169.254.169.254/latest": "onestop.endpoint", "ftp://a.vn": "onestop.endpoint",
		"https://u:p@motcua.example.vn/": "onestop.endpoint",
	} {
		got := s.post(t, "/connection/endpoint", fmt.Sprintf(`{"endpoint":%q}`, url))
		p := got.problem(t)
		if got.status != http.StatusUnprocessableEntity || p.Type != onestop.ProblemType(want) ||
			len(p.Errors) != 1 || p.Errors[0].Pointer != "/endpoint" {
			t.Errorf("%s: %d %s", url, got.status, got.body)
		}
		if c := s.connection(t); c.Endpoint != good.URL || c.PendingEndpoint != "" {
			t.Errorf("%s: %+v", url, c)
		}
	}
	if got := s.post(t, "/connection/endpoint", `{}`); got.status != http.StatusUnprocessableEntity {
		t.Errorf("without an endpoint: %d %s", got.status, got.body)
	}
	if got := s.post(t, "/connection/challenge", `{}`); got.status != http.StatusOK {
		t.Errorf("the live one anew: %d %s", got.status, got.body)
	}
	if got := s.post(t, "/connection/endpoint", `{"endpoint":""}`); got.status != http.StatusOK {
		t.Errorf("none: %d %s", got.status, got.body)
	}
	if c := s.connection(t); c.State != "pulls" || c.Endpoint != "" {
		t.Errorf("none: %+v", c)
	}
	s.redis.FastForward(time.Minute) // the budget of challenges is full again
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) error {
		return onestop.SetEndpoint(t.Context(), tx, s.Vault, s.Connection, good.URL)
	}))
	if c := s.connection(t); c.State != "unproved" || c.PendingEndpoint != good.URL {
		t.Errorf("waiting: %+v", c)
	}
	if got := s.post(t, "/connection/challenge", `{}`); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if c := s.connection(t); c.State != "ok" || c.Endpoint != good.URL {
		t.Errorf("proved: %+v", c)
	}
}

// TestChallengesAreBounded: nobody finds out by many challenges what answers where.
func TestChallengesAreBounded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	good, asked := endpoint(t)
	body := fmt.Sprintf(`{"endpoint":%q}`, good.URL)
	for range challenges.Limit {
		if got := s.post(t, "/connection/endpoint", body); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	got := s.post(t, "/connection/endpoint", body)
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" ||
		asked.Load() != int64(challenges.Limit) {
		t.Errorf("%d %s, asked %d times", got.status, got.body, asked.Load())
	}
	s.redis.Close()
	if got := s.post(t, "/connection/endpoint", body); got.status != http.StatusServiceUnavailable {
		t.Errorf("without Redis: %d %s", got.status, got.body)
	}
}

func TestConnectionSecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rotate := func(key string) (secret string) {
		got := s.call(t, request{method: http.MethodPost, path: "/connection/secret", body: `{}`,
			header: map[string]string{"Idempotency-Key": key}})
		var out onestop.NewSecret
		if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return out.Secret
	}
	first := rotate("a")
	if again := rotate("a"); again != first || first == s.Secret {
		t.Errorf("%s, then %s", first, again)
	}
	var kept string
	if err := s.Pool.QueryRow(t.Context(), `select string_agg(encode(answer, 'escape'), ' ') from office_call`).
		Scan(&kept); err != nil || kept == "" || strings.Contains(kept, "whsec_") {
		t.Errorf("kept: %q %v", kept, err)
	}
	if got := s.call(t, request{method: http.MethodPost, path: "/connection/pause", body: `{}`,
		header: map[string]string{"Idempotency-Key": "a"}}); got.status != http.StatusConflict {
		t.Errorf("the key of another call: %d %s", got.status, got.body)
	}
}

// TestConnectionScope: who may read the log may not change where it goes.
func TestConnectionScope(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var key string
	must(t, pgx.BeginFunc(t.Context(), s.Pool, func(tx pgx.Tx) (err error) {
		key, _, err = onestop.CreateKey(t.Context(), tx, s.Vault, s.Connection,
			[]onestop.Scope{onestop.Feed, onestop.Read, onestop.Write}, s.Clock.Now())
		return err
	}))
	bearer := map[string]string{"Authorization": "Bearer " + key}
	if got := s.call(t, request{path: "/connection", header: bearer}); got.status != http.StatusOK {
		t.Errorf("seen: %d %s", got.status, got.body)
	}
	for _, path := range []string{"endpoint", "challenge", "secret", "pause", "resume"} {
		got := s.call(t, request{method: http.MethodPost, path: "/connection/" + path, body: `{}`,
			header: bearer})
		if got.status != http.StatusForbidden ||
			got.problem(t).Type != onestop.ProblemType(onestop.ErrKeyScope.Key) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

func TestExpiredKey(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	end := s.Clock.Now().Add(time.Hour)
	must(t, onestop.ExpireKey(t.Context(), s.Pool, s.Vault, s.Connection, s.Key[:11], &end, s.Clock.Now()))
	if c := s.connection(t); c.Keys[0].ExpiresAt == nil ||
		!c.Keys[0].ExpiresAt.Time().Equal(end.Truncate(time.Millisecond)) {
		t.Errorf("%+v", c.Keys)
	}
	s.Clock.Advance(time.Hour)
	got := s.call(t, request{path: "/connection"})
	if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" ||
		got.problem(t).Type != onestop.ProblemType(onestop.ErrKeyExpired.Key) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// TestDeliveriesAndPauses lists what became of a log, pauses, and has it pushed again.
func TestDeliveriesAndPauses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	first := s.Submitted(t, lan)
	second, third := s.Submitted(t, lan), s.Submitted(t, lan)
	s.sequenced(t)
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := s.Pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`update connection_push set pushed = 2`)
	exec(`insert into event_push (event_id, connection_id, dossier_id, position, state, blame, attempts, first_failed_at, next_at)
		select id, connection_id, dossier_id, position, 'parked', 'event', 11, now(), now() from event where position = 2`)
	exec(`insert into push_attempt (event_id, connection_id, at, status, error, took_ms)
		select id, connection_id, now(), case position when 2 then 422 else 204 end,
			case position when 2 then 'answered 422' else '' end, 3 from event where position < 3 order by position`)
	page := func(query string) (p onestop.DeliveryPage) {
		t.Helper()
		got := s.call(t, request{path: "/deliveries" + query})
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", query, got.status, got.body)
		}
		return p
	}
	all := page("")
	if len(all.Deliveries) != 3 || all.More {
		t.Fatalf("%+v", all)
	}
	sent, failed, waits := all.Deliveries[0], all.Deliveries[1], all.Deliveries[2]
	if sent.State != onestop.DeliveryDelivered || sent.LastAttempt.Error != "" ||
		failed.State != onestop.DeliveryParked || failed.LastAttempt.Status != 422 ||
		failed.LastAttempt.Error != "answered 422" || waits.State != onestop.DeliveryWaiting ||
		waits.LastAttempt != nil {
		t.Errorf("%+v", all)
	}
	one := page("?limit=1")
	two := page("?limit=1&after=" + one.Next)
	if !one.More || !two.More || two.Deliveries[0].Dossier != second {
		t.Errorf("%+v, then %+v", one, two)
	}
	for state, want := range map[string]any{"delivered": first, "parked": second, "waiting": third} {
		if p := page("?state=" + state); len(p.Deliveries) != 1 || p.Deliveries[0].Dossier != want {
			t.Errorf("%s: %+v", state, p)
		}
	}
	for _, state := range []string{"retrying", "ended"} {
		if p := page("?state=" + state); len(p.Deliveries) != 0 {
			t.Errorf("%s: %+v", state, p)
		}
	}
	if p := page("?dossier=" + string(third)); len(p.Deliveries) != 1 || p.Deliveries[0].Position != 3 {
		t.Errorf("of a dossier: %+v", p)
	}
	var parked onestop.ParkedPage
	got := s.call(t, request{path: "/parked-dossiers"})
	if err := json.Unmarshal([]byte(got.body), &parked); err != nil || len(parked.Dossiers) != 1 ||
		parked.Dossiers[0].Dossier != second || parked.Dossiers[0].Status != 422 || parked.More {
		t.Errorf("%d %s", got.status, got.body)
	}
	for query, n := range map[string]int{"?outcome=failed": 1, "?outcome=delivered": 1,
		"?dossier=" + string(first): 1, "?dossier=" + string(third): 0} {
		var p onestop.PushAttempts
		got := s.call(t, request{path: "/push-attempts" + query})
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || len(p.Attempts) != n {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
	if c := s.connection(t); c.State != "parked" || c.ParkedDossiers != 1 || c.Waiting != 1 ||
		c.OldestAt == nil || !strings.HasSuffix(c.Head, ".3") || !strings.HasSuffix(c.Pushed, ".2") {
		t.Errorf("%+v", c)
	}
	for path, want := range map[string]int{
		"/deliveries?after=zzz": 400, "/deliveries?after=aaaaaaaa.1": 410, "/deliveries?limit=201": 400,
		"/deliveries?after=" + ahead(t, all.Next): 410, "/deliveries?state=lost": 400,
		"/deliveries?dossier=x": 400, "/deliveries?x=1": 400, "/parked-dossiers?after=aaaaaaaa.1": 410,
		"/parked-dossiers?limit=0": 400, "/push-attempts?outcome=x": 400, "/push-attempts?dossier=%00": 400,
		"/connection?x=1": 400,
	} {
		if got := s.call(t, request{path: path}); got.status != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := s.post(t, "/connection/pause", `{}`); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	if c := s.connection(t); c.State != "paused" || c.PausedAt == nil {
		t.Errorf("%+v", c)
	}
	for body, want := range map[string]int{`{"after":"aaaaaaaa.1"}`: 410, `{"after":"x"}`: 400,
		`{"after":7}`: 422, `{"before":"x"}`: 422, `[]`: 400} {
		if got := s.post(t, "/connection/resume", body); got.status != want {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := s.post(t, "/connection/resume", fmt.Sprintf(`{"after":%q}`, one.Next)); got.status != 200 ||
		got.body != `{"events":1}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if c := s.connection(t); c.State != "pulls" || c.PausedAt != nil || c.Waiting != 2 {
		t.Errorf("%+v", c)
	}
	for body, want := range map[string]string{fmt.Sprintf(`{"dossier":%q}`, first): `{"events":1}`,
		fmt.Sprintf(`{"dossier":%q}`, third): `{"events":0}`} {
		if got := s.post(t, "/replays", body); got.body != want {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	for _, body := range []string{`{}`, `{"from":1}`, `{"dossier":"x"}`,
		fmt.Sprintf(`{"dossier":%q,"from":1,"to":2}`, first)} {
		if got := s.post(t, "/replays", body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}
