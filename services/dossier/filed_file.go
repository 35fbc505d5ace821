package dossier

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const filedFilesSQL = `select file_id from filed_file where file_id = any($1)`

// FiledFiles tells which of some files a revision or a result names. Rows of that table are only ever added:
// whatever the other tables say, these files stay.
func FiledFiles(ctx context.Context, db postgres.DB, files []string) ([]string, error) {
	rows, err := db.Query(ctx, filedFilesSQL, files)
	if err != nil {
		return nil, fmt.Errorf("dossier: look for filed files: %w", err)
	}
	filed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("dossier: look for filed files: %w", err)
	}
	return filed, nil
}

const draftsByIDSQL = `select ` + draftColumns + ` from draft where id = any($1)`

// DraftsByID returns those of some drafts that are as this portal wrote them, for its own work, which acts
// for nobody.
func DraftsByID(ctx context.Context, db postgres.DB, v *vault.Vault,
	ids []DraftID) (map[DraftID]Draft, error) {
	list, err := manyDrafts(ctx, db, v, draftsByIDSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("dossier: find drafts: %w", err)
	}
	drafts := make(map[DraftID]Draft, len(list))
	for _, d := range list {
		drafts[d.ID] = d
	}
	return drafts, nil
}
