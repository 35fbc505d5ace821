package onestop

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	stormWriters   = 16
	stormEach      = 50
	stormDossiers  = 40
	stormReaders   = 4
	stormSequences = 3
)

// storm is many writers, sequencers and readers on one database, with back ends killed under them.
type storm struct {
	world
	connections []string
	ids         []dossier.ID
	done        atomic.Bool // the writers have ended
	committed   atomic.Int64
}

// TestLogUnderStorm: whatever happens to writers and sequencers, every reader that pages while they write
// sees every committed event exactly once, without a gap, in the order of each dossier's commits.
func TestLogUnderStorm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := &storm{world: w, ids: w.dossiers(t, stormDossiers)}
	for _, code := range []string{"one", "two"} {
		id, _ := w.connection(t, code, "")
		s.connections = append(s.connections, id)
	}
	release := s.holdOne(t)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var background, writers, readers sync.WaitGroup
	for range stormSequences {
		sequencers := s.pool(t, 2)
		background.Go(func() {
			for ctx.Err() == nil {
				sequence(ctx, sequencers, 10) // killed now and then: the next pass makes up for it
				time.Sleep(time.Duration(rand.IntN(5)) * time.Millisecond)
			}
		})
	}
	background.Go(func() { s.kill(ctx) })
	many := s.pool(t, stormWriters)
	for i := range stormWriters {
		writers.Go(func() { s.write(t.Context(), many, rand.New(rand.NewPCG(1, uint64(i)))) })
	}
	reading := s.pool(t, stormReaders)
	for i := range stormReaders {
		readers.Go(func() { s.read(t, reading, s.connections[i%2], rand.New(rand.NewPCG(2, uint64(i)))) })
	}
	until(t, "positions are given while a slow transaction holds an event", func() bool {
		return s.head(t, 0) > 20 && s.head(t, 1) > 20
	})
	release()
	writers.Wait()
	stop()
	background.Wait()
	until(t, "every event is numbered", func() bool {
		// A pass that numbers nothing proves nothing: a dying back end may still hold the lock.
		var waiting bool
		_, err := Sequence(t.Context(), w.db)
		return err == nil && w.db.QueryRow(t.Context(), unnumbered).Scan(&waiting) == nil && !waiting
	})
	s.done.Store(true)
	readers.Wait()
	s.checkTruth(t)
}

// pool is one more pool on the same database.
func (s *storm) pool(t *testing.T, size int) *pgxpool.Pool {
	config := s.db.Config().Copy()
	config.MaxConns = int32(size)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// holdOne appends an event in a transaction that stays open, with an id below those of nearly all others,
// until it is released.
func (s *storm) holdOne(t *testing.T) (release func()) {
	tx, err := s.db.Begin(t.Context())
	if err == nil {
		err = change(t.Context(), tx, s.connections[0], s.ids[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { tx.Rollback(context.WithoutCancel(t.Context())) } // it may have been killed
}

const countUp = `update dossier set row_version = row_version + 1 where id = $1 returning row_version`

// change is what the desk does: lock, change, append. The row's version tells what committed, and is the
// event's revision.
func change(ctx context.Context, tx pgx.Tx, connection string, id dossier.ID) error {
	var version int
	if err := tx.QueryRow(ctx, countUp, id).Scan(&version); err != nil {
		return err
	}
	return Append(ctx, tx, event(connection, id, version))
}

var errRollback = errors.New("rolled back")

func (s *storm) write(ctx context.Context, db *pgxpool.Pool, dice *rand.Rand) {
	for range stormEach {
		i := 1 + dice.IntN(len(s.ids)-1) // dossier 0 is held
		// Killed back ends and rollbacks are part of it.
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			if err := change(ctx, tx, s.connections[i%2], s.ids[i]); err != nil {
				return err
			}
			switch dice.IntN(12) {
			case 0:
				time.Sleep(time.Duration(dice.IntN(60)) * time.Millisecond) // a slow transaction
			case 1:
				return errRollback
			}
			return nil
		})
		if err == nil {
			s.committed.Add(1)
		}
		time.Sleep(time.Duration(dice.IntN(10)) * time.Millisecond)
	}
}

const killOne = `
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
order by random() limit 1`

// kill goes at the pace of what commits, so that a slow machine is not killed to a standstill.
func (s *storm) kill(ctx context.Context) {
	for next := int64(0); ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if s.committed.Load() >= next {
			s.db.Exec(ctx, killOne)
			next = s.committed.Load() + 3
		}
	}
}

func (s *storm) head(t *testing.T, i int) (position int64) {
	// The reading connection may be the one that was killed.
	if err := s.db.QueryRow(t.Context(), `select position from connection_head where connection_id = $1`,
		s.connections[i]).Scan(&position); err != nil {
		return 0
	}
	return position
}

// read pages a log as a receiver does, until the writers have ended and there is no more.
func (s *storm) read(t *testing.T, db *pgxpool.Pool, connection string, dice *rand.Rand) {
	var cursor Cursor
	seen := map[string]bool{}
	last := map[dossier.Code]int{}
	for {
		ended := s.done.Load()
		batch, err := After(t.Context(), db, connection, cursor, 1+dice.IntN(50))
		if err != nil {
			continue // killed: ask again with the same cursor
		}
		for i, e := range batch.Events {
			at, err := ParseCursor(e.Cursor)
			if err != nil || at.Position != cursor.Position+int64(i)+1 {
				t.Errorf("a gap: event %s after %s", e.Cursor, cursor)
			}
			if seen[e.ID] {
				t.Errorf("event %s seen twice", e.ID)
			}
			if before, ok := last[e.Data.Dossier]; ok && e.Data.Revision != before+1 ||
				!ok && e.Data.Revision != 2 {
				t.Errorf("dossier %s: %d after %d", e.Data.Dossier, e.Data.Revision, before)
			}
			seen[e.ID], last[e.Data.Dossier] = true, e.Data.Revision
		}
		cursor = batch.Next
		if ended && !batch.More && len(batch.Events) == 0 {
			break
		}
	}
	var want int
	until(t, "the events can be counted", func() bool { // on a connection that was not killed
		return s.db.QueryRow(t.Context(), `select count(*) from event where connection_id = $1`, connection).
			Scan(&want) == nil
	})
	if len(seen) != want {
		t.Errorf("a reader saw %d of %d events", len(seen), want)
	}
}

// checkTruth compares the log with what committed: row versions grow with each committed change.
func (s *storm) checkTruth(t *testing.T) {
	var events, changes int
	const count = `select (select count(*) from event), (select sum(row_version - 1) from dossier)`
	until(t, "the truth can be read", func() bool {
		return s.db.QueryRow(t.Context(), count).Scan(&events, &changes) == nil
	})
	if events != changes || events < stormWriters*stormEach/4 {
		t.Errorf("%d events, %d committed changes", events, changes)
	}
	t.Logf("%d events", events)
}
