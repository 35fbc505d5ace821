package agency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const between = `select ` + columns + ` from agency
where valid_from <= $2 and (valid_to is null or valid_to > $1 and valid_to > valid_from)
order by code, valid_from`

// Between returns the agencies that hold on any of the days, from and through included, by code and first
// day.
func Between(ctx context.Context, db postgres.DB, from, through workday.Date) ([]Agency, error) {
	rows, err := db.Query(ctx, between, from, through)
	if err != nil {
		return nil, fmt.Errorf("agency: between: %w", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToStructByName[Agency])
	if err != nil {
		return nil, fmt.Errorf("agency: between: %w", err)
	}
	return agencies, nil
}

// FirstWithout returns the first of the days, from and through included, on which none of the agencies that
// match holds.
func FirstWithout(agencies []Agency, from, through workday.Date,
	match func(*Agency) bool) (first workday.Date, found bool) {
	var matching []*Agency
	candidates := []workday.Date{from}
	for i := range agencies {
		if a := &agencies[i]; match(a) {
			matching = append(matching, a)
			if a.ValidTo != nil && a.ValidTo.After(from) {
				candidates = append(candidates, *a.ValidTo)
			}
		}
	}
	for _, day := range candidates {
		if day.After(through) || found && !day.Before(first) || anyHolds(matching, day) {
			continue
		}
		first, found = day, true
	}
	return first, found
}

func anyHolds(agencies []*Agency, on workday.Date) bool {
	for _, a := range agencies {
		if a.HoldsOn(on) {
			return true
		}
	}
	return false
}
