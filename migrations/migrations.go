// Package migrations holds the history of the database's schema as plain SQL, and applies it.
//
// Each room owns the file of its tables. A change to tables that are already in use is a new file, named
// NNNNN_what.sql: add, then use, then remove, since the old and the new program run side by side on one
// schema.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// Up brings the schema, and the job queue's own tables, to the newest version. It is safe to repeat, and to
// run from several processes at once: one works while the others wait for it. Each file is one transaction.
func Up(ctx context.Context, pool *pgxpool.Pool) error {
	return locked(ctx, pool, func(schema *goose.Provider, jobs *rivermigrate.Migrator[pgx.Tx]) error {
		if _, err := schema.Up(ctx); err != nil {
			return fmt.Errorf("migrations: up: %w", err)
		}
		if _, err := jobs.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrations: the job queue's tables: %w", err)
		}
		return nil
	})
}

// Down takes back every file with a version above to, newest first. To 0 takes everything, also the job
// queue's tables.
func Down(ctx context.Context, pool *pgxpool.Pool, to int64) error {
	return locked(ctx, pool, func(schema *goose.Provider, jobs *rivermigrate.Migrator[pgx.Tx]) error {
		if to == 0 {
			all := &rivermigrate.MigrateOpts{TargetVersion: -1}
			if _, err := jobs.Migrate(ctx, rivermigrate.DirectionDown, all); err != nil {
				return fmt.Errorf("migrations: take back the job queue's tables: %w", err)
			}
		}
		if _, err := schema.DownTo(ctx, to); err != nil {
			return fmt.Errorf("migrations: down to %d: %w", to, err)
		}
		return nil
	})
}

// Version returns the newest version that the database has, and the newest that this program has. They differ
// while a release is under way, or when `migrate` was forgotten.
func Version(ctx context.Context, pool *pgxpool.Pool) (has, newest int64, err error) {
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	schema, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return 0, 0, fmt.Errorf("migrations: read the files: %w", err)
	}
	has, newest, err = schema.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("migrations: version: %w", err)
	}
	return has, newest, nil
}

// Fingerprint changes whenever Up would make another schema: the hex SHA-256 of every statement that it runs,
// and of what Grant grants.
func Fingerprint() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err == nil {
			fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("migrations: read the files: %w", err)
	}
	for _, sql := range grants("", "", slices.Collect(maps.Keys(kept))) {
		fmt.Fprintln(sum, sql)
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		return "", fmt.Errorf("migrations: the job queue's tables: %w", err)
	}
	for _, version := range jobs.AllVersions() {
		fmt.Fprintf(sum, "river %d\n%s", version.Version, version.SQLUp)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// locked runs change while no other process changes the schema, on connections of its own without the
// portal's statement timeout: building an index over millions of rows takes as long as it takes.
func locked(ctx context.Context, pool *pgxpool.Pool,
	change func(*goose.Provider, *rivermigrate.Migrator[pgx.Tx]) error) (err error) {
	config := pool.Config()
	config.MaxConns, config.MinConns = 4, 0
	config.ConnConfig.RuntimeParams["statement_timeout"] = "0"
	own, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("migrations: open: %w", err)
	}
	defer own.Close()
	db := stdlib.OpenDBFromPool(own)
	defer db.Close()

	const everySecond, forTenMinutes = 1, 600
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(everySecond, forTenMinutes))
	if err != nil {
		return fmt.Errorf("migrations: lock: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrations: reach the database: %w", err)
	}
	defer conn.Close()
	if err := locker.SessionLock(ctx, conn); err != nil {
		return fmt.Errorf("migrations: wait for another process's migration: %w", err)
	}
	defer func() {
		if unlock := locker.SessionUnlock(context.WithoutCancel(ctx), conn); unlock != nil && err == nil {
			err = fmt.Errorf("migrations: unlock: %w", unlock)
		}
	}()

	// Out of order, since rooms number their files apart: 00021 may come after 00030 is in use.
	schema, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("migrations: read the files: %w", err)
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(own),
		&rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("migrations: the job queue's tables: %w", err)
	}
	return change(schema, jobs)
}
