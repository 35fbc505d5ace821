package procedure

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// As in inForce, the newest number of the latest first day wins.
const listInForce = `select distinct on (code) id, state, effective_to from procedure_version
where state <> 'draft' and effective_from <= $1 and (effective_to is null or effective_to > $1)
order by code, effective_from desc, number desc`

// List returns the version of every procedure that applies on a day, by code.
func List(ctx context.Context, db postgres.DB, on workday.Date) ([]*Version, error) {
	rows, err := db.Query(ctx, listInForce, on)
	if err != nil {
		return nil, fmt.Errorf("procedure: list: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("procedure: list: %w", err)
	}
	all := make([]*Version, 0, len(found))
	for _, r := range found {
		v, err := version(ctx, db, r)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
