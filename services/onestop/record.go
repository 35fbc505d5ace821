package onestop

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const addAttempt = `
insert into push_attempt (connection_id, event_id, at, status, error, took_ms)
values ($1, $2, $3, $4, $5, $6)`

func insertAttempt(ctx context.Context, tx pgx.Tx, connection string, event int64, out outcome) error {
	_, err := tx.Exec(ctx, addAttempt, connection, event, out.At, out.Status, out.Problem,
		out.Took.Milliseconds())
	return err
}

// advance is guarded by the lease: a process that was frozen and lost its lease must not move what its
// successor moves now.
const advance = `
update connection_push set pushed = greatest(pushed, $3)
where connection_id = $1 and holder = $2`

func (l *line) advance(ctx context.Context, tx pgx.Tx, position int64) error {
	tag, err := tx.Exec(ctx, advance, l.connection, l.id, position)
	if err == nil && tag.RowsAffected() == 0 {
		return errLease
	}
	return err
}

const queueEvent = `
insert into event_push (event_id, connection_id, dossier_id, position, state, next_at)
values ($1, $2, $3, $4, 'pending', $5)
on conflict (event_id) do nothing`

// queue puts a fresh event behind an earlier one of its dossier that is still open.
func (l *line) queue(ctx context.Context, t turn) error {
	return pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error {
		if err := l.advance(ctx, tx, t.Position); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, queueEvent, t.ID, l.connection, t.DossierID, t.Position, l.Now())
		return err
	})
}

// pass steps over a fresh event that has ended.
func (l *line) pass(ctx context.Context, t turn) error {
	return pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error { return l.advance(ctx, tx, t.Position) })
}

const closeAside = `
update event_push set state = 'delivered', delivered_at = $2
where event_id = $1`

const noteSuccess = `
update connection_push set failures = 0, paused_until = null, last_success_at = $2
where connection_id = $1`

// hurry makes events due at once that were held up only by the endpoint's failure, when the endpoint answers
// again.
const hurry = `
update event_push set next_at = $2
where connection_id = $1 and state = 'pending' and blame = 'endpoint' and next_at > $2`

func (l *line) recordDelivered(ctx context.Context, tx pgx.Tx, s state, t turn) error {
	if err := l.advance(ctx, tx, t.reached(s)); err != nil {
		return err
	}
	now := l.Now()
	if t.Aside {
		if _, err := tx.Exec(ctx, closeAside, t.ID, now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, noteSuccess, l.connection, now); err != nil {
		return err
	}
	if s.Failures == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, hurry, l.connection, now)
	return err
}

// reached is how far the log is pushed after this event; a set-aside event lies behind that already.
func (t turn) reached(s state) int64 {
	if t.Aside {
		return s.Position
	}
	return t.Position
}

const setAside = `
insert into event_push (event_id, connection_id, dossier_id, position, state, blame, attempts, first_failed_at, next_at)
values (@event, @connection, @dossier, @position, @state, @blame, @attempts, @first_failed_at, @next_at)
on conflict (event_id) do update
set state = excluded.state, blame = excluded.blame, attempts = excluded.attempts,
    first_failed_at = excluded.first_failed_at, next_at = excluded.next_at`

const pauseConnection = `
update connection_push set failures = failures + 1, paused_until = $2
where connection_id = $1`

const lastSuccess = `select last_success_at from connection_push where connection_id = $1`

// recordFailed sets the event aside. It pauses the connection when the endpoint is to blame. It parks the
// dossier when the event has failed after every pause although the endpoint took other events.
func (l *line) recordFailed(ctx context.Context, tx pgx.Tx, s state, t turn,
	out outcome) (parked bool, err error) {
	if err := l.advance(ctx, tx, t.reached(s)); err != nil {
		return false, err
	}
	now := l.Now()
	first, attempts, to := now, t.Attempts+1, "pending"
	if t.FirstFailedAt != nil {
		first = *t.FirstFailedAt
	}
	var success *time.Time
	if err := tx.QueryRow(ctx, lastSuccess, l.connection).Scan(&success); err != nil {
		return false, err
	}
	othersPass := out.Blame == theEvent || success != nil && success.After(first)
	if attempts > len(l.EventPauses) && othersPass {
		parked, to = true, "parked"
	}
	against := out.Blame
	if t.Aside && s.Failures == 0 {
		// the endpoint worked until this event came again, so the end of the pause must not make it due at
		// once
		against = theEvent
	}
	_, err = tx.Exec(ctx, setAside, pgx.StrictNamedArgs{
		"event": t.ID, "connection": l.connection, "dossier": t.DossierID, "position": t.Position,
		"state": to, "blame": string(against), "attempts": attempts, "first_failed_at": first,
		"next_at": now.Add(pauseAfter(l.EventPauses, attempts)),
	})
	if err != nil || out.Blame != theEndpoint {
		return parked, err
	}
	pause := max(pauseAfter(l.EndpointPauses, s.Failures+1), out.RetryAfter)
	_, err = tx.Exec(ctx, pauseConnection, l.connection, now.Add(pause))
	return parked, err
}
