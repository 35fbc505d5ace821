package onestop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

var (
	errNotPushed = errors.New("onestop: the connection is not pushed to any more")
	errLease     = errors.New("onestop: another process holds the connection's lease")
)

// line is the pushing of one connection by this process.
type line struct {
	*Deliverer
	connection string
	leased     time.Time // when the lease was last asked for; zero = we have none
	// whether set-aside or fresh events come next: they take turns, so that both get through
	retryNext bool
	bell      <-chan struct{}
}

// state is a connection's row for pushing.
type state struct {
	pushed
	Sealed      []byte     `db:"secrets_sealed"`
	Incarnation string     `db:"incarnation"`
	Position    int64      `db:"pushed"`
	Failures    int        `db:"failures"`
	PausedUntil *time.Time `db:"paused_until"`
}

// turn is the event whose turn it is.
type turn struct {
	logEvent
	Ended         bool       `db:"ended"`   // another connection serves its dossier since
	Aside         bool       `db:"aside"`   // it was set aside: it has a row in event_push
	Blocked       bool       `db:"blocked"` // a fresh one whose dossier waits for an earlier event
	Attempts      int        `db:"attempts"`
	FirstFailedAt *time.Time `db:"first_failed_at"`
}

// Leases use the database's clock, so that the clocks of several machines need not agree.
const takeLease = `
update connection_push
set holder = $2, lease_until = now() + $3::interval
where connection_id = $1 and (holder is null or holder = $2 or lease_until < now())`

const giveLease = `
update connection_push set holder = null, lease_until = null
where connection_id = $1 and holder = $2`

// lease makes sure that we hold the connection for at least two thirds of a lease, which is two timeouts and
// so longer than the next attempt can take. So no two processes send an event at the same time.
func (l *line) lease(ctx context.Context) (bool, error) {
	if !l.leased.IsZero() && time.Since(l.leased) < l.Lease/3 {
		return true, nil
	}
	asked := time.Now()
	tag, err := l.DB.Exec(ctx, takeLease, l.connection, l.id, l.Lease)
	if err != nil {
		return false, fmt.Errorf("onestop: lease of %s: %w", l.connection, err)
	}
	if tag.RowsAffected() == 0 {
		l.lost()
		return false, nil
	}
	l.leased = asked
	return true, nil
}

func (l *line) lost() { l.leased = time.Time{} }

// release gives the lease back at the end, so that another process can start at once.
func (l *line) release() {
	if l.leased.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := l.DB.Exec(ctx, giveLease, l.connection, l.id); err != nil {
		l.Log.WarnContext(ctx, "a lease runs out by itself", "connection", l.connection, "error", err)
	}
}

const findState = `
select c.id::text, c.code, c.endpoint, c.active, c.mark, c.secrets_sealed, h.incarnation, p.pushed, p.failures, p.paused_until
from connection c
join connection_head h on h.connection_id = c.id
join connection_push p on p.connection_id = c.id
where c.id = $1 and c.active and c.endpoint <> ''`

// glance is how often to look again at another process's lease or a pausing connection: a lease may be given
// back, and a new endpoint may end a pause.
func (l *line) glance() time.Duration { return min(4*l.Poll, l.Lease/4) }

// step does one thing, an attempt or a queueing or nothing, and says how long to wait before the next.
func (l *line) step(ctx context.Context) (pause time.Duration, err error) {
	l.bell = l.rung() // before the log is read, so that no ring is missed
	if ours, err := l.lease(ctx); err != nil || !ours {
		return l.glance(), err
	}
	rows, err := l.DB.Query(ctx, findState, l.connection)
	if err != nil {
		return 0, fmt.Errorf("onestop: state of %s: %w", l.connection, err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[state])
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errNotPushed
	}
	if err != nil {
		return 0, fmt.Errorf("onestop: state of %s: %w", l.connection, err)
	}
	if holds, err := s.holds(ctx, l.Deliverer); err != nil {
		return 0, err
	} else if !holds {
		return 0, errNotPushed
	}
	if s.PausedUntil != nil {
		if rest := s.PausedUntil.Sub(l.Now()); rest > 0 {
			l.bell = nil // new events do not shorten the pause of a failing endpoint
			return min(rest, l.glance()), nil
		}
	}
	t, err := l.choose(ctx, s)
	switch {
	case err != nil:
		return 0, err
	case t == nil:
		return l.Poll, nil
	case t.Ended:
		return 0, l.pass(ctx, *t)
	case t.Blocked:
		return 0, l.queue(ctx, *t)
	}
	return 0, l.attempt(ctx, s, *t)
}

// A set-aside event is due when its pause is over and no earlier event of its dossier is open. Events that
// were set aside because the endpoint failed can also be used to probe that endpoint, even before their pause
// is over.
const nextAside = `
select e.id, e.uid::text, e.dossier_id::text, e.type, e.data, e.created_at, e.position,
       false as ended, true as aside, false as blocked, p.attempts, p.first_failed_at
from event_push p join event e on e.id = p.event_id
where p.connection_id = $1 and p.state = 'pending' and (p.next_at <= $2 or $3 and p.blame = 'endpoint')
  and e.ended_at is null
  and not exists (select 1 from event_push q join event before on before.id = q.event_id
                  where q.connection_id = p.connection_id and q.dossier_id = p.dossier_id
                    and q.position < p.position and q.state <> 'delivered' and before.ended_at is null)
order by p.next_at, p.position
limit 1`

