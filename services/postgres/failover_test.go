package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgserver"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

// patience is for what comes at once unless something hangs.
const patience = 90 * time.Second

// pair is a server and the one that follows it.
type pair struct{ primary, standby *pgserver.Server }

func newPair(t *testing.T) pair {
	t.Helper()
	start := func(s *pgserver.Server, err error) *pgserver.Server {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Stop() })
		return s
	}
	settings := func() map[string]string {
		return map[string]string{"listen_addresses": "127.0.0.1", "port": freePort(t), "fsync": "off",
			"synchronous_commit": "local"}
	}
	var p pair
	p.primary = start(pgserver.Start(t.Context(), filepath.Join(t.TempDir(), "first"), settings()))
	if err := p.primary.CreateDatabase(t.Context(), "portal"); err != nil {
		t.Fatal(err)
	}
	p.standby = start(p.primary.Standby(t.Context(), filepath.Join(t.TempDir(), "second"), settings()))
	return p
}

// url names both, the first one first.
func (p pair) url(t *testing.T) string {
	t.Helper()
	first, err := url.Parse(p.primary.TCP("portal"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := url.Parse(p.standby.TCP("portal"))
	if err != nil {
		t.Fatal(err)
	}
	first.Host += "," + second.Host
	return first.String()
}

// freePort is one outside the range from which the kernel serves those who do not choose.
func freePort(t *testing.T) string {
	t.Helper()
	for port := 10200; port < 20000; port += 7 {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, taken := ports.LoadOrStore(port, true); !taken {
			return strconv.Itoa(port)
		}
	}
	t.Fatal("no free port")
	return ""
}

var ports sync.Map

// watched is a pool with its watch, as a long-lived process has it.
func watched(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, watch, err := postgres.OpenWatched(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { watch.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait(); pool.Close() })
	return pool
}

// short is a statement that a server which lives brings to its end.
const short = `select pg_sleep(25)`

// hours is a statement that only its end from outside ends.
const hours = `select pg_sleep(10000)`

// busy takes every connection of the pool for a statement; what became of each comes on the channel.
func busy(t *testing.T, pool *pgxpool.Pool, statement string) <-chan error {
	t.Helper()
	size := int(pool.Config().MaxConns)
	ended := make(chan error, size)
	for range size {
		go func() {
			_, err := pool.Exec(context.Background(), statement)
			ended <- err
		}()
	}
	until(t, "all connections are busy", func() bool {
		return pool.Stat().AcquiredConns() == int32(size) && pool.Stat().ConstructingConns() == 0
	})
	return ended
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// With every connection waiting for an answer, the server hangs and the other one takes over: who waited is
// told, and the pool serves from there, for writing.
func TestFailover(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	pool := watched(t, p.url(t))
	if _, err := pool.Exec(t.Context(), `create table note (word text)`); err != nil {
		t.Fatal(err)
	}
	until(t, "the standby has the table", func() bool { return p.follows(t) })
	ended := busy(t, pool, short)
	if err := p.primary.Pause(); err != nil {
		t.Fatal(err)
	}
	hung := time.Now()
	if err := p.standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the pool writes again", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := pool.Exec(ctx, `insert into note values ('viết')`)
		return err == nil
	})
	t.Logf("written again %.1f s after the server hung", time.Since(hung).Seconds())
	for range cap(ended) {
		select {
		case err := <-ended:
			if err == nil {
				t.Error("a statement at the server that hangs came to its end")
			}
		case <-time.After(patience):
			t.Fatal("a statement waits for the server that hangs")
		}
	}
	t.Logf("nobody waits for it after %.1f s", time.Since(hung).Seconds())
	// More connections than one lead to the new server, all of them past the old one.
	for _, err := range []error{p.standbyServes(t, pool), p.primary.Resume()} {
		if err != nil {
			t.Error(err)
		}
	}
}

// The server turns read-only while another one takes over: a connection that answers so leaves the pool, and
// the others follow.
func TestDemoted(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	pool := watched(t, p.url(t))
	if _, err := pool.Exec(t.Context(), `create table note (word text)`); err != nil {
		t.Fatal(err)
	}
	until(t, "the standby has the table", func() bool { return p.follows(t) })
	ended := busy(t, pool, short)
	if err := p.standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	direct := open(t, p.primary.URL("postgres"))
	defer direct.Close()
	const demote = `alter system set default_transaction_read_only = on`
	for _, statement := range []string{demote, `select pg_reload_conf()`} {
		if _, err := direct.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	demoted := time.Now()
	// One more connection than are busy, since those have not heard of it.
	if _, err := direct.Exec(t.Context(), `select pg_terminate_backend(pid) from (
    select pid from pg_stat_activity where query like '%pg_sleep(25)%' and pid <> pg_backend_pid() limit 1) any_one`); err != nil {
		t.Fatal(err)
	}
	until(t, "the pool writes again", func() bool {
		_, err := pool.Exec(t.Context(), `insert into note values ('viết')`)
		return err == nil
	})
	t.Logf("written again %.1f s after the server became read-only", time.Since(demoted).Seconds())
	if err := p.standbyServes(t, pool); err != nil {
		t.Error(err)
	}
	for range cap(ended) {
		<-ended
	}
}

// A connection that cannot write leaves the pool, so that the next one may.
func TestReadOnlyLeaves(t *testing.T) {
	t.Parallel()
	pool := open(t, pgtest.New(t).Config().ConnString()+"&pool_max_conns=1")
	defer pool.Close()
	for _, statement := range []string{`create table note (word text)`,
		`set default_transaction_read_only = on`} {
		if _, err := pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var refused *pgconn.PgError
	const write = `insert into note values ('viết')`
	if _, err := pool.Exec(t.Context(), write); !errors.As(err, &refused) || refused.Code != "25006" {
		t.Fatalf("%v, not the refusal to write", err)
	}
	if _, err := pool.Exec(t.Context(), write); err != nil {
		t.Errorf("the connection stayed: %v", err)
	}
}

// The only server hangs with every connection waiting, without a bound of their own, as background work does:
// they are told, and the pool serves as soon as the server goes on.
func TestHungAlone(t *testing.T) {
	t.Parallel()
	server, err := pgserver.Start(t.Context(), filepath.Join(t.TempDir(), "only"), map[string]string{
		"listen_addresses": "127.0.0.1", "port": freePort(t), "fsync": "off"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	pool := watched(t, server.TCP("postgres"))
	ended := busy(t, pool, hours)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	hung := time.Now()
	for range cap(ended) {
		select {
		case err := <-ended:
			if err == nil {
				t.Error("a statement at the server that hangs came to its end")
			}
		case <-time.After(patience):
			t.Fatal("a statement waits for the server that hangs")
		}
	}
	t.Logf("nobody waits for it after %.1f s", time.Since(hung).Seconds())
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	until(t, "the pool serves again", func() bool {
		_, err := pool.Exec(t.Context(), `select 1`)
		return err == nil
	})
}

func (p pair) follows(t *testing.T) bool {
	t.Helper()
	there := open(t, p.standby.URL("portal"))
	defer there.Close()
	var exists bool
	if err := there.QueryRow(t.Context(), `select to_regclass('note') is not null`).Scan(&exists); err != nil {
		t.Fatal(err)
	}
	return exists
}

func open(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// standbyServes takes all connections of the pool at once and asks each where it leads.
func (p pair) standbyServes(t *testing.T, pool *pgxpool.Pool) error {
	var want int
	direct := open(t, p.standby.URL("portal"))
	defer direct.Close()
	const port = `select current_setting('port')::int`
	if err := direct.QueryRow(t.Context(), port).Scan(&want); err != nil {
		return err
	}
	for range pool.Config().MaxConns {
		conn, err := pool.Acquire(t.Context())
		if err != nil {
			return err
		}
		defer conn.Release()
		var got int
		if err := conn.QueryRow(t.Context(), port).Scan(&got); err != nil || got != want {
			return fmt.Errorf("a connection leads to port %d, %v; want %d", got, err, want)
		}
	}
	return nil
}
