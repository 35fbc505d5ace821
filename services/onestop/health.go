package onestop

import (
	"context"
	"fmt"
	"time"

	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

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
	Held        bool       `db:"held"`       // pushing is paused until somebody resumes it
	Unproved    bool       `db:"unproved"`   // an endpoint waits for its proof
	KeyEnds     *time.Time `db:"key_ends"`   // when the first live key ends by itself
}

const health = `
select c.code, c.active, c.endpoint <> '' as pushes, h.position, p.pushed, p.failures, p.paused_until, p.last_success_at,
       c.held_at is not null as held, c.endpoint_pending <> '' as unproved,
       (select min(k.expires_at) from connection_key k
        where k.connection_id = c.id and k.revoked_at is null and k.expires_at > now()) as key_ends,
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
