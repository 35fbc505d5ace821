package oidc_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"congdvc/identity/oidc"
)

// silent is a provider that answers nothing until it is told to.
func silent(t *testing.T) (issuer string, asked *atomic.Int32) {
	t.Helper()
	over := make(chan struct{})
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(over); server.Close() })
	return server.URL, asked
}

// TestNobodyWaitsForASilentProvider: with a call under way that never ends, a logout goes on at once, whoever
// gives up does so alone, and a login waits no longer than a visitor is patient. Were one of them to wait for
// the call, this test would not end.
func TestNobodyWaitsForASilentProvider(t *testing.T) {
	t.Parallel()
	issuer, asked := silent(t)
	cfg := clientConfig(issuer)
	cfg.Timeout, cfg.Patience = 24*time.Hour, 20*time.Millisecond
	c := oidc.New(cfg)
	if to := c.LogoutURL("", logoutURL, "vi"); to != "" {
		t.Errorf("the logout leads to %s", to)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := c.Begin(gone, "vi", "")
	wantErr(t, err, oidc.ErrAway)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, _, err := c.Begin(t.Context(), "vi", "")
			wantErr(t, err, oidc.ErrAway)
		})
	}
	group.Wait()
	if n := asked.Load(); n > 1 {
		t.Errorf("it was asked %d times at once", n)
	}
}

// moving is a transport with a provider behind it, whose endpoints move and which can be away.
type moving struct {
	mu   sync.Mutex
	home string // "" is away
	asks int    // for its discovery document
}

func (m *moving) move(home string) { m.mu.Lock(); defer m.mu.Unlock(); m.home = home }

func (m *moving) asked() int { m.mu.Lock(); defer m.mu.Unlock(); return m.asks }

func (m *moving) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.Contains(r.URL.Path, "/.well-known/") {
		m.asks++
	}
	answer := httptest.NewRecorder()
	if m.home == "" {
		answer.WriteHeader(http.StatusBadGateway)
		return answer.Result(), nil
	}
	answer.Header().Set("Content-Type", "application/json")
	_, _ = answer.WriteString(strings.ReplaceAll(`{"issuer":"https://id.test","jwks_uri":"HOME/k",
		"authorization_endpoint":"HOME/a","token_endpoint":"HOME/t","end_session_endpoint":"HOME/e"}`, "HOME",
		m.home))
	return answer.Result(), nil
}

// TestALoginThatFailsHasTheProviderLookedAtAnew: a provider that moved is found without a wait of hours, and
// not asked again for each login that fails.
func TestALoginThatFailsHasTheProviderLookedAtAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider := &moving{}
		provider.move("https://old.test")
		cfg := clientConfig("https://id.test")
		cfg.Transport = provider
		c := oidc.New(cfg)
		p, _, err := c.Begin(t.Context(), "vi", "")
		if err != nil {
			t.Fatal(err)
		}
		provider.move("https://new.test")
		time.Sleep(time.Minute)
		before := provider.asked()
		for range 5 { // what answers at the token endpoint is no token
			_, _, err = c.Finish(t.Context(), p, p.State, "code")
			wantErr(t, err, oidc.ErrAway)
			synctest.Wait()
		}
		if asked := provider.asked() - before; asked != 1 {
			t.Errorf("looked for %d times", asked)
		}
		if _, to, _ := c.Begin(t.Context(), "vi", ""); !strings.HasPrefix(to, "https://new.test/a?") {
			t.Errorf("led to %s", to)
		}
	})
}

// TestRunKeepsTheProviderFound: at a standing clock, the provider is found without a visitor, is found again
// after it was away, and is found at its new place; nobody's login waits for any of it.
func TestRunKeepsTheProviderFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		provider, log := &moving{}, &bytes.Buffer{}
		cfg := clientConfig("https://id.test")
		cfg.Transport = provider
		c := oidc.New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go c.Run(ctx, slog.New(slog.NewTextHandler(log, nil)))
		began := func(want string) {
			t.Helper()
			synctest.Wait()
			asks := provider.asked()
			_, to, err := c.Begin(t.Context(), "vi", "")
			if err != nil || !strings.HasPrefix(to, want+"/a?") {
				t.Errorf("%q, %v; want %s", to, err, want)
			}
			if leaves := c.LogoutURL("", logoutURL, "vi"); !strings.HasPrefix(leaves, want+"/e?") {
				t.Errorf("the logout leads to %q", leaves)
			}
			if provider.asked() != asks {
				t.Error("a visitor's request asked the provider")
			}
		}
		time.Sleep(10 * time.Minute) // it is away, and asked less and less often
		if asks := provider.asked(); asks < 10 || asks > 40 {
			t.Errorf("asked %d times in ten minutes", asks)
		}
		provider.move("https://id.test")
		time.Sleep(time.Minute)
		began("https://id.test")
		provider.move("https://new.test")
		time.Sleep(20 * time.Minute)
		began("https://new.test")
		provider.move("")
		time.Sleep(time.Hour)
		began("https://new.test") // what was found last is better than nothing
		provider.move("https://third.test")
		time.Sleep(time.Minute)
		began("https://third.test")
		if away := strings.Count(log.String(), "is away"); away != 2 ||
			strings.Count(log.String(), "is back") != 2 {
			t.Errorf("the log says:\n%s", log)
		}
		cancel()
		synctest.Wait()
	})
}
