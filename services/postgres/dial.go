package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// userTimeout is how long what was sent may lie without the other machine having it, before the kernel
	// ends the connection. Probes of a quiet connection find a machine that is gone in about that time too.
	userTimeout   = 10 * time.Second
	probeIdle     = 5 * time.Second
	probeInterval = 2 * time.Second
	probeCount    = 3
	// cancelTime bounds the farewell of a connection whose statement was broken off: as long as pgx asks the
	// server to cancel it, its place in the pool is taken. It would ask a hung one for 15 seconds.
	cancelTime = 2 * time.Second
)

// errSilent is why nothing is sent to a server that was left.
var errSilent = errors.New("postgres: this server was left because it did not answer")

// dial opens one connection whose silence the kernel notices.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Control: control, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: probeIdle,
		Interval: probeInterval, Count: probeCount}}
	return d.DialContext(ctx, network, address)
}

// lines are all open connections of the pools that one Open made, so that they can be cut from outside: pgx
// offers no way to one that is busy.
type lines struct {
	mu     sync.Mutex
	open   map[*line]struct{}
	silent map[string]bool // addresses that are not dialled, since another serves in their place
}

// line is one network connection to a server.
type line struct {
	net.Conn
	all     *lines
	address string // as it was dialled
	since   time.Time
}

// NetConn is the connection below, as tls.Conn has it.
func (l *line) NetConn() net.Conn { return l.Conn }

// Read tells whoever waits on a line that is cut that the answer broke off, as if the server had ended.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	return n, brokenOff(err)
}

// Write is told so too.
func (l *line) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	return n, brokenOff(err)
}

func brokenOff(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return err
}

// SyscallConn is the socket below.
func (l *line) SyscallConn() (syscall.RawConn, error) {
	socket, is := l.Conn.(syscall.Conn)
	if !is {
		return nil, errors.ErrUnsupported
	}
	return socket.SyscallConn()
}

// Close ends it, also while somebody waits for an answer on it.
func (l *line) Close() error {
	l.all.mu.Lock()
	delete(l.all.open, l)
	l.all.mu.Unlock()
	return l.Conn.Close()
}

func (all *lines) add(conn net.Conn, address string) *line {
	l := &line{Conn: conn, all: all, address: address, since: time.Now()}
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.open == nil {
		all.open = map[*line]struct{}{}
	}
	all.open[l] = struct{}{}
	return l
}

// cut closes every line that was open before an instant and leads to an address for which left is true. It
// returns how many it closed.
func (all *lines) cut(before time.Time, left func(address string) bool) (n int) {
	all.mu.Lock()
	var found []*line
	for l := range all.open {
		if l.since.Before(before) && left(l.address) {
			found = append(found, l)
		}
	}
	all.mu.Unlock()
	for _, l := range found {
		_ = l.Close() // it is given up
	}
	return len(found)
}

// shun says which addresses new connections leave out; none ends that.
func (all *lines) shun(addresses map[string]bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.silent = addresses
}

func (all *lines) shuns(address string) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.silent[address]
}

// A caller dials for one connection of pgx: first its way to a server, which may lead over several addresses,
// and later, when a statement was broken off, the request to cancel it.
type caller struct {
	all   *lines
	probe bool // it also calls who is shunned
	mu    sync.Mutex
	tried []string
	line  *line // that came about
}

// use makes the configuration of one connection dial through a caller of its own.
func (all *lines) use(c *pgx.ConnConfig) *caller {
	k := &caller{all: all}
	c.DialFunc = k.dial
	then := c.AfterConnect
	c.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		k.mu.Lock()
		k.line = lineOf(conn)
		k.mu.Unlock()
		if then == nil {
			return nil
		}
		return then(ctx, conn)
	}
	return k
}

// lineOf is the line below a connection, which TLS may cover; nil where it was dialled otherwise.
func lineOf(conn *pgconn.PgConn) *line {
	for at := conn.Conn(); ; {
		if l, is := at.(*line); is {
			return l
		}
		cover, is := at.(interface{ NetConn() net.Conn })
		if !is {
			return nil
		}
		at = cover.NetConn()
	}
}

func (k *caller) dial(ctx context.Context, network, address string) (net.Conn, error) {
	k.mu.Lock()
	own := k.line
	if own == nil {
		k.tried = append(k.tried, address)
	}
	k.mu.Unlock()
	if own != nil {
		return own.farewell(ctx, network, address)
	}
	if !k.probe && k.all.shuns(address) {
		return nil, fmt.Errorf("%w (%s)", errSilent, address)
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return k.all.add(conn, address), nil
}

// farewell is the connection on which pgx asks to cancel the statement of a line that it gives up. The line
// is closed soon after, whether or not the server answers.
func (l *line) farewell(ctx context.Context, network, address string) (net.Conn, error) {
	if l.gone() {
		return nil, errSilent
	}
	time.AfterFunc(cancelTime, func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(ctx, cancelTime)
	defer cancel()
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(cancelTime)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// gone tells whether the line was closed.
func (l *line) gone() bool {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	_, open := l.all.open[l]
	return !open
}
