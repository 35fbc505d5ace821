package result

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// A Kept is a file that must lie in the store, since a result is in it, or will be.
type Kept struct {
	File   string       `db:"file_id"`
	Size   int64        `db:"size"`
	SHA256 string       `db:"sha256"` // hex
	Code   dossier.Code `db:"code"`   // of the dossier
}

const allKeptSQL = `
select k.file_id, k.size, k.sha256, d.code from (
    select file_id, dossier_id, size, sha256 from result where file_id > $1
    union all select file_id, dossier_id, size, sha256 from result_waiting where file_id > $1
) k join dossier d on d.id = k.dossier_id order by k.file_id limit $2`

// AllKept lists the files of all results and those that wait for one, in the order of their ids, from the one
// after a given id ("" is the first).
func AllKept(ctx context.Context, db postgres.DB, after string, limit int) ([]Kept, error) {
	rows, err := db.Query(ctx, allKeptSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("result: list all: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Kept])
	if err != nil {
		return nil, fmt.Errorf("result: list all: %w", err)
	}
	return all, nil
}

// IssuedFile is the file of the result that Insert gives when the same bytes are delivered once more. Errors:
// ErrNotFound.
func IssuedFile(ctx context.Context, db postgres.DB, v *vault.Vault, of dossier.ID,
	sha256 string) (string, error) {
	r, err := one(ctx, db, v, issuedSQL, of, sha256)
	if err != nil {
		return "", err
	}
	return r.File, nil
}

const keptTotalSQL = `
select count(*), coalesce(sum(size), 0)::bigint
from (select size from result union all select size from result_waiting) k`

// TotalKept counts what AllKept lists, and its bytes.
func TotalKept(ctx context.Context, db postgres.DB) (files, bytes int64, err error) {
	if err = db.QueryRow(ctx, keptTotalSQL).Scan(&files, &bytes); err != nil {
		err = fmt.Errorf("result: count all: %w", err)
	}
	return files, bytes, err
}

const namedSQL = `
select file_id from result where file_id = any($1)
union select file_id from result_waiting where file_id = any($1)`

// Named tells which of some file ids a result names, or will.
func Named(ctx context.Context, db postgres.DB, files []string) ([]string, error) {
	rows, err := db.Query(ctx, namedSQL, files)
	if err != nil {
		return nil, fmt.Errorf("result: look for files: %w", err)
	}
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("result: look for files: %w", err)
	}
	return named, nil
}
