package result

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/vault"
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
	File   string
	Size   int64  // bytes
	SHA256 string // hex
}

const waitSQL = `
insert into result_waiting (file_id, dossier_id, size, sha256, created_at, mark)
select $1, $2, $3, $4, $5, $8
where (select count(*) from result_waiting where dossier_id = $2 and created_at > $6) < $7`

// Wait records a file that came before its result. The caller has locked the dossier. Errors:
// ErrFilesWaiting.
func Wait(ctx context.Context, tx pgx.Tx, v *vault.Vault, of dossier.ID, w Waiting, now time.Time) error {
	mark := binding.WaitingFile.Mark(v, w.File, string(of), strconv.FormatInt(w.Size, 10), w.SHA256,
		binding.Instant(&now))
	tag, err := tx.Exec(ctx, waitSQL, w.File, of, w.Size, w.SHA256, now, now.Add(-WaitsFor), MostWaiting,
		mark)
	if err != nil {
		return fmt.Errorf("result: record a file of %s: %w", of, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrFilesWaiting.With("Most", MostWaiting)
	}
	return nil
}

var waitingSQL = `
select file_id, size, sha256, mark, ` + binding.WaitingFile.Values() + ` from result_waiting where file_id = $1 and dossier_id = $2 and created_at > $3`

// FindWaiting is a file that waits for a result of a dossier. Errors: ErrFile.
func FindWaiting(ctx context.Context, db postgres.DB, v *vault.Vault, of dossier.ID, file string,
	now time.Time) (w Waiting, err error) {
	var mark []byte
	var values []string
	err = db.QueryRow(ctx, waitingSQL, file, of, now.Add(-WaitsFor)).Scan(&w.File, &w.Size, &w.SHA256, &mark,
		&values)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, ErrFile.At("file")
	}
	if err != nil {
		return w, fmt.Errorf("result: find a file of %s: %w", of, err)
	}
	holds, err := binding.WaitingFile.Holds(ctx, db, v, mark, values...)
	if err == nil && !holds {
		err = ErrFile.At("file")
	}
	return w, err
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
