package onestop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// MaxReplay is the most events that one replay repeats.
const MaxReplay = 10_000

// Stretch says which events of a connection are to be pushed again: those from one position to another, both
// included, or where Dossier is not empty those of that dossier.
type Stretch struct {
	From, To int64
	Dossier  dossier.Code
}

// What has not been pushed yet will be pushed anyway; so only earlier events are replayed.
const replayed = `
from event e join connection_push p on p.connection_id = e.connection_id
where e.connection_id = $1 and e.position <= p.pushed and e.ended_at is null
  and ($2::text = '' and e.position between $3 and $4
       or $2 <> '' and e.dossier_id = (select id from dossier where code = $2))`

const (
	countReplayed = `select count(*) from (select 1 ` + replayed + ` limit $5) x`

	replayedDossiers = `
select id::text from dossier where id in (select e.dossier_id ` + replayed + `)
order by id for no key update`

	parkedAmong = `
select distinct p.dossier_id::text
from event_push p join event e on e.id = p.event_id
where p.connection_id = $1 and p.state = 'parked' and e.ended_at is null
  and ($2::text = '' and p.position between $3 and $4
       or $2 <> '' and p.dossier_id = (select id from dossier where code = $2))
  and p.dossier_id = any($5)`

	replayEvents = `
insert into event_push (event_id, connection_id, dossier_id, position, state, next_at)
select e.id, e.connection_id, e.dossier_id, e.position, 'pending', $5 ` + replayed + `
  and e.dossier_id = any($6)
order by e.id
on conflict (event_id) do update
set state = 'pending', blame = '', attempts = 0, first_failed_at = null, next_at = excluded.next_at, delivered_at = null`
)

// Replay pushes events of a connection again, under the same ids: parked events, whose dossiers then wait
// again, and delivered ones. It returns how many events that is. The order within a dossier is kept. A
// dossier stays parked while an earlier event of it is parked. More than MaxReplay events at once are
// ErrReplayLong.
func Replay(ctx context.Context, tx pgx.Tx, connection string, of Stretch, now time.Time) (events int,
	err error) {
	defer func() {
		if err != nil && !errors.Is(err, ErrReplayLong) {
			err = fmt.Errorf("onestop: replay %s: %w", connection, err)
		}
	}()
	args := []any{connection, string(of.Dossier), of.From, of.To}
	if err := tx.QueryRow(ctx, countReplayed, append(args, MaxReplay+1)...).Scan(&events); err != nil {
		return 0, err
	}
	if events > MaxReplay {
		return 0, ErrReplayLong.At("to").With("Max", MaxReplay)
	}
	// The dossiers come first, in the order of their ids, as the deliverer holds them.
	held, err := dossiersOf(ctx, tx, replayedDossiers, args...)
	if err != nil {
		return 0, err
	}
	parked, err := dossiersOf(ctx, tx, parkedAmong, append(args, held)...)
	if err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, replayEvents, append(args, now, held)...)
	if err == nil {
		_, err = dossier.MarkSync(ctx, tx, dossier.Waiting, parked...)
	}
	return int(tag.RowsAffected()), err
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

// Outcome is how tries ended.
type Outcome string

// The outcomes.
const (
	Succeeded Outcome = "delivered"
	Failed    Outcome = "failed"
)

// Outcomes lists those that can be asked for.
var Outcomes = []Outcome{Succeeded, Failed}

// AttemptFilter chooses tries. The zero value is all, from the newest.
type AttemptFilter struct {
	Before  int64        // only those before the try with that id
	Dossier dossier.Code // only those about a dossier
	Outcome Outcome
}

const attemptsBefore = `
select a.id, e.uid::text, e.position, e.type, e.data->>'dossier' as dossier, a.at, a.status, a.error, a.took_ms
from push_attempt a join event e on e.id = a.event_id
where a.connection_id = $1 and ($2 = 0 or a.id < $2)
  and ($4 = '' or e.dossier_id = (select id from dossier where code = $4))
  and ($5 = '' or (a.error = '') = ($5 = 'delivered'))
order by a.id desc
limit $3`

// Attempts lists the tries of a connection, newest first. Both the portal's people and the one-stop system
// may see them.
func Attempts(ctx context.Context, db postgres.DB, connection string, f AttemptFilter,
	limit int) ([]Attempt, error) {
	rows, err := db.Query(ctx, attemptsBefore, connection, f.Before, limit, string(f.Dossier),
		string(f.Outcome))
	if err != nil {
		return nil, fmt.Errorf("onestop: attempts of %s: %w", connection, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Attempt])
	if err != nil {
		return nil, fmt.Errorf("onestop: attempts of %s: %w", connection, err)
	}
	return list, nil
}
