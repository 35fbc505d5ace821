package binding

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const windowPlace = "binding window"

const (
	windowSQL = `select sealed from binding_window`
	openSQL   = `insert into binding_window (sealed) values ($1) on conflict (one) do update set sealed = excluded.sealed`
	closeSQL  = `delete from binding_window`
)

// Known tells whether the database has marks at all.
func Known(ctx context.Context, db postgres.DB) (known bool, err error) {
	if err := db.QueryRow(ctx, `select to_regclass('binding_window') is not null`).Scan(&known); err != nil {
		return false, fmt.Errorf("binding: look for the marks: %w", err)
	}
	return known, nil
}

// Open tells whether rows without a mark are taken for what they say: for a bounded time after the upgrade
// that brought the marks, while programs of before still write such rows. No row is a closed window, and an
// open one is sealed with its end, so that the database alone can neither open it nor make it longer.
func Open(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	until, err := Until(ctx, db, v)
	return time.Now().Before(until), err
}

// Until tells when the window ends or ended; the zero time when there is none, or it was not this portal that
// opened it.
func Until(ctx context.Context, db postgres.DB, v *vault.Vault) (time.Time, error) {
	var sealed []byte
	err := db.QueryRow(ctx, windowSQL).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("binding: read the window: %w", err)
	}
	text, err := v.OpenText(sealed, windowPlace)
	if err != nil {
		slog.ErrorContext(ctx,
			"the window for rows without a mark was not opened by this portal: it is closed")
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("binding: read the window: %w", err)
	}
	return until, nil
}

// OpenUntil opens the window until an instant, in place of one that is open.
func OpenUntil(ctx context.Context, db postgres.DB, v *vault.Vault, until time.Time) error {
	sealed, err := v.SealText(until.UTC().Format(time.RFC3339), windowPlace)
	if err == nil {
		_, err = db.Exec(ctx, openSQL, sealed)
	}
	if err != nil {
		return fmt.Errorf("binding: open the window: %w", err)
	}
	return nil
}

// Close closes every window: from now on a row without a mark is absent.
func Close(ctx context.Context, db postgres.DB) error {
	_, err := db.Exec(ctx, closeSQL)
	if err == nil {
		_, err = db.Exec(ctx, closeUpgradeSQL)
	}
	if err != nil {
		return fmt.Errorf("binding: close the window: %w", err)
	}
	return nil
}

const upgradePlace = "binding upgrade"

const (
	upgradeSQL      = `select sealed from binding_upgrade`
	openUpgradeSQL  = `insert into binding_upgrade (sealed) values ($1) on conflict (one) do update set sealed = excluded.sealed`
	closeUpgradeSQL = `delete from binding_upgrade`
)

// An Upgrade is a window for the tables alone whose marks a later upgrade brought, or made anew. In the
// others a row without a mark stays absent.
type Upgrade struct {
	Until  time.Time
	Tables []string
}

// Upgrading reads the window of the last upgrade; the zero value when there is none, or it was not this
// portal that opened it.
func Upgrading(ctx context.Context, db postgres.DB, v *vault.Vault) (u Upgrade, err error) {
	var sealed []byte
	err = db.QueryRow(ctx, upgradeSQL).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return u, nil
	}
	if err != nil {
		return u, fmt.Errorf("binding: read the window of the upgrade: %w", err)
	}
	text, err := v.OpenText(sealed, upgradePlace)
	if err != nil {
		slog.ErrorContext(ctx, "the window of an upgrade was not opened by this portal: it is closed")
		return u, nil
	}
	until, tables, _ := strings.Cut(text, " ")
	if u.Until, err = time.Parse(time.RFC3339, until); err != nil {
		return u, fmt.Errorf("binding: read the window of the upgrade: %w", err)
	}
	u.Tables = strings.Fields(tables)
	return u, nil
}

// OpenUpgrade opens the window of an upgrade, in place of one that is open.
func OpenUpgrade(ctx context.Context, db postgres.DB, v *vault.Vault, u Upgrade) error {
	text := u.Until.UTC().Format(time.RFC3339) + " " + strings.Join(u.Tables, " ")
	sealed, err := v.SealText(text, upgradePlace)
	if err == nil {
		_, err = db.Exec(ctx, openUpgradeSQL, sealed)
	}
	if err != nil {
		return fmt.Errorf("binding: open the window of the upgrade: %w", err)
	}
	return nil
}

// open tells whether rows of a table count that have no mark of its newest version.
func (t *Table) open(ctx context.Context, db postgres.DB, v *vault.Vault) (bool, error) {
	if open, err := Open(ctx, db, v); err != nil || open {
		return open, err
	}
	u, err := Upgrading(ctx, db, v)
	return time.Now().Before(u.Until) && slices.Contains(u.Tables, t.Name), err
}
