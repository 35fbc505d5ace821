package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jackc/pgx/v5/pgconn"

	"congdvc/services/pgserver"
)

// A connection of the pool bears the bounds by which the kernel notices that the other machine is gone.
func TestSocketBounds(t *testing.T) {
	t.Parallel()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, number, _ := net.SplitHostPort(port.Addr().String())
	_ = port.Close()
	server, err := pgserver.Start(t.Context(), t.TempDir()+"/server", map[string]string{"fsync": "off",
		"listen_addresses": "127.0.0.1", "port": number})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	pool, err := Open(t.Context(), server.TCP("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	raw, err := lineOf(conn.Conn().PgConn()).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range []struct {
		name               string
		level, which, want int
	}{
		{"TCP_USER_TIMEOUT", unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 10_000},
		{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
		{"TCP_KEEPIDLE", unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 5},
		{"TCP_KEEPINTVL", unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 2},
		{"TCP_KEEPCNT", unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
	} {
		var got int
		var asked error
		err := raw.Control(func(fd uintptr) {
			got, asked = unix.GetsockoptInt(int(fd), option.level, option.which)
		})
		if err := errors.Join(err, asked); err != nil || got != option.want {
			t.Errorf("%s = %d, %v; want %d", option.name, got, err, option.want)
		}
	}
}

// The URL's own times win; without any there are some.
func TestPatience(t *testing.T) {
	t.Parallel()
	const server = "postgres://portal@127.0.0.1:1/portal"
	for _, c := range []struct {
		url           string
		connect, ping time.Duration
	}{
		{server, 3 * time.Second, 2 * time.Second},
		{server + "?connect_timeout=7", 7 * time.Second, 2 * time.Second},
		{server + "?pool_ping_timeout=900ms", 3 * time.Second, 900 * time.Millisecond},
		{"host=127.0.0.1 port=1 connect_timeout=4", 4 * time.Second, 2 * time.Second},
	} {
		config, err := (&Watch{lines: &lines{}}).configure(c.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.ConnConfig.ConnectTimeout; got != c.connect {
			t.Errorf("%s: %v to connect, want %v", c.url, got, c.connect)
		}
		if config.PingTimeout != c.ping {
			t.Errorf("%s: %v for a ping, want %v", c.url, config.PingTimeout, c.ping)
		}
	}
}

// Of several hosts the one is taken that can be written to, unless the URL says which.
func TestWhichHost(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]bool{
		"postgres://portal@db1/portal?sslmode=prefer":                     false,
		"postgres://portal@db1,db2/portal":                                true,
		"postgres://portal@db1:5432,db1:5433/portal":                      true,
		"postgres://portal@db1,db2/portal?target_session_attrs=any":       false,
		"postgres://portal@db1/portal?target_session_attrs=read-write":    true,
		"host=db1,db2 dbname=portal user=portal sslmode=disable":          true,
		"host=db1,db2 dbname=portal user=portal target_session_attrs=any": false,
	} {
		config, err := (&Watch{lines: &lines{}}).configure(given)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.ConnConfig.ValidateConnect != nil; got != want {
			t.Errorf("%s: asks whether it can write: %v, want %v", given, got, want)
		}
	}
}

// A connection that is no longer the right one leaves the pool; one whose statement was at fault stays.
func TestWhatLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, severity string
		keeps, doubts  bool
	}{
		{"25006", "ERROR", false, true},
		{"57P01", "FATAL", false, true},
		{"57P02", "FATAL", false, true},
		{"57P01", "CHẾT", false, true}, // in the server's own language
		{"53300", "FATAL", false, false},
		{"23505", "ERROR", true, false},
		{"57014", "ERROR", true, false},
		{"40P01", "ERROR", true, false},
	} {
		w := &Watch{lines: &lines{}, doubt: make(chan struct{}, 1)}
		for range 3 { // and it never waits
			fault := &pgconn.PgError{Code: c.code, Severity: c.severity, SeverityUnlocalized: c.severity}
			if got := w.keeps(nil, fault); got != c.keeps {
				t.Errorf("%s %s: kept %v", c.severity, c.code, got)
			}
		}
		if got := len(w.doubt) > 0; got != c.doubts {
			t.Errorf("%s: the server is doubted: %v", c.code, got)
		}
	}
}

// Whoever is asked to cancel and does not answer is not waited for, nor is the connection kept whose place
// in the pool it takes.
func TestFarewell(t *testing.T) {
	t.Parallel()
	mute, err := net.Listen("tcp", "127.0.0.1:0") // the kernel takes connections, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	k := &caller{all: &lines{}}
	conn, err := k.dial(t.Context(), "tcp", mute.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	k.line = conn.(*line)
	ends := func(what string, conn net.Conn, want error) {
		t.Helper()
		ended := make(chan error, 1)
		go func() {
			_, err := conn.Read(make([]byte, 1))
			ended <- err
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, want) {
				t.Errorf("%s ends with %v, want %v", what, err, want)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("%s is waited for", what)
		}
	}
	request, err := k.dial(context.Background(), "tcp", mute.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer request.Close()
	ends("the request to cancel", request, os.ErrDeadlineExceeded)
	ends("the connection", conn, net.ErrClosed)
	if _, err := k.dial(context.Background(), "tcp", mute.Addr().String()); !errors.Is(err, errSilent) {
		t.Errorf("a server that was left is asked to cancel: %v", err)
	}
}

// New connections pass over a server in whose place another one serves; the watch itself asks it.
func TestShun(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := l.Addr().String()
	all := &lines{}
	all.shun(map[string]bool{at: true})
	if _, err := (&caller{all: all}).dial(t.Context(), "tcp", at); !errors.Is(err, errSilent) {
		t.Errorf("dialled all the same: %v", err)
	}
	conn, err := (&caller{all: all, probe: true}).dial(t.Context(), "tcp", at)
	if err != nil {
		t.Fatalf("the watch: %v", err)
	}
	defer conn.Close()
	all.shun(nil)
	again, err := (&caller{all: all}).dial(t.Context(), "tcp", at)
	if err != nil {
		t.Fatalf("later: %v", err)
	}
	defer again.Close()
	if n := all.cut(time.Now(), func(address string) bool { return address == at }); n != 2 {
		t.Errorf("%d connections cut of 2", n)
	}
	if n := all.cut(time.Now(), func(string) bool { return true }); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}
