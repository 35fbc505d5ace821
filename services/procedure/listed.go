package procedure

import (
	"context"
	"fmt"

	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// The day is that of the change which a reader sees last: a version may be published before its first day,
// and a correction after it.
const eachInForce = `
select distinct on (code) code, greatest(effective_from, (created_at at time zone 'Asia/Ho_Chi_Minh')::date)
from procedure_version
where state <> 'draft' and effective_from <= $1 and (effective_to is null or effective_to > $1)
order by code, effective_from desc, number desc`

// EachInForce calls f for every procedure that applies on a day, in the order of codes, with the day since
// which it reads as it does. An error of f ends it.
func EachInForce(
	ctx context.Context, db postgres.DB, on workday.Date, f func(code string, since workday.Date) error,
) error {
	rows, err := db.Query(ctx, eachInForce, on)
	if err != nil {
		return fmt.Errorf("procedure: list what applies: %w", err)
	}
	var code string
	var since workday.Date
	_, err = pgx.ForEachRow(rows, []any{&code, &since}, func() error { return f(code, since) })
	if err != nil {
		return fmt.Errorf("procedure: list what applies: %w", err)
	}
	return nil
}
