package attachment

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// removal proves that the portal took a file off its draft: only it can make it.
func (a *Attachment) removal(v *vault.Vault, at time.Time) []byte {
	return v.Mark("attachment removed", append(a.which(), binding.Instant(&at))...)
}

// sweptSQL finds files that by their rows nobody can reach any more: an attachment was removed, or its draft
// discarded, some time ago. What was filed or issued is never among them.
const sweptSQL = `
with candidate as (
    select file_id from attachment where state = 'removed' and removed_at < $1
    union
    select a.file_id from draft d join attachment a on a.draft_id = d.id
    where d.state = 'discarded' and d.updated_at < $1
)
select c.file_id from candidate c
where c.file_id > $2 and not exists (select from filed_file f where f.file_id = c.file_id)
    and not exists (select from result r where r.file_id = c.file_id)
order by c.file_id limit $3`

const (
	sweptRowsSQL = `
select id, draft_id, file_id, sha256, requirement, media_type, size, source, state, removed_at, removal, mark
from attachment where file_id = any($1)`
	forgetSQL = `delete from attachment where file_id = $1`
)

// given is a row that names a file, as far as it says whether anybody can reach it.
type given struct {
	Attachment
	removed   bool
	removedAt *time.Time
	proof     []byte
	mark      []byte
}

// Sweep is what Sweep works with.
type Sweep struct {
	Store  *filestore.Store
	Vault  *vault.Vault
	Before time.Time // what was removed or discarded since stays
	Now    time.Time
	Limit  int // files
}

// Run sets the bytes of up to Limit files aside that were removed, or whose draft was discarded, and deletes
// their rows; what lies aside is deleted later, by its age. A file goes only when each row that names it
// proves that the portal took it away: what somebody wrote who has the database only takes nothing, and is
// told in the log. The bytes go first: a crash between leaves a row that the next sweep finishes. It returns
// how many went.
func (s Sweep) Run(ctx context.Context, db postgres.DB) (int, error) {
	gone, kept := 0, 0
	for after := ""; ; {
		files, err := stringsOf(ctx, db, sweptSQL, s.Before, after, s.Limit)
		if err != nil {
			return gone, fmt.Errorf("attachment: find what to sweep: %w", err)
		}
		free, err := s.free(ctx, db, files)
		if err != nil {
			return gone, err
		}
		kept += len(files) - len(free)
		for _, file := range free[:min(len(free), s.Limit-gone)] {
			if err := s.Store.SetAside(file, s.Now); err != nil {
				return gone, fmt.Errorf("attachment: sweep %s: %w", file, err)
			}
			if _, err := db.Exec(ctx, forgetSQL, file); err != nil {
				return gone, fmt.Errorf("attachment: forget %s: %w", file, err)
			}
			gone++
		}
		if len(files) < s.Limit || gone == s.Limit {
			break
		}
		after = files[len(files)-1]
	}
	if kept > 0 {
		slog.WarnContext(ctx, "files stay that their rows give up, but not all in the portal's own words",
			"files", kept)
	}
	return gone, nil
}

// free are those of some files whose rows all prove that nobody can reach them.
func (s Sweep) free(ctx context.Context, db postgres.DB, files []string) ([]string, error) {
	if len(files) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, sweptRowsSQL, files)
	if err != nil {
		return nil, fmt.Errorf("attachment: read what to sweep: %w", err)
	}
	named, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g given, err error) {
		var state string
		err = row.Scan(&g.ID, &g.Draft, &g.File, &g.SHA256, &g.Requirement, &g.MediaType, &g.Size, &g.Source,
			&state, &g.removedAt, &g.proof, &g.mark)
		g.removed = state == "removed"
		return g, err
	})
	if err != nil {
		return nil, fmt.Errorf("attachment: read what to sweep: %w", err)
	}
	ids := make([]dossier.DraftID, len(named))
	for i, g := range named {
		ids[i] = g.Draft
	}
	drafts, err := dossier.DraftsByID(ctx, db, s.Vault, ids)
	if err != nil {
		return nil, err
	}
	reached := map[string]bool{}
	for _, g := range named {
		holds, err := binding.Attachment.Holds(ctx, db, s.Vault, g.mark, g.binds()...)
		if err != nil {
			return nil, err
		}
		draft := drafts[g.Draft] // of another's making, it has no state
		discarded := draft.State == dossier.Discarded && draft.UpdatedAt.Before(s.Before)
		if !holds || !discarded && !s.taken(&g) {
			reached[g.File] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(files), func(file string) bool { return reached[file] }), nil
}

// taken tells whether the portal took a file off its draft, long enough ago.
func (s Sweep) taken(g *given) bool {
	return g.removed && g.removedAt.Before(s.Before) &&
		subtle.ConstantTimeCompare(g.proof, g.removal(s.Vault, *g.removedAt)) == 1
}

func stringsOf(ctx context.Context, db postgres.DB, sql string, args ...any) ([]string, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
