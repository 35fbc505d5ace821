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

// record writes all attempts that have ended, and what follows from them, in one transaction, even when ctx
// ends meanwhile, because the events were sent all the same. What cannot be recorded will be sent again.
func (l *line) record(ctx context.Context) error {
	var ended []flight
	for _, f := range l.landed {
		delete(l.flying, f.DossierID)
		if !f.broken {
			ended = append(ended, f)
		}
	}
	l.landed = nil
	if len(ended) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.Timeout)
	defer cancel()
	var after outlook
	err := pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) (err error) {
		after, err = l.write(ctx, tx, ended)
		return err
	})
	if errors.Is(err, errLease) {
		// The new holder of the lease decides what follows; that the attempts were made is recorded all the
		// same.
		err = errors.Join(err, pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error {
			return insertAttempts(ctx, tx, l.connection, ended)
		}))
	}
	if err != nil {
		return fmt.Errorf("onestop: record %d attempts of %s: %w", len(ended), l.connection, err)
	}
	l.width = min(l.width+after.delivered, abreast)
	if after.Failures > 0 {
		l.width = 1
	}
	l.tell(ctx, after)
	return nil
}

// tell logs what an operator may have to look at.
func (l *line) tell(ctx context.Context, after outlook) {
	if after.began != nil {
		l.Log.WarnContext(ctx, "an endpoint fails, its connection pauses", "connection", l.connection,
			"status", after.began.Status, "problem", after.began.Problem)
	}
	for _, f := range after.parked {
		l.Log.WarnContext(ctx, "a dossier is parked", "connection", l.connection, "dossier", f.DossierID,
			"event", f.UID)
	}
}

// progress is a connection's row as attempts change it.
type progress struct {
	Position    int64      `db:"pushed"`
	Failures    int        `db:"failures"`
	PausedUntil *time.Time `db:"paused_until"`
	LastSuccess *time.Time `db:"last_success_at"`
}

// outlook is what follows from a batch of attempts.
type outlook struct {
	progress
	delivered int
	parked    []flight
	began     *outcome // the failure by which the endpoint began to fail
}

// holdProgress is guarded by the lease: a process that was frozen and lost its lease must not move what its
// successor moves now. What is read here counts, not what was read before the attempts: the database may have
// been restored meanwhile.
const (
	holdProgress = `
select pushed, failures, paused_until, last_success_at from connection_push
where connection_id = $1 and holder = $2 for update`

	keepProgress = `
update connection_push set pushed = $2, failures = $3, paused_until = $4, last_success_at = $5
where connection_id = $1`
)

func (l *line) hold(ctx context.Context, tx pgx.Tx) (progress, error) {
	rows, err := tx.Query(ctx, holdProgress, l.connection, l.id)
	if err != nil {
		return progress{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[progress])
	if errors.Is(err, pgx.ErrNoRows) {
		return progress{}, errLease
	}
	return p, err
}

func (l *line) keep(ctx context.Context, tx pgx.Tx, p progress) error {
	_, err := tx.Exec(ctx, keepProgress, l.connection, p.Position, p.Failures, p.PausedUntil, p.LastSuccess)
	return err
}

// write records attempts that have ended. The log is pushed up to the last of them then: what is delivered is
// known by its attempt, and all else up to there is set aside.
func (l *line) write(ctx context.Context, tx pgx.Tx, ended []flight) (after outlook, err error) {
	before, err := l.hold(ctx, tx)
	if err != nil {
		return after, err
	}
	if ended, err = l.known(ctx, tx, ended); err != nil || len(ended) == 0 {
		return outlook{progress: before}, err
	}
	after.progress = before
	for _, f := range ended {
		after.Position = max(after.Position, f.Position)
	}
	if err := l.holdDossiers(ctx, tx, before.Position, after.Position, ended); err != nil {
		return after, err
	}
	if err := insertAttempts(ctx, tx, l.connection, ended); err != nil {
		return after, err
	}
	if err := l.deliver(ctx, tx, before, &after, ended); err != nil {
		return after, err
	}
	if err := l.fail(ctx, tx, before, &after, ended); err != nil {
		return after, err
	}
	if err := l.passAll(ctx, tx, before.Position, after.Position, ended); err != nil {
		return after, err
	}
	return after, l.keep(ctx, tx, after.progress)
}

const knownEvents = `
select e.id from event e join unnest($2::bigint[], $3::uuid[]) as ended (id, uid) on ended.id = e.id and ended.uid = e.uid
where e.connection_id = $1`

// known leaves out events that the log does not have: it may have been restored from a backup, and then
// numbers its events anew.
func (l *line) known(ctx context.Context, tx pgx.Tx, ended []flight) ([]flight, error) {
	ids, uids := make([]int64, len(ended)), make([]string, len(ended))
	for i, f := range ended {
		ids[i], uids[i] = f.ID, f.UID
	}
	rows, err := tx.Query(ctx, knownEvents, l.connection, ids, uids)
	if err != nil {
		return nil, err
	}
	there := map[int64]bool{}
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { there[id] = true; return nil }); err != nil {
		return nil, err
	}
	return keepIf(ended, func(f flight) bool { return there[f.ID] }), nil
}

