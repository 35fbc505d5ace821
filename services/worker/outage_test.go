package worker

import (
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
)

// takesNothing lets the database be read only, or no more, and ends the connections of the pool.
func (w town) takesNothing(t *testing.T, readOnly bool) {
	t.Helper()
	admin, err := pgx.ConnectConfig(t.Context(), w.Pool.Config().ConnConfig.Copy())
	do(t, err)
	defer admin.Close(t.Context())
	_, err = admin.Exec(t.Context(), `set default_transaction_read_only = off`)
	do(t, err)
	_, err = admin.Exec(t.Context(), `alter database `+
		pgx.Identifier{w.Pool.Config().ConnConfig.Database}.Sanitize()+
		` set default_transaction_read_only = `+strconv.FormatBool(readOnly))
	do(t, err)
	w.Pool.Reset()
}

// due makes the job of a payment due, in spite of an outage.
func (w town) due(t *testing.T, b bill) {
	t.Helper()
	writing := pgx.TxOptions{AccessMode: pgx.ReadWrite}
	do(t, pgx.BeginTxFunc(t.Context(), w.Pool, writing, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `update river_job set scheduled_at = now(), state = 'available'
			where kind = 'submit_paid' and args ->> 'quote' = $1`, b.quote)
		return err
	}))
}

// TestWorkOutlivesAnOutage: while the database takes nothing, nothing of the work is done and none is lost.
// The same process does it afterwards.
func TestWorkOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	before, after := w.paid(t, 1), w.paid(t, 2)
	w.heard(t)
	_, err := w.Pool.Exec(t.Context(), `update river_job set scheduled_at = now() + interval '1 hour',
		state = 'scheduled' where kind = 'submit_paid' and args ->> 'quote' = $1`, after.quote)
	do(t, err)
	stop := start(t, w.worker(t))
	until(t, "a first payment is worked", w.filed(t, before))
	const failed = `select xact_rollback from pg_stat_database where datname = current_database()`
	failures := w.count(t, failed)
	w.takesNothing(t, true)
	w.due(t, after)
	until(t, "the worker meets the outage", func() bool { return w.count(t, failed) > failures+2 })
	if w.filed(t, after)() {
		t.Error("it was filed in a database that takes nothing")
	}
	w.takesNothing(t, false)
	until(t, "the second payment is worked by the same process", w.filed(t, after))
	do(t, stop())
}
