// Package demooffice is the one-stop software of several agencies, for the demo and for tests. It is a real
// HTTP server, written from openapi.yaml alone, as a stranger would write it.
//
// It takes pushed events, and pulls the log when it starts. It stores an event before it accepts it. It
// fetches and checks every revision, and acknowledges each dossier under a code of its own. On its pages an
// officer receives or refuses a dossier, asks for a supplement and delivers a signed result; one page is
// about the connection itself.
//
// It belongs to the outside world: it imports nothing of this module and is never linked into cmd/portal. It
// signs its results with pdfsign and verifies none.
package demooffice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Agency is an authority that the software works for.
type Agency struct{ Code, Name string }

// Officer is somebody who works at an agency.
type Officer struct{ Agency, Name, Title, Phone string }

// Config says where the software listens and whom it serves.
type Config struct {
	Addr          string // host:port to listen on; empty = 127.0.0.1:0
	PortalURL     string // address of the portal, without a path
	APIKey        string // cdvc_…, with every scope; manage is for the page of the connection
	WebhookSecret string // whsec_…, which signs what the portal pushes
	Dir           string // folder of everything that survives a restart
	Agencies      []Agency
	Officers      []Officer // each agency needs one at least
	Now           func() time.Time
	Log           *slog.Logger
}

// Server is the running software. Its methods are safe for concurrent use.
type Server struct {
	Config
	portal  *portal
	secrets *secrets
	book    *book
	seals   *seals
	url     string
	server  *http.Server
	down    atomic.Bool
	work    chan struct{} // wakes the worker: an event may wait to be carried out
	stop    context.CancelFunc
	ended   sync.WaitGroup
}

// Start opens the folder, listens, and takes up what was left undone. It serves until Close, or until ctx
// ends. The portal does not have to answer yet.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Config: c, work: make(chan struct{}, 1)}
	for _, a := range c.Agencies {
		if _, ok := s.officerOf(a.Code); !ok {
			return nil, fmt.Errorf("demooffice: %s has no officer", a.Code)
		}
	}
	s.portal = &portal{base: strings.TrimSuffix(c.PortalURL, "/"), key: c.APIKey,
		client: &http.Client{Timeout: time.Minute}}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	var err error
	if s.secrets, err = openSecrets(c.Dir, c.WebhookSecret); err != nil {
		return nil, err
	}
	if s.book, err = openBook(c.Dir); err != nil {
		return nil, err
	}
	if s.seals, err = openSeals(c.Dir, c.Agencies, c.Now()); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("demooffice: %w", err)
	}
	s.url = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: time.Minute, WriteTimeout: time.Minute}
	ctx, s.stop = context.WithCancel(ctx)
	s.ended.Go(func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.Log.Error("one-stop software stopped serving", "error", err)
		}
	})
	s.ended.Go(func() { s.pull(ctx) })
	s.ended.Go(func() { s.carryOut(ctx) })
	context.AfterFunc(ctx, func() { _ = s.server.Close() })
	s.ring()
	return s, nil
}

// URL is the address of the officers' page.
func (s *Server) URL() string { return s.url }

// Endpoint is the address to which the portal pushes events.
func (s *Server) Endpoint() string { return s.url + EndpointPath }

// CAFile is the path of the certificate, in PEM, of the authority that issued the seals of the agencies. The
// portal trusts their results when this certificate is among its roots.
func (s *Server) CAFile() string { return s.seals.caFile }

// GoDown has the endpoint answer 503 to every event until ComeBack, and ends the reading of the log. The
// pages still work.
func (s *Server) GoDown() { s.down.Store(true) }

// ComeBack ends GoDown.
func (s *Server) ComeBack() { s.down.Store(false) }

// Close stops the software. The next Start goes on with what is stored.
func (s *Server) Close() error {
	s.stop()
	err := s.server.Close()
	s.ended.Wait()
	return err
}

// Dossiers lists what the software has, by code.
func (s *Server) Dossiers() []Dossier { return s.book.all() }

// Dossier returns one dossier, and whether the software has it.
func (s *Server) Dossier(code string) (Dossier, bool) { return s.book.find(code) }

func (s *Server) officerOf(agency string) (Officer, bool) {
	for _, o := range s.Officers {
		if o.Agency == agency {
			return o, true
		}
	}
	return Officer{}, false
}

func (s *Server) agencyName(code string) string {
	for _, a := range s.Agencies {
		if a.Code == code {
			return a.Name
		}
	}
	return code
}

// software is the actor of calls that no officer makes.
func (s *Server) software(agency string) actor {
	o, _ := s.officerOf(agency)
	return actor{Name: "Phần mềm một cửa", Title: "Hệ thống tự động", Unit: s.agencyName(agency),
		Phone: o.Phone}
}

func (s *Server) actorOf(o Officer) actor {
	return actor{Name: o.Name, Title: o.Title, Unit: s.agencyName(o.Agency), Phone: o.Phone}
}
