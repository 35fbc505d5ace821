package onestop

import (
	"context"
	"errors"
	"fmt"

	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

const oldestSecrets = `select id::text, secrets_sealed from connection order by created_at, id limit 1`

// SealedBy proves that the secrets of the first connection are sealed by these keys. It is false while there
// is no connection. Error: vault.ErrCannotOpen.
func SealedBy(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	var id string
	var sealed []byte
	err := db.QueryRow(ctx, oldestSecrets).Scan(&id, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("onestop: find the first connection: %w", err)
	}
	_, err = openSecrets(v, id, sealed)
	return true, err
}
