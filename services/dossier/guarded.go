package dossier

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// guarded runs an update of one row that must still be as it was read; if it matches no row the error is
// gone.
func guarded(ctx context.Context, tx pgx.Tx, gone error, sql string, args ...any) error {
	tag, err := tx.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return gone
	}
	return err
}

// scanOne reads one column of one row; no row is ErrNotFound.
func scanOne[T any](ctx context.Context, db postgres.DB, sql string, args ...any) (T, error) {
	var value T
	err := db.QueryRow(ctx, sql, args...).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return value, err
}
