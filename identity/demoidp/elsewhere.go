package demoidp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Elsewhere says whether the pages that people see live on another origin than the issuer, as those of
// brokers do: another host name, localhost, and another port.
type Elsewhere string

// Where the pages live.
const (
	Nowhere      Elsewhere = ""           // on the issuer's origin
	ByForwarding Elsewhere = "forwarding" // the issuer's authorize and end_session redirect there
	ByDiscovery  Elsewhere = "discovery"  // the discovery document names authorize and end_session there
)

// The paths to which clients send browsers.
const (
	authorizePath  = "authorize"
	endSessionPath = "end_session"
)

// listenElsewhere opens the second origin.
func (s *Server) listenElsewhere(ctx context.Context, where Elsewhere) (net.Listener, error) {
	if s.where = where; where == Nowhere {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demoidp: listen for the pages: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	s.elsewhere = "http://localhost:" + port
	return listener, err
}

func closed(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}

// PagesURL is the origin on which people see the login page.
func (s *Server) PagesURL() string { return orDefault(s.elsewhere, s.issuer) }

// endpoints names the second origin in the discovery document, where it shall stand there.
func (s *Server) endpoints() []op.Option {
	if s.where != ByDiscovery {
		return nil
	}
	there := func(path string) *op.Endpoint { return op.NewEndpointWithURL(path, s.elsewhere+"/"+path) }
	return []op.Option{op.WithCustomAuthEndpoint(there(authorizePath)),
		op.WithCustomEndSessionEndpoint(there(endSessionPath))}
}

// forwarding is what the issuer's own origin answers.
func (s *Server) forwarding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/")
		if s.where == ByForwarding && (path == authorizePath || path == endSessionPath) {
			http.Redirect(w, r, s.elsewhere+r.URL.RequestURI(), http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// servePages serves the second origin until the server is closed.
func (s *Server) servePages(listener net.Listener, handler http.Handler) {
	if listener == nil {
		return
	}
	s.pages = &http.Server{Handler: handler, ReadHeaderTimeout: s.http.ReadHeaderTimeout,
		ReadTimeout: s.http.ReadTimeout, WriteTimeout: s.http.WriteTimeout,
		MaxHeaderBytes: s.http.MaxHeaderBytes}
	go func() {
		if err := s.pages.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("pages of the demonstration identity provider stopped", "error", err)
		}
	}()
}

// turnedAway is an error with which the next logins come back.
type turnedAway struct {
	mu                sync.Mutex
	code, description string
	times             int
}

// TurnAway sends the next so many logins straight back to the client with an error (RFC 6749, 4.1.2.1), as a
// provider does that cannot or will not show its page.
func (s *Server) TurnAway(code, description string, times int) {
	s.away.mu.Lock()
	defer s.away.mu.Unlock()
	s.away.code, s.away.description, s.away.times = code, description, times
}

func (s *Server) turningAway(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := r.URL.Query().Get("redirect_uri")
		if r.URL.Path != "/"+authorizePath || !slices.Contains(s.store.client.cfg.RedirectURIs, to) {
			next.ServeHTTP(w, r)
			return
		}
		s.away.mu.Lock()
		left, back := s.away.times, url.Values{"error": {s.away.code}, "state": r.URL.Query()["state"]}
		if s.away.description != "" {
			back.Set("error_description", s.away.description)
		}
		s.away.times = max(0, left-1)
		s.away.mu.Unlock()
		if left == 0 {
			next.ServeHTTP(w, r)
			return
		}
		http.Redirect(w, r, to+"?"+back.Encode(), http.StatusFound)
	})
}
