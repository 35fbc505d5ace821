// Package demoidp is an OpenID provider for the demonstration and for tests: the outside world, with invented
// people who speak VNeID's claims. It is a real provider (zitadel/oidc: discovery, code with PKCE S256,
// nonce, JWKS, userinfo, end_session), except that a person is chosen with one tap instead of proven. It
// imports none of the portal's packages and is never linked into cmd/portal.
package demoidp

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// Config says where the provider listens and which single client it serves.
type Config struct {
	Addr           string   // where to listen; "" is a free port of 127.0.0.1
	Issuer         string   // how clients name it; "" is http:// and the address listened on
	ClientID       string   // the client's name
	ClientSecret   string   // the client's secret, sent by HTTP Basic
	RedirectURIs   []string // exact addresses to which codes may be sent
	PostLogoutURIs []string // exact addresses to return to after logging out
	People         []Person // who can log in; nil is DefaultPeople
	// PEM file of the signing key, made when it is missing; "" is a new key at each start
	KeyFile string
	// Elsewhere has the pages on another origin than the issuer.
	Elsewhere Elsewhere
	Log       *slog.Logger // nil is slog.Default
}

// Server is a running provider.
type Server struct {
	issuer    string
	people    []Person
	store     *storage
	provider  *op.Provider
	callback  func(context.Context, string) string
	returnsTo []string // origins of the client's pages, for the content security policy
	where     Elsewhere
	elsewhere string // the second origin, "" without one
	fault     atomic.Value
	away      turnedAway
	http      *http.Server
	pages     *http.Server // of the second origin; nil without one
	log       *slog.Logger
}

// Start listens and serves until Close, or until ctx ends.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.ClientID == "" || cfg.ClientSecret == "" || len(cfg.RedirectURIs) == 0 {
		return nil, errors.New("demoidp: a client id, a client secret and a redirect URI are needed")
	}
	people := cfg.People
	if people == nil {
		var err error
		if people, err = DefaultPeople(); err != nil {
			return nil, err
		}
	}
	key, err := loadKey(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", orDefault(cfg.Addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("demoidp: listen on %s: %w", cfg.Addr, err)
	}
	s := &Server{
		issuer: strings.TrimRight(orDefault(cfg.Issuer, "http://"+listener.Addr().String()), "/"),
		people: people,
		store:  newStorage(&client{cfg: cfg}, people, key),
		log:    cfg.Log,
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	second, err := s.listenElsewhere(ctx, cfg.Elsewhere)
	if err == nil {
		err = s.setUp(cfg)
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close(), closed(second))
	}
	s.servePages(second, s.handler())
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("demonstration identity provider stopped", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = s.Close() })
	s.log.InfoContext(ctx, "demonstration identity provider is listening", "issuer", s.issuer)
	return s, nil
}

// setUp makes the provider and the handler that serves it together with the login page.
func (s *Server) setUp(cfg Config) error {
	config := &op.Config{
		DefaultLogoutRedirectURI: "/logged-out",
		CodeMethodS256:           true,
		SupportedUILocales:       []language.Tag{language.Vietnamese, language.English},
		SupportedScopes:          []string{"openid", "profile"},
		SupportedClaims:          claimNames(),
	}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return fmt.Errorf("demoidp: key for access tokens: %w", err)
	}
	options := append(s.endpoints(), op.WithCORSOptions(nil))
	if strings.HasPrefix(s.issuer, "http://") {
		options = append(options, op.WithAllowInsecure())
	}
	provider, err := op.NewProvider(config, s.store, op.StaticIssuer(s.issuer), options...)
	if err != nil {
		return fmt.Errorf("demoidp: provider: %w", err)
	}
	s.provider, s.callback = provider, op.AuthCallbackURL(provider)
	uris := slices.Concat(cfg.RedirectURIs, cfg.PostLogoutURIs)
	if s.where != Nowhere {
		uris = append(uris, s.issuer, s.elsewhere) // the way back leads over both
	}
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Host == "" {
			return fmt.Errorf("demoidp: %q is not an absolute address", uri)
		}
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(s.returnsTo, origin) {
			s.returnsTo = append(s.returnsTo, origin)
		}
	}
	s.fault.Store(NoFault)
	s.http = &http.Server{
		Handler:           s.forwarding(s.handler()),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	return nil
}

// handler serves the login page beside the protocol's own addresses.
func (s *Server) handler() http.Handler {
	withIssuer := op.NewIssuerInterceptor(s.provider.IssuerFromRequest).HandlerFunc
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", withIssuer(s.chooseLogin))
	mux.HandleFunc("GET /logged-out", s.showLoggedOut)
	mux.HandleFunc("GET /login.css", s.serveStyle)
	mux.Handle("/", s.faulty(s.provider))
	return http.MaxBytesHandler(s.turningAway(mux), 64<<10)
}

// URL is the issuer: the address under which the provider is found, without a trailing slash.
func (s *Server) URL() string { return s.issuer }

// People lists those who can log in.
func (s *Server) People() []Person { return slices.Clone(s.people) }

// Close stops listening and lets running requests end for two seconds. Closing twice does no harm.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var faults []error
	for _, server := range []*http.Server{s.http, s.pages} {
		if server != nil && server.Shutdown(ctx) != nil {
			faults = append(faults, server.Close())
		}
	}
	return errors.Join(faults...)
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
