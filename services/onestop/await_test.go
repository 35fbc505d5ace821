package onestop

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// counter counts the statements of a pool.
type counter struct{ statements atomic.Int64 }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn,
	_ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// process is another process of the portal that serves readers. Its mode is that of its pool's statements.
func (w world) process(t testing.TB, mode pgx.QueryExecMode, change func(*Waiters)) (*Waiters, *counter) {
	t.Helper()
	c := &counter{}
	config := w.db.Config().Copy()
	config.ConnConfig.Tracer, config.ConnConfig.DefaultQueryExecMode = c, mode
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	waiters := NewWaiters(pool, discard())
	if change != nil {
		change(waiters)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { waiters.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return waiters, c
}

func rarely(w *Waiters) { w.deaf, w.anyway = time.Hour, time.Hour }

// TestWaitersAreWoken: two hundred readers wait without a query. An event that another process numbers wakes
// those of its log and no others.
func TestWaitersAreWoken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	one, _ := w.connection(t, "one", "")
	other, _ := w.connection(t, "two", "")
	const readers = 200
	waiters, c := w.process(t, pgx.QueryExecModeCacheStatement, rarely)
	until(t, "it listens", waiters.hears.Load)
	got := make(chan int, readers)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, readers)
	for i := range readers {
		go func() {
			if i%2 == 0 {
				batch, err := waiters.Await(t.Context(), one, Cursor{}, 10, MaxWait)
				if err != nil {
					t.Error(err)
				}
				got <- len(batch.Events)
				return
			}
			_, err := waiters.Await(ctx, other, Cursor{}, 10, MaxWait)
			left <- err
		}()
	}
	const looks = 2 * readers // each reads the head and the events, once
	asked := func() bool { return c.statements.Load() >= looks }
	until(t, "everybody has looked once", asked)
	w.append(t, one, id, 1)
	for range readers / 2 {
		if n := <-got; n != 1 {
			t.Errorf("woken for %d events", n)
		}
	}
	// Those woken look once more; apart from that there are a few looks at the heads.
	if n := c.statements.Load(); n > looks+readers+10 {
		t.Errorf("%d statements for %d readers", n, readers)
	}
	leave()
	for range readers / 2 {
		if err := <-left; err == nil {
			t.Error("somebody waited for another log and was woken")
		}
	}
}

// TestWaitersBehindAPooler: where nobody can listen, one query asks for all who wait.
func TestWaitersBehindAPooler(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	one, _ := w.connection(t, "one", "")
	waiters, _ := w.process(t, pgx.QueryExecModeExec, nil)
	got := make(chan int)
	go func() {
		batch, err := waiters.Await(t.Context(), one, Cursor{}, 10, MaxWait)
		if err != nil {
			t.Error(err)
		}
		got <- len(batch.Events)
	}()
	w.append(t, one, id, 1)
	if n := <-got; n != 1 {
		t.Errorf("woken for %d events", n)
	}
	if waiters.hears.Load() {
		t.Error("it listens through a pooler")
	}
}

// TestAWaiterIsWokenHere: the process that numbers wakes its own without listening.
func TestAWaiterIsWokenHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	one, _ := w.connection(t, "one", "")
	waiters, c := w.process(t, pgx.QueryExecModeExec, rarely)
	got := make(chan int)
	go func() {
		batch, err := waiters.Await(t.Context(), one, Cursor{}, 10, MaxWait)
		if err != nil {
			t.Error(err)
		}
		got <- len(batch.Events)
	}()
	until(t, "it waits", func() bool { return c.statements.Load() >= 2 })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	sequencer := NewSequencer(w.db, discard(), waiters.Ping)
	go sequencer.Run(ctx)
	w.tx(t, func(tx pgx.Tx) error { return Append(t.Context(), tx, event(one, id, 1)) })
	sequencer.Ping()
	if n := <-got; n != 1 {
		t.Errorf("woken for %d events", n)
	}
}

// TestListeningAgain: a connection on which it listened breaks, as when the server changes; whoever waits is
// woken all the same.
func TestListeningAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	one, _ := w.connection(t, "one", "")
	waiters, _ := w.process(t, pgx.QueryExecModeCacheStatement, rarely)
	until(t, "it listens", waiters.hears.Load)
	const cut = `select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and query = 'listen congdvc_numbered'`
	var n int
	if err := w.db.QueryRow(t.Context(), cut).Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	until(t, "it has heard of that", func() bool { return !waiters.hears.Load() })
	w.append(t, one, id, 1)
	until(t, "it listens again", waiters.hears.Load)
	w.append(t, one, id, 2)
	batch, err := waiters.Await(t.Context(), one, Cursor{}, 10, MaxWait)
	if err != nil || len(batch.Events) == 0 {
		t.Errorf("%d events, %v", len(batch.Events), err)
	}
	got := make(chan int)
	go func() {
		batch, err := waiters.Await(t.Context(), one, batch.Next, 10, MaxWait)
		if err != nil {
			t.Error(err)
		}
		got <- len(batch.Events)
	}()
	w.append(t, one, id, 3)
	if n := <-got; n != 1 {
		t.Errorf("woken for %d events", n)
	}
}

// TestAwait: whoever waits for nothing or leaves is not held up.
func TestAwait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	waiters := NewWaiters(w.db, discard())
	if batch, err := waiters.Await(t.Context(), connection, Cursor{}, 10, time.Millisecond); err != nil ||
		len(batch.Events) != 0 {
		t.Errorf("nothing yet: %+v, %v", batch, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := waiters.Await(gone, connection, Cursor{}, 10, MaxWait); err == nil {
		t.Error("waiting for somebody who left")
	}
	if n := len(waiters.waiting()); n != 0 {
		t.Errorf("%d still wait", n)
	}
}
