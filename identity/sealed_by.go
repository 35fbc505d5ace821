package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

const sqlOldest = `select ` + partyColumns + ` from party order by created_at, id limit 1`

// SealedBy proves that the first party that was kept is sealed, and its number indexed, by these keys. It is
// false while there is no party. Error: vault.ErrCannotOpen.
func SealedBy(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	rows, err := db.Query(ctx, sqlOldest)
	if err != nil {
		return false, fmt.Errorf("identity: find the first party: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[partyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("identity: find the first party: %w", err)
	}
	p, err := row.open(v)
	if err == nil && !bytes.Equal(v.Index(indexKinds[p.Kind], p.Number), row.NumberIndex) {
		err = fmt.Errorf("identity: the number of party %s has another index: %w", p.ID, vault.ErrCannotOpen)
	}
	return true, err
}
