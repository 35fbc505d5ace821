package onestop

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// numberedChannel is where the sequencer of one process tells the others that logs went on.
	numberedChannel = "congdvc_numbered"
	// lookDeaf is how often the heads of logs are read while somebody waits and this process cannot be told,
	// because a pooler stands before the server or the connection on which it listens broke.
	lookDeaf = 250 * time.Millisecond
	// lookAnyway is how often that happens otherwise: a process of an earlier version numbers events without
	// telling.
	lookAnyway = 5 * time.Second
	// listenAgain is the pause before another try to listen.
	listenAgain = time.Second
)

// Waiters are the readers of this process who wait for a log to go on. They are woken when its head has moved
// past their cursors: whoever numbers events here pings, and PostgreSQL tells what other processes number. It
// takes one query for all who wait, and none while nothing happens.
type Waiters struct {
	db   *pgxpool.Pool
	log  *slog.Logger
	bell chan struct{}
	// deaf and anyway are lookDeaf and lookAnyway, apart from tests.
	deaf, anyway time.Duration
	hears        atomic.Bool

	mu  sync.Mutex
	all map[*waiter]bool
}

// waiter waits for the log of its connection to go on behind a position.
type waiter struct {
	connection string
	behind     int64
	wake       chan struct{}
}

// NewWaiters returns waiters whom nobody wakes before Run runs.
func NewWaiters(db *pgxpool.Pool, log *slog.Logger) *Waiters {
	return &Waiters{db: db, log: log, bell: make(chan struct{}, 1), deaf: lookDeaf, anyway: lookAnyway,
		all: map[*waiter]bool{}}
}

// Ping tells that events were numbered. It never blocks; a Sequencer calls it.
func (w *Waiters) Ping() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// Await is After, but waits for an event when there is none yet, for at most wait (and MaxWait), and then
// gives an empty batch. It holds no database connection while it waits.
func (w *Waiters) Await(ctx context.Context, connection string, after Cursor, limit int,
	wait time.Duration) (Batch, error) {
	deadline := time.NewTimer(min(wait, MaxWait))
	defer deadline.Stop()
	// Before the log is read, so that what is numbered meanwhile wakes it.
	one := &waiter{connection: connection, behind: after.Position, wake: make(chan struct{}, 1)}
	w.enter(one)
	defer w.leave(one)
	for {
		batch, err := After(ctx, w.db, connection, after, limit)
		if err != nil || len(batch.Events) > 0 || wait <= 0 {
			return batch, err
		}
		select {
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		case <-deadline.C:
			return batch, nil
		case <-one.wake:
		}
	}
}

func (w *Waiters) enter(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[one] = true
}

func (w *Waiters) leave(one *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.all, one)
}

// waiting lists whom somebody waits for, by connection.
func (w *Waiters) waiting() map[string][]*waiter {
	w.mu.Lock()
	defer w.mu.Unlock()
	by := map[string][]*waiter{}
	for one := range w.all {
		by[one.connection] = append(by[one.connection], one)
	}
	return by
}

// Run wakes until ctx ends.
func (w *Waiters) Run(ctx context.Context) {
	var listening sync.WaitGroup
	defer listening.Wait()
	if !postgres.Pooled(w.db) {
		listening.Go(func() { w.listen(ctx) })
	}
	for {
		pause := w.deaf
		if w.hears.Load() {
			pause = w.anyway
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.bell:
		case <-timer.C:
		}
		timer.Stop()
		w.look(ctx)
	}
}

const headsOf = `select connection_id::text, position from connection_head where connection_id = any($1)`

// look wakes those whose log has gone on. A database that fails wakes all, so that each can tell it.
func (w *Waiters) look(ctx context.Context) {
	waiting := w.waiting()
	if len(waiting) == 0 {
		return
	}
	connections := make([]string, 0, len(waiting))
	for id := range waiting {
		connections = append(connections, id)
	}
	heads, err := w.heads(ctx, connections)
	for connection, all := range waiting {
		for _, one := range all {
			if err == nil && heads[connection] <= one.behind {
				continue
			}
			select {
			case one.wake <- struct{}{}:
			default:
			}
		}
	}
}

func (w *Waiters) heads(ctx context.Context, connections []string) (map[string]int64, error) {
	rows, err := w.db.Query(ctx, headsOf, connections)
	if err != nil {
		return nil, fmt.Errorf("onestop: heads of logs: %w", err)
	}
	heads := map[string]int64{}
	var connection string
	var position int64
	_, err = pgx.ForEachRow(rows, []any{&connection, &position}, func() error {
		heads[connection] = position
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("onestop: heads of logs: %w", err)
	}
	return heads, nil
}

// listen pings for what other processes number. A connection that breaks is replaced; meanwhile the heads are
// read more often.
func (w *Waiters) listen(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := w.hear(ctx, &failing)
		w.hears.Store(false)
		if ctx.Err() != nil {
			return
		}
		if !failing {
			w.log.WarnContext(ctx, "other processes are not heard: logs are looked at instead", "error", err)
		}
		failing = true
		w.Ping()
		sleep(ctx, listenAgain)
	}
}

func (w *Waiters) hear(ctx context.Context, failing *bool) error {
	pooled, err := w.db.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack() // one more than the pool has, which would lack it
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+numberedChannel); err != nil {
		return err
	}
	w.hears.Store(true)
	*failing = false
	for {
		w.Ping() // at first too: what was numbered before may have been missed
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}
