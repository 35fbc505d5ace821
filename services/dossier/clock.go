package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/workday"
)

// turnClock stops the clock when the dossier comes to a status that pauses it, and starts it again when the
// dossier leaves that status. Which statuses pause is data: the column pauses of the table in status.go.
func (d *Dossier) turnClock(from, to Status, at time.Time) {
	switch {
	case to.pauses():
		d.PausedAt = &at
	case from.pauses():
		d.PausedAt = nil
	}
}

const setDueSQL = `
update dossier set due_at = $3, due_sheet = $4, row_version = row_version + 1 where id = $1 and row_version = $2`

// setDue sets the due date with the count that led to it. Errors: ErrLocked.
func setDue(ctx context.Context, tx pgx.Tx, d *Dossier, due workday.Due) error {
	if err := guarded(ctx, tx, ErrLocked, setDueSQL, d.ID, d.RowVersion, due.At, due.Steps); err != nil {
		return fmt.Errorf("dossier: set the due date of %s: %w", d.ID, err)
	}
	d.DueAt, d.DueSheet = &due.At, due.Steps
	d.RowVersion++
	return nil
}
