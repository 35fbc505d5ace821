package onestop

import (
	"context"
	"fmt"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// What has not been pushed yet will be pushed anyway; so only earlier events are replayed.
const (
	replayedDossiers = `
select id::text from dossier where id in (
    select e.dossier_id from event e join connection_push p on p.connection_id = e.connection_id
    where e.connection_id = $1 and e.position between $2 and least($3, p.pushed) and e.ended_at is null)
order by id for no key update`

	parkedDossiers = `
select distinct p.dossier_id::text
from event_push p join event e on e.id = p.event_id
where p.connection_id = $1 and p.state = 'parked' and p.position between $2 and $3 and e.ended_at is null
  and p.dossier_id = any($4)`

	replayRange = `
insert into event_push (event_id, connection_id, dossier_id, position, state, next_at)
select e.id, e.connection_id, e.dossier_id, e.position, 'pending', $4
from event e join connection_push p on p.connection_id = e.connection_id
where e.connection_id = $1 and e.position between $2 and least($3, p.pushed) and e.ended_at is null
  and e.dossier_id = any($5)
order by e.id
on conflict (event_id) do update
set state = 'pending', blame = '', attempts = 0, first_failed_at = null, next_at = excluded.next_at, delivered_at = null`
)

// Replay pushes the events of a connection from one position to another (both included) again, under the same
// ids: parked events, whose dossiers then wait again, and delivered ones. It returns how many events that is.
// The order within a dossier is kept. A dossier stays parked while an earlier event of it is parked.
func Replay(ctx context.Context, tx pgx.Tx, connection string, from, to int64,
	now time.Time) (events int, err error) {
	// The dossiers come first, in the order of their ids, as the deliverer holds them.
	held, err := dossiersOf(ctx, tx, replayedDossiers, connection, from, to)
	if err != nil {
		return 0, fmt.Errorf("onestop: replay %s: %w", connection, err)
	}
	parked, err := dossiersOf(ctx, tx, parkedDossiers, connection, from, to, held)
	if err != nil {
		return 0, fmt.Errorf("onestop: replay %s: %w", connection, err)
	}
	tag, err := tx.Exec(ctx, replayRange, connection, from, to, now, held)
	if err == nil {
		_, err = dossier.MarkSync(ctx, tx, dossier.Waiting, parked...)
	}
	if err != nil {
		return 0, fmt.Errorf("onestop: replay %s: %w", connection, err)
	}
	return int(tag.RowsAffected()), nil
}

func dossiersOf(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]dossier.ID, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[dossier.ID])
}

// Attempt is one try to push one event.
type Attempt struct {
	ID       int64             `db:"id"`
	Event    string            `db:"uid"` // the CloudEvents id
	Position int64             `db:"position"`
	Type     dossier.EventType `db:"type"`
	Dossier  dossier.Code      `db:"dossier"` // code
	At       time.Time         `db:"at"`
	Status   int               `db:"status"` // of the reply; 0 = there was none
	Error    string            `db:"error"`  // "" = delivered
	TookMS   int               `db:"took_ms"`
}

const attemptsBefore = `
select a.id, e.uid::text, e.position, e.type, e.data->>'dossier' as dossier, a.at, a.status, a.error, a.took_ms
from push_attempt a join event e on e.id = a.event_id
where a.connection_id = $1 and ($2 = 0 or a.id < $2)
order by a.id desc
limit $3`

// Attempts lists the tries of a connection, newest first, those before the attempt with that id (0 = from the
// newest). Both the portal's people and the one-stop system may see them.
func Attempts(ctx context.Context, db postgres.DB, connection string, before int64,
	limit int) ([]Attempt, error) {
	rows, err := db.Query(ctx, attemptsBefore, connection, before, limit)
	if err != nil {
		return nil, fmt.Errorf("onestop: attempts of %s: %w", connection, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Attempt])
	if err != nil {
		return nil, fmt.Errorf("onestop: attempts of %s: %w", connection, err)
	}
	return list, nil
}

// ParkedEvent is an event that was given up, with its dossier, until Replay.
type ParkedEvent struct {
	Position int64             `db:"position"`
	Type     dossier.EventType `db:"type"`
	Dossier  dossier.Code      `db:"dossier"` // code
	Attempts int               `db:"attempts"`
	Since    time.Time         `db:"first_failed_at"`
}

const parkedEvents = `
select p.position, e.type, e.data->>'dossier' as dossier, p.attempts, p.first_failed_at
from event_push p join event e on e.id = p.event_id
where p.connection_id = $1 and p.state = 'parked' and e.ended_at is null
order by p.position`

// Parked lists the events that a connection gave up, by position.
func Parked(ctx context.Context, db postgres.DB, connection string) ([]ParkedEvent, error) {
	rows, err := db.Query(ctx, parkedEvents, connection)
	if err != nil {
		return nil, fmt.Errorf("onestop: parked events of %s: %w", connection, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ParkedEvent])
	if err != nil {
		return nil, fmt.Errorf("onestop: parked events of %s: %w", connection, err)
	}
	return list, nil
}

// Health says how a connection is doing.
type Health struct {
	Connection  string     `db:"code"`
	Active      bool       `db:"active"`
	Pushes      bool       `db:"pushes"` // it has an endpoint
	Head        int64      `db:"position"`
	Pushed      int64      `db:"pushed"`  // every event up to here was delivered or set aside
	Pending     int64      `db:"pending"` // set aside: under way, to be tried again, or behind such a one
	Failing     int64      `db:"failing"` // those of them that have failed
	Parked      int64      `db:"parked"`
	Failures    int        `db:"failures"` // of the endpoint, in a row
	PausedUntil *time.Time `db:"paused_until"`
	LastSuccess *time.Time `db:"last_success_at"`
	Unnumbered  int64      `db:"unnumbered"` // committed events that wait for the sequencer
}

const health = `
select c.code, c.active, c.endpoint <> '' as pushes, h.position, p.pushed, p.failures, p.paused_until, p.last_success_at,
       (select count(*) from event_push a join event e on e.id = a.event_id
        where a.connection_id = c.id and a.state = 'pending' and e.ended_at is null) as pending,
       (select count(*) from event_push a join event e on e.id = a.event_id
        where a.connection_id = c.id and a.state = 'pending' and a.attempts > 0 and e.ended_at is null) as failing,
       (select count(*) from event_push a join event e on e.id = a.event_id
        where a.connection_id = c.id and a.state = 'parked' and e.ended_at is null) as parked,
       (select count(*) from event e where e.position is null and e.connection_id = c.id) as unnumbered
from connection c
join connection_head h on h.connection_id = c.id
join connection_push p on p.connection_id = c.id
order by c.code`

// HealthOf tells how every connection is doing, ordered by code: for metrics and for the command line.
func HealthOf(ctx context.Context, db postgres.DB) ([]Health, error) {
	rows, err := db.Query(ctx, health)
	if err != nil {
		return nil, fmt.Errorf("onestop: health: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Health])
	if err != nil {
		return nil, fmt.Errorf("onestop: health: %w", err)
	}
	return list, nil
}
