package main

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/pgserver"
	"congdvc/services/postgres"
)

// pair is a PostgreSQL server and its standby, each on a port of loopback.
func (p *program) pair() (primary, standby *pgserver.Server) {
	p.Helper()
	settings := func() map[string]string {
		u := url.URL{Host: freeAddress(p)}
		return map[string]string{"listen_addresses": "127.0.0.1", "port": u.Port(), "fsync": "off",
			"synchronous_commit": "local"}
	}
	started := func(s *pgserver.Server, err error) *pgserver.Server {
		p.Helper()
		if err != nil {
			p.Fatal(err)
		}
		p.Cleanup(func() { _ = s.Stop() })
		return s
	}
	primary = started(pgserver.Start(p.Context(), filepath.Join(p.TempDir(), "first"), settings()))
	if err := primary.CreateDatabase(p.Context(), "portal"); err != nil {
		p.Fatal(err)
	}
	p.env["DATABASE_URL"] = primary.TCP("portal")
	p.must("migrate")
	p.must("import", "starter")
	standby = started(primary.Standby(p.Context(), filepath.Join(p.TempDir(), "second"), settings()))
	first, err := url.Parse(primary.TCP("portal"))
	if err != nil {
		p.Fatal(err)
	}
	second, err := url.Parse(standby.TCP("portal"))
	if err != nil {
		p.Fatal(err)
	}
	first.Host += "," + second.Host
	p.env["DATABASE_URL"] = first.String()
	return primary, standby
}

// asked is how a page answers: its status, 0 for none.
func asked(page string) int {
	client := http.Client{Timeout: 40 * time.Second}
	answer, err := client.Get(page)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// TestHungDatabase: every connection of the portal waits for an answer when its PostgreSQL hangs, and the
// standby takes over. Pages and background work go on from there by themselves, while the hung server still
// holds all that was open.
func TestHungDatabase(t *testing.T) {
	t.Parallel()
	s := prepareSite(t)
	primary, standby := s.pair()
	s.start()
	s.ready()
	// An address with a question is never answered from memory, as a public page is while the database is
	// away.
	page := s.url + address.Procedure("vi", "2.000635") + "?" + address.AskChannel + "=counter"
	if status := asked(page); status != http.StatusOK {
		t.Fatalf("%d before anything happened", status)
	}
	stop := s.crowd(page)
	defer stop()
	s.held(primary, 7) // all of eight but the one on which the queue listens
	s.ok(primary.Pause())
	hung := time.Now()
	s.ok(standby.Promote(t.Context()))
	// Without the bounds that are tried here it took more than two minutes.
	for asked(page) != http.StatusOK {
		if time.Since(hung) > 90*time.Second {
			t.Fatal("pages are not served again")
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("pages %.1f s after PostgreSQL hung", time.Since(hung).Seconds())
	there, err := postgres.Open(t.Context(), standby.URL("portal"))
	s.ok(err)
	defer there.Close()
	const done = `select exists (select 1 from river_job where state = 'completed' and finalized_at > $1)`
	s.until("background work goes on", func() bool {
		var is bool
		s.ok(there.QueryRow(t.Context(), done, hung).Scan(&is))
		return is
	})
	t.Logf("background work %.1f s after PostgreSQL hung", time.Since(hung).Seconds())
}

// crowd asks for a page all the time, sixteen at once, until it is stopped. Nobody is told anything but the
// page or that the portal cannot show it now.
func (s *site) crowd(page string) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			for ctx.Err() == nil {
				switch status := asked(page); status {
				case http.StatusOK:
				case http.StatusServiceUnavailable:
					time.Sleep(50 * time.Millisecond)
				default:
					s.Errorf("a page answers %d", status)
					return
				}
			}
		})
	}
	return func() { cancel(); running.Wait() }
}

// held locks what pages read, and returns when so many of the portal's connections wait for it.
func (s *site) held(server *pgserver.Server, most int) {
	s.Helper()
	direct, err := postgres.Open(s.Context(), server.URL("portal"))
	s.ok(err)
	tx, err := direct.Begin(s.Context())
	s.ok(err)
	s.Cleanup(func() {
		_ = server.Resume()
		_ = tx.Rollback(context.Background())
		direct.Close()
	})
	_, err = tx.Exec(s.Context(), `lock table procedure_version in access exclusive mode`)
	s.ok(err)
	const waiting = `select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database() and pid <> pg_backend_pid()`
	s.until("every connection of the portal waits", func() bool {
		var n int
		s.ok(direct.QueryRow(s.Context(), waiting).Scan(&n))
		return n >= most
	})
}