const nextFresh = `
select e.id, e.uid::text, e.dossier_id::text, e.type, e.data, e.created_at, e.position,
       e.ended_at is not null as ended, false as aside, 0 as attempts, null::timestamptz as first_failed_at,
       exists (select 1 from event_push q join event before on before.id = q.event_id
               where q.connection_id = e.connection_id and q.dossier_id = e.dossier_id
                 and q.state <> 'delivered' and before.ended_at is null) as blocked
from event e
where e.connection_id = $1 and e.position > $2
order by e.position
limit 1`

// choose finds the event whose turn it is, or nil. Fresh and set-aside events take turns.
func (l *line) choose(ctx context.Context, s state) (*turn, error) {
	l.retryNext = !l.retryNext
	for range 2 {
		sql, args := nextFresh, []any{l.connection, s.Position}
		if l.retryNext {
			probing := s.Failures > 0
			sql, args = nextAside, []any{l.connection, l.Now(), probing}
		}
		rows, err := l.DB.Query(ctx, sql, args...)
		if err != nil {
			return nil, fmt.Errorf("onestop: next event of %s: %w", l.connection, err)
		}
		t, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[turn])
		if err == nil {
			return t, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("onestop: next event of %s: %w", l.connection, err)
		}
		l.retryNext = !l.retryNext
	}
	return nil, nil
}

// attempt sends one event and records how it went, even when ctx ends meanwhile, because the event was sent
// all the same.
func (l *line) attempt(ctx context.Context, s state, t turn) error {
	secrets, err := openSecrets(l.Vault, l.connection, s.Sealed)
	if err != nil {
		return err
	}
	event, err := t.cloudEvent(s.Code, s.Incarnation)
	if err != nil {
		return err
	}
	if time.Since(l.leased) > l.Lease/3 {
		// a slow database used up the time in which the lease is surely ours: ask for it again first
		return nil
	}
	out := post(ctx, l.client, s.Endpoint, secrets, event, l.Now())
	if ctx.Err() != nil && !out.delivered() {
		return nil // we broke it off ourselves; it is nobody's failure
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Timeout)
	defer cancel()
	if out.Blame == theEndpoint && s.Failures == 0 {
		l.Log.WarnContext(ctx, "an endpoint fails, its connection pauses", "connection", s.Code, "status",
			out.Status, "problem", out.Problem)
	}
	err = pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error { return l.record(ctx, tx, s, t, out) })
	if errors.Is(err, errLease) {
		// The new holder of the lease decides what follows; that the attempt was made is recorded all the
		// same.
		err = errors.Join(err, pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error {
			return insertAttempt(ctx, tx, l.connection, t.ID, out)
		}))
	}
	if err != nil {
		return fmt.Errorf("onestop: record attempt of event %d: %w", t.ID, err)
	}
	return nil
}

// record writes an attempt and what follows from it in one transaction.
func (l *line) record(ctx context.Context, tx pgx.Tx, s state, t turn, out outcome) error {
	if err := insertAttempt(ctx, tx, l.connection, t.ID, out); err != nil {
		return err
	}
	if out.delivered() {
		if err := l.recordDelivered(ctx, tx, s, t); err != nil {
			return err
		}
		return l.mark(ctx, tx, t, dossier.Delivered)
	}
	parked, err := l.recordFailed(ctx, tx, s, t, out)
	if err != nil {
		return err
	}
	to := dossier.Failing
	if parked {
		to = dossier.Parked
		l.Log.WarnContext(ctx, "a dossier is parked", "connection", s.Code, "dossier", t.DossierID, "event",
			t.UID)
	}
	return l.mark(ctx, tx, t, to)
}

// The sync state is that of the system of the receiver. It may have changed while an attempt was under way,
// so the dossier is held before the second statement looks.
const (
	holdDossier = `select id from dossier where id = $1 for no key update`

	countsForReceiver = `
select exists (select 1
from event e join dossier d on d.id = e.dossier_id
join connection_agency c on c.agency_id = d.receiving_agency_id and c.connection_id = e.connection_id
where e.id = $1 and e.ended_at is null and c.valid_from <= $2 and (c.valid_to is null or c.valid_to > $2))`
)

// mark moves the sync state of the event's dossier, when this connection serves its receiver and the table
// allows the move. An acknowledged dossier stays so, whatever happens to a later event.
func (l *line) mark(ctx context.Context, tx pgx.Tx, t turn, to dossier.Sync) error {
	if _, err := tx.Exec(ctx, holdDossier, t.DossierID); err != nil {
		return err
	}
	var counts bool
	err := tx.QueryRow(ctx, countsForReceiver, t.ID, workday.DateOf(l.Now())).Scan(&counts)
	if err != nil || !counts {
		return err
	}
	_, err = dossier.MarkSync(ctx, tx, t.DossierID, to)
	return err
}
