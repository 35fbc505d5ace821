package onestop

import (
	"context"
	"fmt"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// DeliveryState says how far an event of a log is pushed.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting"   // it was not sent yet, or is to be sent again
	DeliveryRetrying  DeliveryState = "retrying"  // a try failed, more will follow
	DeliveryParked    DeliveryState = "parked"    // given up until a replay
	DeliveryDelivered DeliveryState = "delivered" // the endpoint answered 2xx
	DeliveryEnded     DeliveryState = "ended"     // another one-stop system serves its dossier since
)

// DeliveryStates lists them all.
var DeliveryStates = []DeliveryState{DeliveryWaiting, DeliveryRetrying, DeliveryParked, DeliveryDelivered,
	DeliveryEnded}

// Delivery is an event of a log with what became of pushing it.
type Delivery struct {
	Event         string            `db:"uid"` // the CloudEvents id
	Position      int64             `db:"position"`
	Type          dossier.EventType `db:"type"`
	Dossier       dossier.Code      `db:"dossier"` // code
	CreatedAt     time.Time         `db:"created_at"`
	State         DeliveryState     `db:"state"`
	Attempts      int               `db:"attempts"` // failed ones, since the last replay
	FirstFailedAt *time.Time        `db:"first_failed_at"`
	NextAt        *time.Time        `db:"next_at"`    // of the next try; nil = none is planned
	LastAt        *time.Time        `db:"last_at"`    // of the last try; nil = there was none
	LastStatus    *int              `db:"status"`     // of its reply; 0 = there was none
	LastError     *string           `db:"last_error"` // "" = delivered
}

// DeliveryFilter chooses deliveries. The zero value is all, from the oldest.
type DeliveryFilter struct {
	After   Cursor
	Dossier dossier.Code  // only those about a dossier
	State   DeliveryState // only those in a state; "" = any
}

// Where the events of a state are looked for: those that are to be sent again have a row of their own, and
// their indexes are short.
var deliverySources = map[DeliveryState]string{
	"":                anyDelivery,
	DeliveryEnded:     anyDelivery + ` and e.ended_at is not null`,
	DeliveryDelivered: anyDelivery,
	DeliveryParked: `select e.* from event_push q join event e on e.id = q.event_id
  where q.connection_id = $1 and q.position > $2 and q.state = 'parked' and e.ended_at is null`,
	DeliveryRetrying: pendingDelivery + ` and q.attempts > 0`,
	DeliveryWaiting: pendingDelivery + ` and q.attempts = 0
  union all ` + anyDelivery + ` and e.ended_at is null
    and e.position > (select pushed from connection_push where connection_id = $1)
    and not exists (select 1 from event_push q where q.event_id = e.id)`,
}

const (
	anyDelivery     = `select e.* from event e where e.connection_id = $1 and e.position > $2`
	pendingDelivery = `select e.* from event_push q join event e on e.id = q.event_id
  where q.connection_id = $1 and q.position > $2 and q.state = 'pending' and e.ended_at is null`
)

func deliveriesSQL(of DeliveryState) string {
	return `
select d.uid::text, d.position, d.type, d.data->>'dossier' as dossier, d.created_at, d.state, d.attempts,
       d.first_failed_at, d.next_at, a.at as last_at, a.status, a.error as last_error
from (
  select e.*, case when e.ended_at is not null then 'ended'
           when p.state = 'pending' and p.attempts > 0 then 'retrying'
           when p.state = 'pending' then 'waiting'
           when p.state is not null then p.state
           when e.position > h.pushed then 'waiting'
           else 'delivered' end as state,
         coalesce(p.attempts, 0) as attempts, p.first_failed_at,
         case when p.state = 'pending' and e.ended_at is null then p.next_at end as next_at
  from (` + deliverySources[of] + `) e
  join connection_push h on h.connection_id = e.connection_id
  left join event_push p on p.event_id = e.id
  where $4::text = '' or e.dossier_id = (select id from dossier where code = $4)
) d
left join lateral (select at, status, error from push_attempt where event_id = d.id order by id desc limit 1) a on true
where $5::text = '' or d.state = $5
order by d.position
limit $3`
}

// Deliveries lists events of a connection's log with what became of pushing them, by position, the cursor
// behind the last one, and whether there are more. Errors: ErrCursorAhead, ErrIncarnation as After;
// ErrNotFound.
func Deliveries(ctx context.Context, db postgres.DB, connection string, f DeliveryFilter,
	limit int) (list []Delivery, next Cursor, more bool, err error) {
	head, err := headOf(ctx, db, connection, f.After)
	if err != nil {
		return nil, next, false, err
	}
	rows, err := db.Query(ctx, deliveriesSQL(f.State), connection, f.After.Position, limit+1,
		string(f.Dossier), string(f.State))
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Delivery])
	}
	if err != nil {
		return nil, next, false, fmt.Errorf("onestop: deliveries of %s: %w", connection, err)
	}
	next = Cursor{Incarnation: head.Incarnation, Position: f.After.Position}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	if len(list) > 0 {
		next.Position = list[len(list)-1].Position
	}
	return list, next, more, nil
}

// ParkedDossier is a dossier of which an event was given up. Its events wait until Replay.
type ParkedDossier struct {
	Dossier  dossier.Code      `db:"dossier"`  // code
	Position int64             `db:"position"` // of the event that was given up
	Type     dossier.EventType `db:"type"`     // of that event
	Attempts int               `db:"attempts"`
	Since    time.Time         `db:"first_failed_at"`
	Waiting  int               `db:"waiting"`    // later events of the dossier that wait behind it
	Status   *int              `db:"status"`     // of the last reply; 0 = there was none
	Error    *string           `db:"last_error"` // of the last try
}

const parkedDossiers = `
select e.data->>'dossier' as dossier, p.position, e.type, p.attempts, p.first_failed_at, a.status, a.error as last_error,
       (select count(*) from event_push q join event behind on behind.id = q.event_id
        where q.connection_id = p.connection_id and q.dossier_id = p.dossier_id and q.position > p.position
          and q.state <> 'delivered' and behind.ended_at is null) as waiting
from event_push p join event e on e.id = p.event_id
left join lateral (select status, error from push_attempt where event_id = p.event_id order by id desc limit 1) a on true
where p.connection_id = $1 and p.state = 'parked' and e.ended_at is null and p.position > $2
order by p.position
limit $3`

// Parked lists the dossiers that a connection gave up, by the position of the event that failed, the
// cursor behind the last one, and whether there are more. Errors: those of Deliveries.
func Parked(ctx context.Context, db postgres.DB, connection string, after Cursor,
	limit int) (list []ParkedDossier, next Cursor, more bool, err error) {
	head, err := headOf(ctx, db, connection, after)
	if err != nil {
		return nil, next, false, err
	}
	rows, err := db.Query(ctx, parkedDossiers, connection, after.Position, limit+1)
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[ParkedDossier])
	}
	if err != nil {
		return nil, next, false, fmt.Errorf("onestop: parked dossiers of %s: %w", connection, err)
	}
	next = Cursor{Incarnation: head.Incarnation, Position: after.Position}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	if len(list) > 0 {
		next.Position = list[len(list)-1].Position
	}
	return list, next, more, nil
}
