package agency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const receiving = `select a.id from agency a join connection_agency c on c.agency_id = a.id
where a.kind = any($1) and a.valid_from <= $2 and (a.valid_to is null or a.valid_to > $2)
    and c.valid_from <= $2 and (c.valid_to is null or c.valid_to > $2)`

// Receiving returns the agencies of some kinds to which dossiers can be handed in on a day: those that exist and are
// served by a one-stop system. They are in the order of List.
func Receiving(ctx context.Context, db postgres.DB, kinds []Kind, on workday.Date) ([]Agency, error) {
	rows, err := db.Query(ctx, receiving, kinds, on)
	if err != nil {
		return nil, fmt.Errorf("agency: receiving: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("agency: receiving: %w", err)
	}
	served := make(map[ID]bool, len(ids))
	for _, id := range ids {
		served[id] = true
	}
	var offices []Agency
	for _, kind := range kinds {
		all, err := List(ctx, db, Filter{Kind: kind, On: on})
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			if served[a.ID] {
				offices = append(offices, a)
			}
		}
	}
	return offices, nil
}
