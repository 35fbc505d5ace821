package result

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Who may download a result: whoever may see its dossier. The file is reached only through a dossier that the
// caller has found for its owner or for its agency. By its code alone (ByCode) a result can be verified, but
// not downloaded.

// ForDossier returns the results of a dossier that the caller has found for its owner or agency, oldest
// first, including those that do not hold any more.
func ForDossier(ctx context.Context, db postgres.DB, v *vault.Vault, id dossier.ID) ([]Result, error) {
	return many(ctx, db, v, forDossierSQL, id)
}

// Find returns one result of a dossier that the caller has found. Errors: ErrNotFound.
func Find(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, of dossier.ID) (*Result, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return one(ctx, db, v, findSQL, id, of)
}

const openedSQL = `update result set opened_at = $2 where id = $1 and opened_at is null`

// MarkOpened keeps when the owner opened a result; only the first time counts, which it reports.
func MarkOpened(ctx context.Context, tx pgx.Tx, id ID, at time.Time) (first bool, err error) {
	tag, err := tx.Exec(ctx, openedSQL, id, at)
	if err != nil {
		return false, fmt.Errorf("result: mark %s opened: %w", id, err)
	}
	return tag.RowsAffected() == 1, nil
}