// The dossiers come before all else that refers to them, and in the order of their ids: so does whoever holds
// several, such as an agency's change of connection.
const holdDossiers = `
select id from dossier where id in (
    select unnest($1::uuid[])
    union
    select dossier_id from event where connection_id = $2 and position > $3 and position <= $4)
order by id for no key update`

func (l *line) holdDossiers(ctx context.Context, tx pgx.Tx, from, to int64, ended []flight) error {
	ids := make([]dossier.ID, len(ended))
	for i, f := range ended {
		ids[i] = f.DossierID
	}
	_, err := tx.Exec(ctx, holdDossiers, ids, l.connection, from, to)
	return err
}

const addAttempts = `
insert into push_attempt (connection_id, event_id, at, status, error, took_ms)
select $1, event_id, at, status, error, took_ms
from unnest($2::bigint[], $3::timestamptz[], $4::int[], $5::text[], $6::int[]) as ended (event_id, at, status, error, took_ms)`

func insertAttempts(ctx context.Context, tx pgx.Tx, connection string, ended []flight) error {
	var events []int64
	var at []time.Time
	var status, took []int
	var problems []string
	for _, f := range ended {
		events, at, status = append(events, f.ID), append(at, f.out.At), append(status, f.out.Status)
		problems, took = append(problems, f.out.Problem), append(took, int(f.out.Took.Milliseconds()))
	}
	_, err := tx.Exec(ctx, addAttempts, connection, events, at, status, problems, took)
	return err
}

const passEvents = `
insert into event_push (event_id, connection_id, dossier_id, position, state, next_at)
select id, connection_id, dossier_id, position, 'pending', $5
from event
where connection_id = $1 and position > $2 and position <= $3 and ended_at is null and id <> all($4)
on conflict (event_id) do nothing`

// passAll sets aside what is fresh from one position to another, apart from what has been delivered: what is
// still under way, and what waits behind an earlier event of its dossier. It keeps the promise of
// connection_push: everything up to "pushed" was delivered or has a row in event_push.
func (l *line) passAll(ctx context.Context, tx pgx.Tx, from, to int64, ended []flight) error {
	done := []int64{}
	for _, f := range ended {
		if f.out.delivered() {
			done = append(done, f.ID)
		}
	}
	_, err := tx.Exec(ctx, passEvents, l.connection, from, to, done, l.Now())
	return err
}

// pass moves on to a position when nothing up to there is to be begun.
func (l *line) pass(ctx context.Context, to int64) error {
	err := pgx.BeginFunc(ctx, l.DB, func(tx pgx.Tx) error {
		p, err := l.hold(ctx, tx)
		if err != nil || to <= p.Position {
			return err
		}
		if err := l.holdDossiers(ctx, tx, p.Position, to, nil); err != nil {
			return err
		}
		if err := l.passAll(ctx, tx, p.Position, to, nil); err != nil {
			return err
		}
		p.Position = to
		return l.keep(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("onestop: pass to %d of %s: %w", to, l.connection, err)
	}
	return nil
}

// The sync state is that of the system of the receiver. It may have changed while an attempt was under way;
// the dossiers are held.
const countsForReceiver = `
select distinct e.dossier_id::text
from event e join dossier d on d.id = e.dossier_id
join connection_agency c on c.agency_id = d.receiving_agency_id and c.connection_id = e.connection_id
where e.id = any($1) and e.ended_at is null and c.valid_from <= $2 and (c.valid_to is null or c.valid_to > $2)`

// mark moves the sync state of the dossiers of events, when this connection serves their receiver and the
// table allows the move. An acknowledged dossier stays so, whatever happens to a later event.
func (l *line) mark(ctx context.Context, tx pgx.Tx, events []int64, to dossier.Sync) error {
	if len(events) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, countsForReceiver, events, workday.DateOf(l.Now()))
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[dossier.ID])
	if err != nil {
		return err
	}
	_, err = dossier.MarkSync(ctx, tx, to, ids...)
	return err
}

func keepIf(list []flight, holds func(flight) bool) (kept []flight) {
	for _, f := range list {
		if holds(f) {
			kept = append(kept, f)
		}
	}
	return kept
}
