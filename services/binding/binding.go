// Package binding ties rows to those who may see them or act on them. Each such row carries a mark, a keyed
// hash over its key and over the columns that decide it (tables.go). The program that rightly changes the
// columns writes the mark with them; reading checks it. So whoever can write to the database, but lacks the
// keys, cannot give a dossier, a mandate or a key to anybody: the row is not found from then on, and an alarm
// stands in the log.
//
// A mark cannot tell that a whole row was put back as it was before, mark included: that takes a look at the
// database's own log.
package binding

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Opt is a column that may be null, as marks take it: "" for nil.
func Opt[T ~string](p *T) string {
	if p == nil {
		return ""
	}
	return string(*p)
}

// Instant is a column of type timestamptz, as marks take it; "" for nil.
func Instant(at *time.Time) string {
	if at == nil {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// Mark returns the mark of a row whose key and deciding columns have these values, in the order of the table.
// It is that of a program which does not know the later columns, while they are empty.
func (t *Table) Mark(v *vault.Vault, values ...string) []byte {
	if len(values) != len(t.Key)+len(t.Decides) {
		panic("binding: " + t.Name + " is bound by another number of columns")
	}
	for range later[t.Name] {
		if values[len(values)-1] != "" {
			break
		}
		values = values[:len(values)-1]
	}
	return v.Mark(t.Name, values...)
}

// Holds tells whether a row is as the portal wrote it. A row without a mark holds only while the window is
// open. What does not hold is told in the log, once each time that it is read.
func (t *Table) Holds(ctx context.Context, db postgres.DB, v *vault.Vault, mark []byte,
	values ...string) (bool, error) {
	if len(mark) > 0 {
		if t.written(v, mark, values...) {
			return true, nil
		}
	} else if open, err := Open(ctx, db, v); err != nil || open {
		return open, err
	}
	slog.ErrorContext(ctx, "a row was not written by this portal: it is treated as absent", "table", t.Name,
		"row", strings.Join(values[:len(t.Key)], "/"), "marked", len(mark) > 0)
	return false, nil
}

func (t *Table) written(v *vault.Vault, mark []byte, values ...string) bool {
	return subtle.ConstantTimeCompare(mark, t.Mark(v, values...)) == 1
}

// Keep returns the rows of a list that hold, in their order.
func Keep[T any](list []T, holds func(*T) (bool, error)) ([]T, error) {
	kept := list[:0]
	for i := range list {
		ok, err := holds(&list[i])
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, list[i])
		}
	}
	return kept, nil
}

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

// Close closes the window: from now on a row without a mark is absent.
func Close(ctx context.Context, db postgres.DB) error {
	if _, err := db.Exec(ctx, closeSQL); err != nil {
		return fmt.Errorf("binding: close the window: %w", err)
	}
	return nil
}
