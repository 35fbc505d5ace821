// Package demostripe is a stand-in for Stripe, for the demo and for tests: a real HTTP server with the part
// of Stripe's API that a portal with hosted payment pages uses (Checkout Sessions, PaymentIntents, Refunds),
// the hosted page itself, and signed webhooks that are delivered late, twice or not at all when a test asks
// for it.
//
// It belongs to the outside world: it imports nothing of this module and is never linked into the real
// program. Shapes, error codes and limits follow Stripe's API of version 2023-10-16
// (https://docs.stripe.com/api).
package demostripe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// apiVersion is the version stamped on every event; stripe-go v76 refuses any other.
const apiVersion = "2023-10-16"

// Config says where the server listens and whom it serves.
type Config struct {
	Addr          string          // host:port to listen on; empty = 127.0.0.1:0
	PublicURL     string          // origin that a payer's browser reaches; empty = the address listened on
	SecretKey     string          // the only API key accepted
	WebhookURL    string          // where events are sent; empty = none are sent
	WebhookSecret string          // signs the events
	Dir           string          // folder of the state file, which survives a restart; empty = memory only
	SmallestVND   int64           // smallest total accepted, in đồng; 0 = 13000 (about half a US dollar)
	Merchant      string          // who collects, as the hosted page says it; empty = Cổng Dịch vụ công
	Pauses        []time.Duration // pauses between deliveries of one event; nil = 1 s growing to 10 minutes
	Now           func() time.Time
	Log           *slog.Logger
}

// Server is a running stand-in. Its methods are safe for concurrent use.
type Server struct {
	config   Config
	handler  http.Handler
	http     *http.Server
	listener net.Listener
	client   *http.Client

	mu    sync.Mutex // guards book and knobs
	book  *book
	knobs knobs

	life  context.Context // ends at Close; deliveries and the expiry watch live in it
	stop  context.CancelFunc
	tasks sync.WaitGroup
}

// Start listens and serves until Close, or until ctx ends. It reloads the state of Config.Dir and takes up
// the deliveries that were still owed.
func Start(ctx context.Context, c Config) (*Server, error) {
	s, err := newServer(ctx, c)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	s.listener, err = lc.Listen(ctx, "tcp", s.config.Addr)
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("demostripe: listen on %s: %w", s.config.Addr, err)
	}
	if s.config.PublicURL == "" {
		s.config.PublicURL = "http://" + s.listener.Addr().String()
	}
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second}
	s.tasks.Go(func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.config.Log.Error("demostripe stopped serving", "error", err)
		}
	})
	s.tasks.Go(s.watchExpiry)
	s.tasks.Go(func() {
		<-s.life.Done()
		_ = s.http.Close() // ends Serve; what was being answered is repeated by the client
	})
	s.resume()
	return s, nil
}

func newServer(ctx context.Context, c Config) (*Server, error) {
	if c.SecretKey == "" {
		return nil, errors.New("demostripe: Config.SecretKey is empty")
	}
	if c.WebhookURL != "" && c.WebhookSecret == "" {
		return nil, errors.New("demostripe: Config.WebhookSecret is empty")
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.SmallestVND == 0 {
		c.SmallestVND = 13_000
	}
	if c.Merchant == "" {
		c.Merchant = "Cổng Dịch vụ công"
	}
	if c.Pauses == nil {
		c.Pauses = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second,
			time.Minute, 5 * time.Minute, 10 * time.Minute}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	path := ""
	if c.Dir != "" {
		path = filepath.Join(c.Dir, "demostripe.json")
	}
	b, err := openBook(path)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, book: b, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.knobs.twice = true
	s.life, s.stop = context.WithCancel(ctx)
	s.handler = s.routes()
	return s, nil
}

// URL is the origin the API listens on, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops serving and delivering. Events not yet delivered are kept in the state file and sent after the
// next Start.
func (s *Server) Close() error {
	s.mu.Lock()
	s.stop() // under the lock, so that no delivery starts after Wait
	s.mu.Unlock()
	s.tasks.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.save()
}

// watchExpiry ends the sessions whose time ran out, as Stripe does by itself.
func (s *Server) watchExpiry() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-tick.C:
			s.expireDue()
		}
	}
}

func (s *Server) expireDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now().Unix()
	for _, c := range s.book.Sessions {
		if c.Status == "open" && c.ExpiresAt <= now {
			s.expire(c)
		}
	}
}
