package onestop

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// ErrMoved says that another one-stop system serves the dossier's agency now.
var ErrMoved = fault.New(fault.Conflict, "onestop.moved")

// formerReads is how long a one-stop system may read what it had acknowledged after its agency has changed
// to another one: long enough for every term and the closing of the books of the year.
const formerReads = 365 * 24 * time.Hour

const servedSince = `
select dossier_id::text, max(created_at) from event
where connection_id = $1 and dossier_id = any($2) and type = $3 and ended_at is null
group by dossier_id`

// ServedSince tells since when a connection serves dossiers that another one served before: when each was
// transferred to it last. A dossier that it served from the beginning is not among them.
func ServedSince(ctx context.Context, tx pgx.Tx, connection string,
	ids []dossier.ID) (map[dossier.ID]time.Time, error) {
	rows, err := tx.Query(ctx, servedSince, connection, ids, dossier.EventTransferred)
	if err != nil {
		return nil, fmt.Errorf("onestop: served since when by %s: %w", connection, err)
	}
	since := map[dossier.ID]time.Time{}
	var id dossier.ID
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &at}, func() error {
		since[id] = at
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("onestop: served since when by %s: %w", connection, err)
	}
	return since, nil
}

// An Ending is a dossier that a connection serves no longer.
type Ending struct {
	Dossier dossier.ID
	Since   time.Time // when this connection began to serve it; zero = from the beginning
	TakenAt time.Time // when the system acknowledged it last since then; zero = never
	Taken   int       // the newest revision that it had then
}

// An event of the same instant as the acknowledgement came before it: both are written under the dossier's
// lock, and a new event would have needed another acknowledgement.
const endEvents = `
update event e set ended_at = $5
from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) as ending (dossier_id, since, taken_at)
where e.connection_id = $1 and e.dossier_id = ending.dossier_id and e.ended_at is null
  and e.created_at >= ending.since and e.created_at > ending.taken_at`

const formerColumns = `dossier_id::text, connection_id::text, last_revision, readable_until, mark`

const formersOf = `select ` + formerColumns + ` from dossier_former_connection
where connection_id = $1 and dossier_id = any($2)`

const keepReading = `
insert into dossier_former_connection (dossier_id, connection_id, last_revision, moved_at, readable_until, mark)
select dossier_id, $1, revision, $4, $5, mark
from unnest($2::uuid[], $3::int[], $6::bytea[]) as taken (dossier_id, revision, mark)
on conflict (dossier_id, connection_id) do update
set last_revision = excluded.last_revision, moved_at = excluded.moved_at,
    readable_until = excluded.readable_until, mark = excluded.mark`

// former is what a connection may still read of a dossier.
type former struct {
	Dossier       dossier.ID `db:"dossier_id"`
	Connection    string     `db:"connection_id"`
	LastRevision  int        `db:"last_revision"`
	ReadableUntil time.Time  `db:"readable_until"`
	Mark          []byte     `db:"mark"`
}

func (f *former) binds() []string {
	return []string{string(f.Dossier), f.Connection, strconv.Itoa(f.LastRevision),
		binding.Instant(&f.ReadableUntil)}
}

// readFormers gives the rows that this portal wrote.
func readFormers(ctx context.Context, db postgres.DB, v *vault.Vault, sql string,
	args ...any) ([]former, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[former])
	if err != nil {
		return nil, err
	}
	return binding.Keep(list, func(f *former) (bool, error) {
		return binding.FormerConnection.Holds(ctx, db, v, f.Mark, f.binds()...)
	})
}

// End ends what a connection has not taken of locked dossiers that another one serves from now on, and lets
// it go on reading what it had acknowledged. Nothing that has a position is deleted or moved. It returns how
// many events ended.
func End(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, endings []Ending,
	now time.Time) (events int, err error) {
	var ids []dossier.ID
	var since, takenAt []time.Time
	for _, e := range endings {
		ids, since, takenAt = append(ids, e.Dossier), append(since, e.Since), append(takenAt, e.TakenAt)
	}
	tag, err := tx.Exec(ctx, endEvents, connection, ids, since, takenAt, now)
	if err == nil {
		err = goOnReading(ctx, tx, v, connection, endings, now)
	}
	if err != nil {
		return 0, fmt.Errorf("onestop: end %d dossiers of %s: %w", len(endings), connection, err)
	}
	return int(tag.RowsAffected()), nil
}

func goOnReading(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, endings []Ending,
	now time.Time) error {
	last := map[dossier.ID]int{}
	var ids []dossier.ID
	for _, e := range endings {
		if !e.TakenAt.IsZero() {
			ids, last[e.Dossier] = append(ids, e.Dossier), e.Taken
		}
	}
	if len(ids) == 0 {
		return nil
	}
	before, err := readFormers(ctx, tx, v, formersOf, connection, ids) // of an earlier time
	if err != nil {
		return err
	}
	for _, f := range before {
		last[f.Dossier] = max(last[f.Dossier], f.LastRevision)
	}
	now = now.Truncate(time.Microsecond) // as the database keeps it
	until := now.Add(formerReads)
	var revisions []int
	var marks [][]byte
	for _, id := range ids {
		f := former{Dossier: id, Connection: connection, LastRevision: last[id], ReadableUntil: until}
		revisions = append(revisions, f.LastRevision)
		marks = append(marks, binding.FormerConnection.Mark(v, f.binds()...))
	}
	_, err = tx.Exec(ctx, keepReading, connection, ids, revisions, now, until, marks)
	return err
}

const appendMany = `
insert into event (uid, connection_id, dossier_id, type, data, created_at)
select uid, $1, dossier_id, $2, data, $6
from unnest($3::uuid[], $4::uuid[], $5::jsonb[]) as new (uid, dossier_id, data)`

// Transfer appends dossier.transferred to the log of a connection for each of the dossiers, which the caller
// has locked.
func Transfer(ctx context.Context, tx pgx.Tx, connection string, thin map[dossier.ID]Thin,
	now time.Time) error {
	var uids, data []string
	var ids []dossier.ID
	for id, t := range thin {
		raw, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("onestop: write event of %s: %w", id, err)
		}
		uids, ids, data = append(uids, postgres.NewID()), append(ids, id), append(data, string(raw))
	}
	_, err := tx.Exec(ctx, appendMany, connection, dossier.EventTransferred, uids, ids, data, now)
	if err != nil {
		return fmt.Errorf("onestop: transfer %d dossiers to %s: %w", len(ids), connection, err)
	}
	return nil
}

const findFormer = `select ` + formerColumns + ` from dossier_former_connection
where connection_id = $2 and readable_until > $3 and dossier_id = (select id from dossier where code = $1)`

const receiverOf = `select receiving_agency_id::text from dossier where id = $1`

// Former finds a dossier that a connection served before and had acknowledged: who receives it now, and the
// newest revision that the connection may still read. Errors: dossier.ErrNotFound.
func Former(ctx context.Context, db postgres.DB, v *vault.Vault, connection string, code dossier.Code,
	now time.Time) (receiving agency.ID, lastRevision int, err error) {
	list, err := readFormers(ctx, db, v, findFormer, code, connection, now)
	if err == nil && len(list) == 0 {
		return "", 0, dossier.ErrNotFound
	}
	if err == nil {
		err = db.QueryRow(ctx, receiverOf, list[0].Dossier).Scan(&receiving)
	}
	if err != nil {
		return "", 0, fmt.Errorf("onestop: did %s serve it: %w", connection, err)
	}
	return receiving, list[0].LastRevision, nil
}
