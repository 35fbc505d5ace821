package dossier

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// Named is a dossier's id with its code.
type Named struct {
	ID   ID   `db:"id"`
	Code Code `db:"code"`
}

const namedSQL = `select id, code from dossier where code = $1`

// NameOf finds the id of a code, for the commands that look after the data itself. Errors: ErrNotFound.
func NameOf(ctx context.Context, db postgres.DB, code Code) (Named, error) {
	named, err := names(ctx, db, namedSQL, code)
	if err != nil {
		return Named{}, err
	}
	if len(named) == 0 {
		return Named{}, ErrNotFound
	}
	return named[0], nil
}

const (
	firstNamesSQL = `select id, code from dossier order by id limit $1`
	nextNamesSQL  = `select id, code from dossier where id > $1 order by id limit $2`
)

// Names lists every dossier of the portal by id, up to limit of those after one; "" is before the first.
func Names(ctx context.Context, db postgres.DB, after ID, limit int) ([]Named, error) {
	if after == "" {
		return names(ctx, db, firstNamesSQL, limit)
	}
	return names(ctx, db, nextNamesSQL, after, limit)
}

func names(ctx context.Context, db postgres.DB, sql string, args ...any) ([]Named, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: names: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Named])
	if err != nil {
		return nil, fmt.Errorf("dossier: names: %w", err)
	}
	return all, nil
}
