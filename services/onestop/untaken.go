package onestop

import (
	"context"
	"fmt"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// The bounds of the time within which a one-stop system acknowledges a dossier.
const (
	ShortestTerm = time.Minute
	LongestTerm  = 30 * 24 * time.Hour
)

// ErrTerm says that a time of acknowledging is not within its bounds.
var ErrTerm = fault.New(fault.Invalid, "onestop.term")

const setTerm = `update connection set acknowledge_within = $2 where id = $1`

// SetTerm sets within which time a connection acknowledges what it was told. Errors: ErrTerm.
func SetTerm(ctx context.Context, tx pgx.Tx, connection string, within time.Duration) error {
	if within < ShortestTerm || within > LongestTerm {
		return ErrTerm
	}
	if _, err := tx.Exec(ctx, setTerm, connection, within); err != nil {
		return fmt.Errorf("onestop: term of %s: %w", connection, err)
	}
	return nil
}

// Untaken says what a one-stop system was told of and has not acknowledged: new dossiers that nobody there
// has touched either, and those that it takes over from another system. An endpoint that answers 2xx has not
// taken anything yet.
type Untaken struct {
	Connection string        `db:"code"`
	Within     time.Duration `db:"acknowledge_within"` // as agreed
	Dossiers   int           `db:"dossiers"`
	Late       int           `db:"late"`   // those for which that time is over
	Oldest     *time.Time    `db:"oldest"` // since when the first of them waits; nil = there is none
}

// The time runs from the event by which a connection began to serve a dossier.
const untaken = `
with waiting as (
    select told.connection_id, told.created_at
    from dossier d
    join connection_agency ca on ca.agency_id = d.receiving_agency_id
        and ca.valid_from <= $2 and (ca.valid_to is null or ca.valid_to > $2)
    join lateral (
        select e.connection_id, e.created_at, e.type from event e
        where e.dossier_id = d.id and e.connection_id = ca.connection_id and e.ended_at is null
          and e.type = any($3)
        order by e.id desc limit 1) told on true
    where d.sync_status <> 'acknowledged' and d.status <> all($4) and (d.status = $5 or told.type = $6)
)
select c.code, c.acknowledge_within, count(w.created_at) as dossiers,
       count(w.created_at) filter (where w.created_at < $1::timestamptz - c.acknowledge_within) as late,
       min(w.created_at) as oldest
from connection c left join waiting w on w.connection_id = c.id
where c.active
group by c.id, c.code, c.acknowledge_within
order by c.code`

// UntakenAt lists every active connection, by code.
func UntakenAt(ctx context.Context, db postgres.DB, now time.Time) ([]Untaken, error) {
	var ended []dossier.Status
	for _, s := range dossier.Statuses {
		if s.Ended() {
			ended = append(ended, s)
		}
	}
	begins := []dossier.EventType{dossier.EventSubmitted, dossier.EventTransferred}
	rows, err := db.Query(ctx, untaken, now, workday.DateOf(now), begins, ended, dossier.Submitted,
		dossier.EventTransferred)
	if err != nil {
		return nil, fmt.Errorf("onestop: what is untaken: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Untaken])
	if err != nil {
		return nil, fmt.Errorf("onestop: what is untaken: %w", err)
	}
	return list, nil
}
