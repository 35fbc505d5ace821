package result

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
)

const (
	// MostWaiting is how many files of one dossier may wait for a result.
	MostWaiting = 20
	// WaitsFor is how long a file waits.
	WaitsFor = 7 * 24 * time.Hour
)

// Faults of files that wait.
var (
	ErrFile         = fault.New(fault.Invalid, "result.file")           // none waits so for the dossier
	ErrFilesWaiting = fault.New(fault.Conflict, "result.files_waiting") // args: Most
)

// A Waiting is a signed file that lies in the store and that a result will name.
type Waiting struct {
	File   string `db:"file_id"`
	Size   int64  `db:"size"`   // bytes
	SHA256 string `db:"sha256"` // hex
}

const waitSQL = `
insert into result_waiting (file_id, dossier_id, size, sha256, created_at)
select $1, $2, $3, $4, $5
where (select count(*) from result_waiting where dossier_id = $2 and created_at > $6) < $7`

// Wait records a file that came before its result. The caller has locked the dossier. Errors:
// ErrFilesWaiting.
func Wait(ctx context.Context, tx pgx.Tx, of dossier.ID, w Waiting, now time.Time) error {
	tag, err := tx.Exec(ctx, waitSQL, w.File, of, w.Size, w.SHA256, now, now.Add(-WaitsFor), MostWaiting)
	if err != nil {
		return fmt.Errorf("result: record a file of %s: %w", of, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrFilesWaiting.With("Most", MostWaiting)
	}
	return nil
}

const waitingSQL = `
select file_id, size, sha256 from result_waiting where file_id = $1 and dossier_id = $2 and created_at > $3`

// FindWaiting is a file that waits for a result of a dossier. Errors: ErrFile.
func FindWaiting(ctx context.Context, db postgres.DB, of dossier.ID, file string,
	now time.Time) (Waiting, error) {
	rows, err := db.Query(ctx, waitingSQL, file, of, now.Add(-WaitsFor))
	if err != nil {
		return Waiting{}, fmt.Errorf("result: find a file of %s: %w", of, err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Waiting])
	if errors.Is(err, pgx.ErrNoRows) {
		return w, ErrFile.At("file")
	}
	if err != nil {
		return w, fmt.Errorf("result: find a file of %s: %w", of, err)
	}
	return w, nil
}

const waitedSQL = `delete from result_waiting where file_id = $1 and dossier_id = $2`

// Waited ends the waiting of a file, in the transaction that names it. Errors: ErrFile when it waits no more.
func Waited(ctx context.Context, tx pgx.Tx, of dossier.ID, file string) error {
	tag, err := tx.Exec(ctx, waitedSQL, file, of)
	if err != nil {
		return fmt.Errorf("result: use a file of %s: %w", of, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrFile.At("file")
	}
	return nil
}

const forgetWaitingSQL = `delete from result_waiting where created_at <= $1`

// ForgetWaiting removes the rows of files that no result named in time. Nothing names the files then, and
// the store sets them aside.
func ForgetWaiting(ctx context.Context, db postgres.DB, now time.Time) error {
	if _, err := db.Exec(ctx, forgetWaitingSQL, now.Add(-WaitsFor)); err != nil {
		return fmt.Errorf("result: forget files: %w", err)
	}
	return nil
}
