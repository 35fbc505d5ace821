package attachment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/filestore"
	"congdvc/services/postgres"
)

// sweptSQL finds files that nobody can reach any more: every attachment that shares the bytes was removed, or
// belongs to a discarded draft, some time ago. What was submitted is never among them.
const sweptSQL = `
with candidate as (
    select file_id from attachment where state = 'removed' and removed_at < $1
    union
    select a.file_id from draft d join attachment a on a.draft_id = d.id and a.state = 'kept'
    where d.state = 'discarded' and d.updated_at < $1
)
select c.file_id from candidate c
where not exists (
    select from attachment o join draft od on od.id = o.draft_id
    where o.file_id = c.file_id and not (
        o.state = 'removed' and o.removed_at < $1 or od.state = 'discarded' and od.updated_at < $1)
)
limit $2`

const forgetSQL = `delete from attachment where file_id = $1`

// Sweep deletes the bytes and rows of up to limit files that were removed, or whose draft was discarded,
// before an instant. The bytes go first: a crash between leaves a row that the next sweep finishes. It
// returns how many went.
func Sweep(ctx context.Context, db postgres.DB, store *filestore.Store, before time.Time,
	limit int) (int, error) {
	rows, err := db.Query(ctx, sweptSQL, before, limit)
	if err != nil {
		return 0, fmt.Errorf("attachment: find what to sweep: %w", err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("attachment: find what to sweep: %w", err)
	}
	for n, file := range files {
		if err := store.Delete(ctx, file); err != nil {
			return n, fmt.Errorf("attachment: sweep %s: %w", file, err)
		}
		if _, err := db.Exec(ctx, forgetSQL, file); err != nil {
			return n, fmt.Errorf("attachment: forget %s: %w", file, err)
		}
	}
	return len(files), nil
}
