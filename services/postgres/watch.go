package postgres

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	pulse = time.Second // between two questions whether the server lives
	// silence is after how long without any answer, when no other server takes over either, whoever waits
	// for one is told.
	silence = 10 * time.Second
)

// Watch finds out that the server is silent, or no longer the one to write to, and leads the pool to another
// one of the URL. A process that is stopped or a machine that hangs still holds its connections: those that
// rest are asked before they are used, but those that wait for an answer would wait until their work is
// given up, and keep their places in the pool.
type Watch struct {
	pool  *pgxpool.Pool
	lines *lines
	log   *slog.Logger
	doubt chan struct{} // an error says that the server is no longer the right one

	at    string    // address of the server that answered last
	heard time.Time // when any did
	told  bool      // that none does
}

// Run keeps one connection of its own and asks it every second, until ctx ends. When there is no answer for
// two seconds it connects anew, as the URL says. If that leads to another server, all connections to the
// former one are closed at once, and new ones pass it over. If it leads nowhere for ten seconds, all are
// closed; behind a pooler not, since there it may only be that many wait for their turn. If it leads to the
// same server, nothing happens.
func (w *Watch) Run(ctx context.Context) {
	w.heard = time.Now()
	var conn *pgx.Conn
	for {
		if conn != nil && !w.answers(ctx, conn) {
			end(conn)
			conn = nil
		}
		if conn == nil && ctx.Err() == nil {
			conn = w.meet(ctx)
		}
		again, doubted := w.rest(ctx)
		if conn != nil && (doubted || !again) {
			end(conn)
			conn = nil
		}
		if !again {
			return
		}
	}
}

func (w *Watch) answers(ctx context.Context, conn *pgx.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if conn.Ping(ctx) != nil {
		return false
	}
	w.heard = time.Now()
	return true
}

// rest waits until the next look is due. It is false at the end of ctx.
func (w *Watch) rest(ctx context.Context) (again, doubted bool) {
	timer := time.NewTimer(pulse)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false, false
	case <-timer.C:
	}
	select {
	case <-w.doubt:
		return true, true
	default:
		return true, false
	}
}

// meet connects to the server that the URL leads to now, and lets the pool follow. It is nil when none
// answers.
func (w *Watch) meet(ctx context.Context) *pgx.Conn {
	w.lines.shun(nil)
	began := time.Now()
	config := w.pool.Config().ConnConfig
	k := w.lines.use(config)
	k.probe = true
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		w.alone(ctx, began, err)
		return nil
	}
	left := map[string]bool{}
	for _, address := range append(k.tried, w.at) {
		left[address] = address != k.line.address
	}
	w.at, w.heard = k.line.address, time.Now()
	w.lines.shun(left)
	if n := w.leave(began, func(address string) bool { return left[address] }); n > 0 {
		w.log.WarnContext(ctx, "another database server serves now", "at", w.at, "connections_left", n)
	} else if w.told {
		w.log.InfoContext(ctx, "the database answers again", "at", w.at)
	}
	w.told = false
	return conn
}

// alone ends what waits in vain, after a while in which no server answered.
func (w *Watch) alone(ctx context.Context, began time.Time, err error) {
	if fault := (*pgconn.PgError)(nil); errors.As(err, &fault) {
		w.heard = time.Now() // it refuses, so it lives
	}
	if ctx.Err() != nil || Pooled(w.pool) || time.Since(w.heard) < silence {
		return
	}
	n := w.leave(began, func(string) bool { return true })
	if !w.told {
		w.log.ErrorContext(ctx, "no database server answers", "connections_left", n, "error", err)
	}
	w.told = true
}

// leave closes connections, and frees their places in the pool.
func (w *Watch) leave(before time.Time, left func(address string) bool) int {
	n := w.lines.cut(before, left)
	if n > 0 {
		w.pool.Reset()
	}
	return n
}

func end(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	_ = conn.Close(ctx) // it may be dead
}
