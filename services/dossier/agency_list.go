package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// AgencyFilter selects dossiers of agencies. A zero member selects nothing out.
type AgencyFilter struct {
	Agencies        []agency.ID // those that receive or decide now; without one nothing is found
	Statuses        []Status
	Syncs           []Sync
	ChangedSince    time.Time // by the database's clock
	SubmittedSince  time.Time
	SubmittedBefore time.Time
	DueBefore       time.Time // only such as have a due date
}

// A Place is one in the order of changes: behind the dossier ID, which the transaction Changed changed last.
// The zero Place is the beginning.
type Place struct {
	Changed int64
	ID      ID
}

// A Listed is a dossier in the order of changes.
type Listed struct {
	Dossier
	Changed   int64     `db:"changed"`
	ChangedAt time.Time `db:"changed_at"`
}

// openStatuses stands in statements as it does in the partial index that serves them.
var openStatuses = inStatuses(func(s Status) bool { return !s.Ended() })

// where is the part of a statement that selects dossiers d by the members that are set, with their values.
// What is not asked for is not named, so that the index alone can answer as often as possible.
func (f AgencyFilter) where() (sql string, args pgx.NamedArgs) {
	args = pgx.NamedArgs{"agencies": f.Agencies}
	var all strings.Builder
	add := func(set bool, condition, name string, value any) {
		if set {
			all.WriteString(" and d." + condition)
			args[name] = value
		}
	}
	add(len(f.Statuses) > 0, "status = any(@statuses)", "statuses", f.Statuses)
	if len(f.Statuses) > 0 && !slices.ContainsFunc(f.Statuses, Status.Ended) {
		all.WriteString(" and d.status in " + openStatuses)
	}
	add(len(f.Syncs) > 0, "sync_status = any(@syncs)", "syncs", f.Syncs)
	add(!f.ChangedSince.IsZero(), "changed_at >= @since", "since", f.ChangedSince)
	add(!f.SubmittedSince.IsZero(), "submitted_at >= @submitted", "submitted", f.SubmittedSince)
	add(!f.SubmittedBefore.IsZero(), "submitted_at < @before", "before", f.SubmittedBefore)
	add(!f.DueBefore.IsZero(), "due_at < @due", "due", f.DueBefore)
	return all.String(), args
}

// decidedOnly are the dossiers that one of the agencies decides and none of them receives.
const decidedOnly = `d.deciding_agency_id <> d.receiving_agency_id and d.receiving_agency_id <> all(@agencies::uuid[])`

// Of each agency no more rows are read than the page has, in the order of an index: the rows of a hundred
// communes are merged without sorting all that they have.
func (f AgencyFilter) changesSQL() (string, pgx.NamedArgs) {
	where, args := f.where()
	page := ` and (d.changed, d.id) > (@changed, @id) ` + where + ` order by d.changed, d.id limit @limit) k`
	each := `select k.changed, k.id from unnest(@agencies::uuid[]) a cross join lateral (
    select d.changed, d.id from dossier d where d.`
	return `with keys as (
    ` + each + `receiving_agency_id = a` + page + `
    union all
    ` + each + `deciding_agency_id = a and ` + decidedOnly + page + `
    order by changed, id limit @limit)
select ` + columns + `, changed, changed_at
from dossier join (select id as key, changed as at from keys) k on id = key
order by at, key`, args
}

// ListChanged returns up to limit dossiers behind a place in the order of their changes: the one that was
// changed longest ago first. more says that there is a further one. A dossier that changes meanwhile comes
// again, behind all others.
func ListChanged(ctx context.Context, db postgres.DB, v *vault.Vault, f AgencyFilter, after Place,
	limit int) (list []Listed, next Place, more bool, err error) {
	sql, args := f.changesSQL()
	if after.ID == "" {
		after.ID = firstID
	}
	args["changed"], args["id"], args["limit"] = after.Changed, after.ID, limit+1
	rows, err := db.Query(ctx, sql, args)
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowToStructByName[Listed])
	}
	if err != nil {
		return nil, after, false, fmt.Errorf("dossier: list changes: %w", err)
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	if len(list) > 0 {
		last := list[len(list)-1]
		after = Place{last.Changed, last.ID}
	}
	list, err = binding.Keep(list, func(d *Listed) (bool, error) {
		return binding.Dossier.Holds(ctx, db, v, d.Mark, d.binds()...)
	})
	return list, after, more, err
}

// firstID sorts before every id.
const firstID ID = "00000000-0000-0000-0000-000000000000"

const horizonSQL = `
select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint from pg_current_snapshot() s`

// Horizon tells below which number every transaction has ended, and which number was not given yet. Who has
// read every change below settled, at a later time, has missed none of them.
func Horizon(ctx context.Context, db postgres.DB) (settled, next int64, err error) {
	if err = db.QueryRow(ctx, horizonSQL).Scan(&settled, &next); err != nil {
		err = fmt.Errorf("dossier: horizon of changes: %w", err)
	}
	return settled, next, err
}

const settleSQL = `
update dossier set changed = 0 where changed >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`

// SettleChanges puts dossiers to the beginning of the order whose last change seems to lie ahead, as after a
// restore into another cluster, which numbers its transactions anew.
func SettleChanges(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, settleSQL); err != nil {
		return fmt.Errorf("dossier: settle changes: %w", err)
	}
	return nil
}

// A Count is how many dossiers of an agency have a status.
type Count struct {
	Agency agency.ID `db:"agency_id"` // that receives, or else that decides
	Status Status    `db:"status"`
	Number int       `db:"number"`
}

// CountOf counts what ListChanged lists, each dossier once.
func CountOf(ctx context.Context, db postgres.DB, f AgencyFilter) ([]Count, error) {
	where, args := f.where()
	rows, err := db.Query(ctx, `
select agency_id, status, count(*) as number from (
    select d.receiving_agency_id as agency_id, d.status from dossier d
    where d.receiving_agency_id = any(@agencies::uuid[])`+where+`
    union all
    select d.deciding_agency_id, d.status from dossier d
    where d.deciding_agency_id = any(@agencies::uuid[]) and `+decidedOnly+where+`) d
group by agency_id, status`, args)
	if err != nil {
		return nil, fmt.Errorf("dossier: count: %w", err)
	}
	counts, err := pgx.CollectRows(rows, pgx.RowToStructByName[Count])
	if err != nil {
		return nil, fmt.Errorf("dossier: count: %w", err)
	}
	return counts, nil
}
