package attachment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
)

// A Kept is a file that must lie in the store, by a table that names it.
type Kept struct {
	File   string // id in the store
	Size   int64
	SHA256 string       // hex
	Code   dossier.Code // "" for a draft that was not handed in
	Draft  dossier.DraftID
}

// keptSQL leaves out what Sweep deletes sooner or later, with a null in place of the size. Copies share one
// file; their rows say the same of it.
const keptSQL = `
with page as (select distinct file_id from attachment where file_id > $1 order by file_id limit $2)
select p.file_id, k.size, k.sha256, k.code, k.draft_id from page p left join lateral (
    select a.size, a.sha256, coalesce(h.code, '') as code, a.draft_id::text as draft_id
    from attachment a join draft d on d.id = a.draft_id left join dossier h on h.id = d.dossier_id
    where a.file_id = p.file_id and a.state = 'kept' and d.state <> 'discarded'
    order by h.code nulls last, a.created_at limit 1) k on true
order by p.file_id`

// AllKept looks at some files of all drafts and dossiers, in the order of their ids, from the one after a
// given id ("" is the first). It goes on after next, unless that is "".
func AllKept(ctx context.Context, db postgres.DB, after string, limit int) (all []Kept, next string,
	err error) {
	rows, err := db.Query(ctx, keptSQL, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("attachment: list all: %w", err)
	}
	seen := 0
	for rows.Next() {
		var size *int64
		var sum, code, draft *string
		if err := rows.Scan(&next, &size, &sum, &code, &draft); err != nil {
			rows.Close()
			return nil, "", fmt.Errorf("attachment: list all: %w", err)
		}
		if seen++; size != nil {
			all = append(all, Kept{next, *size, *sum, dossier.Code(*code), dossier.DraftID(*draft)})
		}
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("attachment: list all: %w", err)
	}
	if seen < limit {
		next = ""
	}
	return all, next, nil
}

const keptTotalSQL = `
select count(*), coalesce(sum(size), 0)::bigint from (
    select distinct a.file_id, a.size from attachment a join draft d on d.id = a.draft_id
    where a.state = 'kept' and d.state <> 'discarded') x`

// TotalKept counts what AllKept lists, and its bytes.
func TotalKept(ctx context.Context, db postgres.DB) (files, bytes int64, err error) {
	if err = db.QueryRow(ctx, keptTotalSQL).Scan(&files, &bytes); err != nil {
		err = fmt.Errorf("attachment: count all: %w", err)
	}
	return files, bytes, err
}

const saysSQL = `
select exists (select from attachment a join draft d on d.id = a.draft_id
    where a.file_id = $1 and a.size = $2 and a.sha256 = $3 and a.state = 'kept' and d.state <> 'discarded')
and not exists (select from attachment a join draft d on d.id = a.draft_id
    where a.file_id = $1 and (a.size <> $2 or a.sha256 <> $3) and a.state = 'kept' and d.state <> 'discarded')`

// Says tells whether the rows of a file, as AllKept gives them, say the same of it.
func Says(ctx context.Context, db postgres.DB, file string, size int64, sha256 string) (same bool,
	err error) {
	if err = db.QueryRow(ctx, saysSQL, file, size, sha256).Scan(&same); err != nil {
		err = fmt.Errorf("attachment: compare file %s: %w", file, err)
	}
	return same, err
}

const namedSQL = `select distinct file_id from attachment where file_id = any($1)`

// Named tells which of some file ids the table names, in whatever state.
func Named(ctx context.Context, db postgres.DB, files []string) ([]string, error) {
	rows, err := db.Query(ctx, namedSQL, files)
	if err != nil {
		return nil, fmt.Errorf("attachment: look for files: %w", err)
	}
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("attachment: look for files: %w", err)
	}
	return named, nil
}

// Lies proves that a file lies in the store with its size. Errors: ErrLost, around what was found;
// filestore.ErrAway.
func Lies(ctx context.Context, store *filestore.Store, file string, size int64) error {
	has, err := store.Size(ctx, file)
	switch {
	case errors.Is(err, filestore.ErrNotFound), errors.Is(err, filestore.ErrDamaged):
		return ErrLost.From(fmt.Errorf("attachment: file %s: %w", file, err))
	case err != nil:
		return fmt.Errorf("attachment: measure file %s: %w", file, err)
	case has != size:
		return ErrLost.From(fmt.Errorf("attachment: file %s has %d bytes of %d", file, has, size))
	}
	return nil
}
