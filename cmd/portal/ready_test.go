package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// readyz is what the portal says of itself, and its status; 0 when nobody answers.
func (s *site) readyz() (int, map[string]any) {
	answer, err := http.Get("http://" + s.env["INSIDE_LISTEN"] + "/readyz")
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	var says map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&says); err != nil {
		s.Error(err)
	}
	return answer.StatusCode, says
}

// says waits until readyz answers with a status and has a member of that value.
func (s *site) says(status int, member string, value any) {
	s.Helper()
	s.until(fmt.Sprintf("readyz answers %d with %s %v", status, member, value), func() bool {
		is, says := s.readyz()
		return is == status && says[member] == value
	})
}

// TestReadyNamesWhatFails: each part fails in its ways, and comes back.
func TestReadyNamesWhatFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.says(http.StatusOK, "status", "ready")
	database := s.pool.Config().ConnConfig.Database
	for name, sql := range map[string]string{
		"read only": `alter database %s set default_transaction_read_only = on`,
		"closed":    `alter database %s allow_connections false`,
	} {
		t.Run(name, func(t *testing.T) {
			s.administer(fmt.Sprintf(sql, database))
			s.says(http.StatusServiceUnavailable, "postgresql", false)
			if _, says := s.readyz(); says["status"] != "unready" || says["files"] != true ||
				says["redis"] != true {
				t.Errorf("readyz says %v", says)
			}
			s.administer(`alter database `+database+` allow_connections true`,
				`alter database `+database+` reset default_transaction_read_only`)
			s.says(http.StatusOK, "postgresql", true)
		})
	}
	s.ok(os.Rename(s.env["FILES_DIR"], s.env["FILES_DIR"]+".away"))
	s.says(http.StatusServiceUnavailable, "files", false)
	s.ok(os.Rename(s.env["FILES_DIR"]+".away", s.env["FILES_DIR"]))
	s.says(http.StatusOK, "files", true)
	for _, refusal := range []string{"READONLY You can't write against a read only replica.",
		"OOM command not allowed when used memory > 'maxmemory'.",
		"MISCONF Redis is configured to save RDB snapshots"} {
		s.redis.SetError(refusal)
		s.says(http.StatusOK, "redis", false)
		s.redis.SetError("")
		s.says(http.StatusOK, "redis", true)
	}
	s.redis.Close()
	s.says(http.StatusOK, "redis", false)
	v := s.stranger()
	if answer, _ := v.get(s.url + "/"); answer.StatusCode != http.StatusOK {
		t.Errorf("without Redis the home page answers %d", answer.StatusCode)
	}
}

// TestReadyzTellsNames: whoever may ask sees which part fails, and not how.
func TestReadyzTellsNames(t *testing.T) {
	t.Parallel()
	r := &readiness{log: slog.New(slog.DiscardHandler), proofs: []*proof{
		{name: "postgresql", needed: true, prove: func(context.Context) error {
			return errors.New("connect to db1 as portal: secret-word")
		}},
		{name: "redis", prove: func(context.Context) error { return nil }},
	}}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	const want = `{"postgresql":false,"redis":true,"status":"unready"}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusServiceUnavailable || got != want {
		t.Errorf("%d %s, want %s", w.Code, got, want)
	}
}

// TestProofsAreRare: a crowd that asks at once has each part proved once, and a part that hangs is not tried
// again before it lets go.
func TestProofsAreRare(t *testing.T) {
	t.Parallel()
	var proved, hung atomic.Int64
	release := make(chan struct{})
	slow := &proof{name: "slow", prove: func(context.Context) error {
		hung.Add(1)
		<-release
		return nil
	}}
	r := &readiness{log: slog.New(slog.DiscardHandler), proofs: []*proof{
		{name: "quick", needed: true, prove: func(context.Context) error {
			proved.Add(1)
			return nil
		}}, slow}}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if works, _, ready := r.look(); !ready || !works["quick"] || works["slow"] {
				t.Errorf("%v %v", works, ready)
			}
		})
	}
	all.Wait()
	if n := proved.Load(); n != 1 {
		t.Errorf("proved %d times", n)
	}
	for range 3 {
		if err := slow.try(0); !errors.Is(err, errNoAnswer) {
			t.Error(err)
		}
	}
	close(release)
	if err := slow.try(patience); err != nil || hung.Load() != 1 {
		t.Errorf("%v after %d tries", err, hung.Load())
	}
}

// TestDraining: told to end, the portal first says so, and still answers. Each answer ends its connection.
func TestDraining(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.kill()
	s.env["DRAIN"] = "10m"
	s.start()
	s.ready()
	v := s.stranger()
	if answer, _ := v.get(s.url + "/"); answer.Close {
		t.Error("a portal that goes on closes connections")
	}
	s.ok(s.child.process.Signal(syscall.SIGTERM))
	s.says(http.StatusServiceUnavailable, "status", "draining")
	for _, path := range []string{"/", "/dang-nhap", "/api/v1/openapi.yaml", "/khong-co"} {
		if answer, _ := v.get(s.url + path); answer.StatusCode >= 500 || !answer.Close {
			t.Errorf("%s: %d, last of its connection: %v", path, answer.StatusCode, answer.Close)
		}
	}
	healthy, err := http.Get("http://" + s.env["INSIDE_LISTEN"] + "/healthz")
	s.ok(err)
	defer healthy.Body.Close()
	_, _ = io.Copy(io.Discard, healthy.Body)
	if healthy.StatusCode != http.StatusNoContent {
		t.Errorf("healthz: %d", healthy.StatusCode)
	}
	s.ok(s.child.process.Signal(syscall.SIGTERM)) // in much less than ten minutes
	s.ended()
}

// ended waits until the portal has ended by itself, and without a fault.
func (s *site) ended() {
	s.Helper()
	s.until("the portal ends", func() bool {
		select {
		case <-s.child.ended:
			return true
		default:
			return false
		}
	})
	text, err := os.ReadFile(s.log)
	s.ok(err)
	if strings.Contains(string(text), "\nportal: ") {
		s.Errorf("it ended with a fault: %s", text)
	}
}

// administer changes the database, and ends all connections to it.
func (s *site) administer(statements ...string) {
	s.Helper()
	config := s.pool.Config().ConnConfig.Copy()
	statements = append(statements, `select pg_terminate_backend(pid) from pg_stat_activity
		where pid <> pg_backend_pid() and datname = '`+config.Database+`'`)
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(s.Context(), config)
	s.ok(err)
	defer admin.Close(s.Context())
	for _, sql := range statements {
		_, err := admin.Exec(s.Context(), sql)
		s.ok(err)
	}
}

// stranger is somebody who is not logged in.
func (s *site) stranger() *visitor {
	return &visitor{site: s, client: &http.Client{Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}
