package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/workday"
)

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
