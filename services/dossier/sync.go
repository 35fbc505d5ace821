package dossier

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// Sync is how far the one-stop system has the dossier.
type Sync string

// The sync states. Delivered and acknowledged differ: the endpoint answering 2xx does not mean that the
// system has taken the dossier.
const (
	Waiting      Sync = "waiting"      // an event waits to be delivered
	Delivered    Sync = "delivered"    // the endpoint answered 2xx
	Acknowledged Sync = "acknowledged" // the system has the dossier, under its own code
	Failing      Sync = "failing"      // tries fail, more will follow
	Parked       Sync = "parked"       // given up until an operator replays
)

// syncs is the table of the sync states. Acknowledging is possible from any of them, since a system that
// pulls is never pushed to. A new event makes any state wait again.
var syncs = machine[Sync]{
	{Waiting, []Sync{Delivered, Acknowledged, Failing, Parked}},
	{Delivered, []Sync{Waiting, Acknowledged}},
	{Acknowledged, []Sync{Waiting}},
	{Failing, []Sync{Delivered, Acknowledged, Parked, Waiting}},
	{Parked, []Sync{Waiting, Delivered, Acknowledged}},
}

// Syncs lists every sync state.
var Syncs = syncs.states()

// Key is the message key of the state's name.
func (s Sync) Key() string { return "dossier.sync." + string(s) }

// Steady reports whether the state came with a row version of its own. The others may follow on it without
// one, see MarkSync.
func (s Sync) Steady() bool { return s == Waiting || s == Acknowledged }

// SetSync moves the sync state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetSync(ctx context.Context, tx pgx.Tx, d *Dossier, to Sync) error {
	return syncs.set(ctx, tx, d, &d.Sync, to, setSyncSQL)
}

const markSyncSQL = `
update dossier set sync_status = $2, row_version = row_version + case when $2 = 'waiting' then 1 else 0 end
where id = any($1) and sync_status = any($3)`

// MarkSync is SetSync for a deliverer that has not read the dossiers. The row version stays: a push must not
// make an officer's If-Match fail. Only waiting again, which somebody asked for, counts as a change. It is
// one statement, which does nothing to a dossier for which the table does not allow the move, so that an
// acknowledged dossier stays acknowledged. It reports how many changed.
func MarkSync(ctx context.Context, db postgres.DB, to Sync, ids ...ID) (changed int, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	tag, err := db.Exec(ctx, markSyncSQL, ids, to, syncs.sourcesOf(to))
	if err != nil {
		return 0, fmt.Errorf("dossier: mark %d %s: %w", len(ids), to, err)
	}
	return int(tag.RowsAffected()), nil
}

const setOfficeCodeSQL = `
update dossier set office_code = $3, row_version = row_version + 1 where id = $1 and row_version = $2`

// SetOfficeCode keeps the code under which the one-stop system has the dossier. Errors: ErrLocked.
func SetOfficeCode(ctx context.Context, tx pgx.Tx, d *Dossier, code string) error {
	if err := guarded(ctx, tx, ErrLocked, setOfficeCodeSQL, d.ID, d.RowVersion, code); err != nil {
		return fmt.Errorf("dossier: set the office code of %s: %w", d.ID, err)
	}
	d.OfficeCode = &code
	d.RowVersion++
	return nil
}
