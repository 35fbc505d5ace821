package onestop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	sequencerLock = 0x63647663736571 // "cdvcseq": one number for the whole database
	// events numbered in one transaction, so that a backlog does not hold the lock for long
	sequencerBatch = 2000
	sequencerPoll  = 20 * time.Millisecond
	sequencerError = time.Second // pause after the database failed
)

// unnumbered is the query of an idle sequencer: one read, no transaction, no lock.
const unnumbered = `select exists (select 1 from event where position is null)`

// The lock is taken in a statement of its own. A statement sees what had committed when it began. If one
// statement took the lock and also read the events, it could have begun before the last holder committed, and
// would number from a stale head. The commit must be on the disk before any reader can see a position, or a
// crash would take back what was read.
const lockSequence = `
select pg_try_advisory_xact_lock($1),
       set_config('synchronous_commit',
                  case when current_setting('synchronous_commit') in ('off', 'local') then 'on'
                       else current_setting('synchronous_commit') end, true)`

// By id, never by time or UUID: only the id is drawn under the dossier's lock.
const numberEvents = `
with due as (
    select id, connection_id, row_number() over (partition by connection_id order by id) as n
    from (select id, connection_id from event where position is null order by id limit $1) oldest
), heads as (
    update connection_head h
    set position = h.position + counted.n
    from (select connection_id, max(n) as n from due group by connection_id) counted
    where h.connection_id = counted.connection_id
    returning h.connection_id, h.position - counted.n as before
)
update event e
set position = heads.before + due.n
from due join heads on heads.connection_id = due.connection_id
where e.id = due.id`

// tellNumbered tells Waiters of other processes, once the positions can be read. Here it costs nothing: a
// notification takes a lock of the whole database until its transaction ends, and only one of these is under
// way at a time. In the transactions of submissions it took a quarter of their rate.
const tellNumbered = `notify ` + numberedChannel

// Sequence makes one pass: it gives positions to up to 2,000 committed events that have none, and returns how
// many it numbered. Only one process works at a time; when another one does, the answer is 0.
func Sequence(ctx context.Context, db *pgxpool.Pool) (numbered int, err error) {
	return sequence(ctx, db, sequencerBatch)
}

func sequence(ctx context.Context, db *pgxpool.Pool, most int) (numbered int, err error) {
	var waiting bool
	if err := db.QueryRow(ctx, unnumbered).Scan(&waiting); err != nil {
		return 0, fmt.Errorf("onestop: look for events to number: %w", err)
	}
	if !waiting {
		return 0, nil
	}
	// Read committed, whatever the database's default: the second statement must see what the first one
	// waited for.
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		var mine bool
		var ignored string
		if err := tx.QueryRow(ctx, lockSequence, int64(sequencerLock)).Scan(&mine, &ignored); err != nil ||
			!mine {
			return err
		}
		tag, err := tx.Exec(ctx, numberEvents, most)
		if numbered = int(tag.RowsAffected()); err != nil || numbered == 0 {
			return err
		}
		_, err = tx.Exec(ctx, tellNumbered)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("onestop: number events: %w", err)
	}
	return numbered, nil
}

// Sequencer keeps giving positions. Every process of the portal may run one; they take turns.
type Sequencer struct {
	db       *pgxpool.Pool
	log      *slog.Logger
	ping     chan struct{}
	numbered func()
}

// NewSequencer returns a sequencer that has not begun. numbered is called after every pass that gave
// positions, such as Deliverer.Ping; it must return at once, and may be nil.
func NewSequencer(db *pgxpool.Pool, log *slog.Logger, numbered func()) *Sequencer {
	if numbered == nil {
		numbered = func() {}
	}
	return &Sequencer{db: db, log: log, ping: make(chan struct{}, 1), numbered: numbered}
}

// Ping makes Run look now instead of at its next poll. It never blocks; call it after a commit that appended
// events.
func (s *Sequencer) Ping() {
	select {
	case s.ping <- struct{}{}:
	default:
	}
}

// Run looks every 20 ms, and when pinged, until ctx ends. A failing database is logged once and asked every
// second.
func (s *Sequencer) Run(ctx context.Context) {
	failing := false
	for {
		n, err := Sequence(ctx, s.db)
		pause := sequencerPoll
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = sequencerError
			if !failing {
				s.log.ErrorContext(ctx, "events cannot be numbered", "error", err)
			}
		case n > 0:
			s.numbered()
		}
		failing = err != nil
		if n == sequencerBatch {
			continue
		}
		if err := s.wait(ctx, pause); err != nil {
			return
		}
	}
}

func (s *Sequencer) wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.New("ended")
	case <-s.ping:
	case <-timer.C:
	}
	return nil
}
