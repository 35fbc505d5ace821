package onestop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func (w world) prover() Prover {
	return Prover{DB: w.db, Vault: w.vault, Timeout: 20 * time.Second}
}

// pending asks for an endpoint.
func (w world) pending(t testing.TB, connection, endpoint string) {
	t.Helper()
	w.tx(t, func(tx pgx.Tx) error { return SetEndpoint(t.Context(), tx, w.vault, connection, endpoint) })
}

func (w world) find(t testing.TB, code string) *Connection {
	t.Helper()
	c, err := FindConnection(t.Context(), w.db, code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// asked reads the challenge of a request.
func asked(t testing.TB, r *http.Request) (c Challenge) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &c)
	}
	if err != nil || c.Type != ChallengeType || c.Data.Challenge == "" {
		t.Errorf("challenge %s, %v", body, err)
	}
	return c
}

// echo answers as the contract says.
func echo(t testing.TB, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, `{"challenge":%q,"more":true}`, asked(t, r).Data.Challenge)
}

// TestChallenge: an endpoint that answers as it should becomes live, signed for as events are; another one
// does not, and the one of before stays.
func TestChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, secret := w.connection(t, "one", "https://before.example.vn/hook")
	check, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		echo(t, w, r)
	}))
	t.Cleanup(elsewhere.Close)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   error
	}{
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, ErrChallengeRedirect},
		"a redirect with the right body": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(http.StatusFound)
			fmt.Fprintf(w, `{"challenge":%q}`, asked(t, r).Data.Challenge)
		}, ErrChallengeRedirect},
		"nothing to say": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		}, ErrChallengeStatus},
		"another status": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"challenge":%q}`, asked(t, r).Data.Challenge)
		}, ErrChallengeStatus},
		"not there":  {http.NotFound, ErrChallengeStatus},
		"all is yes": {func(http.ResponseWriter, *http.Request) {}, ErrChallengeAnswer},
		"a page": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<html><body>%s</body></html>", asked(t, r).Data.Challenge)
		}, ErrChallengeAnswer},
		"JSON that says it is a page": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, `{"challenge":%q}`, asked(t, r).Data.Challenge)
		}, ErrChallengeAnswer},
		"what came": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.Copy(w, r.Body)
		}, ErrChallengeAnswer},
		"another challenge": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAA"}`)
		}, ErrChallengeAnswer},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"challenge":%q,"x":"%s"}`, asked(t, r).Data.Challenge, strings.Repeat("x", 8<<10))
		}, ErrChallengeAnswer},
		"cut off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			ErrChallengeAway},
	} {
		s := httptest.NewServer(c.answer)
		w.pending(t, connection, s.URL+"/hook")
		_, err := w.prover().Prove(t.Context(), connection)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if now := w.find(t, "one"); now.Endpoint != "https://before.example.vn/hook" ||
			now.Pending != s.URL+"/hook" {
			t.Errorf("%s: %+v", name, now)
		}
		s.Close()
	}
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(slow.CloseClientConnections)
	w.pending(t, connection, slow.URL)
	hasty := w.prover()
	hasty.Timeout = 200 * time.Millisecond
	if _, err := hasty.Prove(t.Context(), connection); !errors.Is(err, ErrChallengeAway) {
		t.Errorf("a slow one: %v", err)
	}
	var signed atomic.Bool
	good := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = check.Verify(body, r.Header)
		}
		signed.Store(err == nil && r.Header.Get("Content-Type") == eventMediaType)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		echo(t, w, r)
	}))
	t.Cleanup(good.Close)
	w.pending(t, connection, good.URL)
	if _, err := w.prover().Prove(t.Context(), connection); err != nil || !signed.Load() {
		t.Errorf("%v, signed %v", err, signed.Load())
	}
	if now := w.find(t, "one"); now.Endpoint != good.URL || now.Pending != "" {
		t.Errorf("proved: %+v", now)
	}
}

// TestChallengeOfWhatChanged: a proof does not hold for a connection that was changed since, nor does one of
// a row that somebody else wrote begin.
func TestChallengeOfWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		echo(t, out, r)
	}))
	t.Cleanup(s.Close)
	if _, err := w.prover().Prove(t.Context(), connection); !errors.Is(err, ErrNoEndpoint) {
		t.Errorf("nothing to prove: %v", err)
	}
	w.pending(t, connection, s.URL)
	proof, err := w.prover().Challenge(t.Context(), connection, "")
	if err != nil {
		t.Fatal(err)
	}
	w.tx(t, func(tx pgx.Tx) error {
		return SetNetworks(t.Context(), tx, w.vault, connection, []string{"10.0.0.0/8"})
	})
	err = pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
		return SetProved(t.Context(), tx, w.vault, proof)
	})
	if !errors.Is(err, ErrChallengeStale) {
		t.Errorf("changed meanwhile: %v", err)
	}
	if _, err := w.prover().Prove(t.Context(), connection); !errors.Is(err, ErrEndpoint) {
		t.Errorf("outside of its networks: %v", err)
	}
	const theft = `update connection set networks = '{127.0.0.0/8}', endpoint_pending = $1`
	if _, err := w.db.Exec(t.Context(), theft, s.URL); err != nil {
		t.Fatal(err)
	}
	if _, err := w.prover().Prove(t.Context(), connection); !errors.Is(err, ErrNotFound) {
		t.Errorf("networks that somebody wrote: %v", err)
	}
	if _, err := w.prover().Prove(t.Context(), personID); !errors.Is(err, ErrNotFound) {
		t.Errorf("no connection: %v", err)
	}
}

// TestPendingIsNotPushed: nothing goes to an endpoint before it is proved, all of it then.
func TestPendingIsNotPushed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 2)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", "")
	r.trusts(secret)
	w.pending(t, connection, r.URL)
	w.append(t, connection, ids[0], 1)
	w.deliver(t, nil)
	live := newReceiver(t) // to which it pushes meanwhile
	other, secret := w.connection(t, "two", live.URL)
	live.trusts(secret)
	w.append(t, other, ids[1], 1)
	until(t, "the other one is pushed to", func() bool { return len(live.events()) == 1 })
	if n := len(r.events()); n != 0 {
		t.Errorf("%d events before the proof", n)
	}
	w.tx(t, func(tx pgx.Tx) error {
		return SetProved(t.Context(), tx, w.vault, &Proof{Endpoint: r.URL, connection: connection,
			mark: w.mark(t, connection), at: time.Now()})
	})
	until(t, "it is pushed", func() bool { return len(r.events()) == 1 })
}

func (w world) mark(t testing.TB, connection string) (mark []byte) {
	t.Helper()
	if err := w.db.QueryRow(t.Context(), `select mark from connection where id = $1`,
		connection).Scan(&mark); err != nil {
		t.Fatal(err)
	}
	return mark
}
