package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// The statements of the three other state machines; each is guarded by the state that was read.
const (
	setSyncSQL     = `update dossier set sync_status = $3, row_version = row_version + 1 where id = $1 and sync_status = $2`
	setDeliverySQL = `update dossier set delivery_status = $3, row_version = row_version + 1 where id = $1 and delivery_status = $2`
	setPaymentSQL  = `update dossier set payment_status = $3, row_version = row_version + 1 where id = $1 and payment_status = $2`
)

// SetSync moves the sync state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetSync(ctx context.Context, tx pgx.Tx, d *Dossier, to Sync) error {
	return set(ctx, tx, d, &d.Sync, to, syncMoves, setSyncSQL)
}

// SetDelivery moves the delivery state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetDelivery(ctx context.Context, tx pgx.Tx, d *Dossier, to Delivery) error {
	return set(ctx, tx, d, &d.Delivery, to, deliveryMoves, setDeliverySQL)
}

// SetPayment moves the payment state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetPayment(ctx context.Context, tx pgx.Tx, d *Dossier, to PaymentStatus) error {
	return set(ctx, tx, d, &d.Payment, to, paymentMoves, setPaymentSQL)
}

func set[S ~string](ctx context.Context, tx pgx.Tx, d *Dossier, state *S, to S, table map[S][]S, sql string) error {
	if *state == to {
		return nil
	}
	if !allows(table, *state, to) {
		return ErrMove.With("From", string(*state)).With("To", string(to))
	}
	if err := guarded(ctx, tx, ErrLocked, sql, d.ID, *state, to); err != nil {
		return fmt.Errorf("dossier: set %s to %s: %w", d.ID, to, err)
	}
	*state = to
	d.RowVersion++
	return nil
}

const markSyncSQL = `
update dossier set sync_status = $2 where id = $1 and sync_status = any($3)`

// MarkSync is SetSync for a deliverer that has not read the dossier, and leaves the row version as it is: a push must not
// make an officer's If-Match fail. One statement, which does nothing when the table
// does not allow the move (what was acknowledged meanwhile stays so). It reports whether the state changed.
func MarkSync(ctx context.Context, db postgres.DB, id ID, to Sync) (bool, error) {
	tag, err := db.Exec(ctx, markSyncSQL, id, to, sourcesOf(syncMoves, to))
	if err != nil {
		return false, fmt.Errorf("dossier: mark %s %s: %w", id, to, err)
	}
	return tag.RowsAffected() == 1, nil
}

const setDueSQL = `
update dossier set due_at = $3, due_sheet = $4, row_version = row_version + 1 where id = $1 and row_version = $2`

// SetDue sets the due date with the count that led to it. Errors: ErrLocked.
func SetDue(ctx context.Context, tx pgx.Tx, d *Dossier, due workday.Due) error {
	if err := guarded(ctx, tx, ErrLocked, setDueSQL, d.ID, d.RowVersion, due.At, due.Steps); err != nil {
		return fmt.Errorf("dossier: set the due date of %s: %w", d.ID, err)
	}
	d.DueAt, d.DueSheet = &due.At, due.Steps
	d.RowVersion++
	return nil
}

const setPausedSQL = `update dossier set paused_at = $3, row_version = row_version + 1 where id = $1 and row_version = $2`

// SetPaused stops the clock at an instant, or starts it with nil. A supplement does so by itself. Errors: ErrLocked.
func SetPaused(ctx context.Context, tx pgx.Tx, d *Dossier, since *time.Time) error {
	if err := guarded(ctx, tx, ErrLocked, setPausedSQL, d.ID, d.RowVersion, since); err != nil {
		return fmt.Errorf("dossier: set the pause of %s: %w", d.ID, err)
	}
	d.PausedAt = since
	d.RowVersion++
	return nil
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
