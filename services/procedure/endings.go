package procedure

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const answeredFor = `select id, state, effective_to from procedure_version
where state <> 'draft' and (not definition ? 'source' or form is not null)
    and effective_from <= $2 and (effective_to is null or effective_to > $1 and effective_to > effective_from)
order by code, effective_from`

// Between returns the versions that apply on any of the days, from and through included, and that the portal
// is responsible for: those written for it, and those of records that can be filed. They are ordered by code
// and first day.
func Between(ctx context.Context, db postgres.DB, from, through workday.Date) ([]*Version, error) {
	rows, err := db.Query(ctx, answeredFor, from, through)
	if err != nil {
		return nil, fmt.Errorf("procedure: between: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("procedure: between: %w", err)
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

// An Ending is a version that ends on a day on which nothing takes its place.
type Ending struct {
	Code   string        `db:"code"`
	On     workday.Date  `db:"effective_to"` // first day on which nobody can file it
	Begins *workday.Date `db:"begins"`       // the next version, later; nil when there is none
}

const endings = `select v.code, v.effective_to,
    (select min(n.effective_from) from procedure_version n where n.code = v.code and n.state <> 'draft' and n.effective_from >= v.effective_to
        and (n.effective_to is null or n.effective_to > n.effective_from)) as begins
from procedure_version v
where state <> 'draft' and successor is null and effective_to > effective_from and effective_to > $1 and effective_to <= $2
order by code, effective_to`

// Endings returns the versions that end after a day, through another one included, and that have neither a
// version that follows at once nor a successor.
func Endings(ctx context.Context, db postgres.DB, after, through workday.Date) ([]Ending, error) {
	rows, err := db.Query(ctx, endings, after, through)
	if err != nil {
		return nil, fmt.Errorf("procedure: endings: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Ending])
	if err != nil {
		return nil, fmt.Errorf("procedure: endings: %w", err)
	}
	open := all[:0]
	for _, e := range all {
		if e.Begins == nil || *e.Begins != e.On {
			open = append(open, e)
		}
	}
	return open, nil
}
