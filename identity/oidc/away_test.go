package oidc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"congdvc/identity/oidc"
)

func TestProviderAway(t *testing.T) {
	t.Parallel()
	idp := startProvider(t)
	c := newClient(idp)
	p, back := login(t, c, "lan")
	idp.Close()
	_, _, err := c.Finish(t.Context(), p, back.Get("state"), back.Get("code"))
	wantErr(t, err, oidc.ErrAway)

	// A client that never reached it says so, and leads nowhere at the logout.
	late := newClient(idp)
	_, _, err = late.Begin(t.Context(), "vi", "")
	wantErr(t, err, oidc.ErrAway)
	wantErr(t, late.Check(t.Context()), oidc.ErrAway)
	if got := late.LogoutURL("hint", logoutURL, "vi"); got != "" {
		t.Errorf("LogoutURL while away = %q", got)
	}
}

func TestProviderComesBack(t *testing.T) {
	t.Parallel()
	up := make(chan struct{})
	var issuer string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case <-up:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"issuer":"` + issuer + `","authorization_endpoint":"` + issuer +
				`/a","token_endpoint":"` + issuer + `/t","jwks_uri":"` + issuer + `/k"}`))
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(provider.Close)
	issuer = provider.URL
	c := oidc.New(clientConfig(issuer))
	_, _, err := c.Begin(t.Context(), "vi", "")
	wantErr(t, err, oidc.ErrAway)
	close(up)
	for range 100 { // it holds off for a moment before it asks again
		if _, _, err = c.Begin(t.Context(), "vi", ""); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("still %v", err)
}

func TestSilentProviderTimesOut(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(over); silent.Close() })
	cfg := clientConfig(silent.URL)
	cfg.Timeout = 30 * time.Millisecond
	_, _, err := oidc.New(cfg).Begin(context.Background(), "vi", "")
	wantErr(t, err, oidc.ErrAway)
}
