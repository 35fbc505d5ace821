package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/identity"
	"congdvc/services/filestore"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Errors of what does not belong together. They are wrapped with the names of both.
var (
	ErrOtherKeys = errors.New("the database belongs to other keys: restore the two key files that belong " +
		"to it, or correct VAULT_KEYSET_FILE and VAULT_KEK_FILE")
	ErrUnbound = errors.New("nothing binds the database to its keys and files yet")
)

// An Installation is what belongs together: a database, the keys that seal its rows, and the store of its
// files. One row of the database knows the other two.
type Installation struct {
	Pool  *pgxpool.Pool
	Vault *vault.Vault
	Files *filestore.Store
	Now   func() time.Time
}

// Installation is that of the desk.
func (d *Desk) Installation() Installation {
	return Installation{Pool: d.Pool, Vault: d.Vault, Files: d.Files, Now: d.Now}
}

// bound is the row of the installation.
type bound struct {
	Keyset string  `db:"keyset"`
	Canary string  `db:"canary"`
	Sealed []byte  `db:"canary_sealed"`
	Index  []byte  `db:"canary_index"`
	Store  *string `db:"store"`
}

func canaryBind(canary string) string { return "installation/" + canary }

const canaryIndex = "installation"

const boundSQL = `
select keyset, canary::text as canary, canary_sealed, canary_index, store::text as store from installation`

func readBound(ctx context.Context, db postgres.DB, lock string) (bound, error) {
	rows, err := db.Query(ctx, boundSQL+lock)
	if err != nil {
		return bound{}, fmt.Errorf("desk: read the installation: %w", err)
	}
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bound])
	if errors.Is(err, pgx.ErrNoRows) {
		return b, ErrUnbound
	}
	if err != nil {
		return b, fmt.Errorf("desk: read the installation: %w", err)
	}
	return b, nil
}

// opens proves that the canary is sealed, and indexed, by these keys.
func (b bound) opens(v *vault.Vault) error {
	plain, err := v.OpenText(b.Sealed, canaryBind(b.Canary))
	if err != nil || plain != b.Canary || !bytes.Equal(b.Index, v.Index(canaryIndex, b.Canary)) {
		return fmt.Errorf("%w (the database is of keyset %s, these keys are keyset %s)", ErrOtherKeys,
			b.Keyset, v.ID())
	}
	return nil
}

// CheckKeys proves that the keys belong to the database. Errors: ErrOtherKeys, ErrUnbound.
func (i Installation) CheckKeys(ctx context.Context) error {
	_, err := i.own(ctx)
	return err
}

// own is the row of a database to which the keys belong. The store that it names is the one that the folder
// must be.
func (i Installation) own(ctx context.Context) (bound, error) {
	b, err := readBound(ctx, i.Pool, "")
	if err == nil {
		err = b.opens(i.Vault)
	}
	if err == nil && b.Store != nil {
		i.Files.Bind(*b.Store)
	}
	return b, err
}

// Check proves that the keys and the store belong to the database. Errors: as of CheckKeys;
// filestore.ErrAway.
func (i Installation) Check(ctx context.Context) error {
	b, err := i.own(ctx)
	if err != nil {
		return err
	}
	if b.Store == nil {
		return ErrUnbound
	}
	return i.Files.Ready(ctx)
}

const bindKeysSQL = `
insert into installation (keyset, canary, canary_sealed, canary_index, created_at) values ($1, $2, $3, $4, $5)
on conflict do nothing`

// BindKeys is CheckKeys that also binds a database to which nothing is bound yet: one in which nothing is
// sealed, or whose first rows these keys open. Errors: ErrOtherKeys.
func (i Installation) BindKeys(ctx context.Context) error {
	err := i.CheckKeys(ctx)
	if !errors.Is(err, ErrUnbound) {
		return err
	}
	for _, sealedBy := range []func(context.Context, postgres.DB, *vault.Vault) (bool, error){
		identity.SealedBy, onestop.SealedBy,
	} {
		_, err := sealedBy(ctx, i.Pool, i.Vault)
		if errors.Is(err, vault.ErrCannotOpen) {
			return fmt.Errorf("%w (these keys are keyset %s; which one is right the database does not know "+
				"yet): %w", ErrOtherKeys, i.Vault.ID(), err)
		}
		if err != nil {
			return err
		}
	}
	canary := postgres.NewID()
	sealed, err := i.Vault.SealText(canary, canaryBind(canary))
	if err != nil {
		return err
	}
	_, err = i.Pool.Exec(ctx, bindKeysSQL, i.Vault.ID(), canary, sealed, i.Vault.Index(canaryIndex, canary),
		i.Now())
	if err != nil {
		return fmt.Errorf("desk: bind the keys: %w", err)
	}
	return i.CheckKeys(ctx) // another process may have been first
}
