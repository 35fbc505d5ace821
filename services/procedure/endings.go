package procedure

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const answeredFor = `select id, state, effective_to from procedure_version
where state <> 'draft' and (not definition ? 'source' or form is not null)
    and effective_from <= $2 and (effective_to is null or effective_to > $1 and effective_to > effective_from)
order by code, effective_from`

// Between returns the versions that apply on any of the days, from and through included, and that the portal has to
// answer for: those written for it, and those of records that can be filed. They are in the order of code and first day.
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

// An Ending is a version that ends although nothing takes its place on that day.
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

// Endings returns the versions that end after a day, through another one included, without a version that follows at
// once and without a successor.
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

// A Paperless is a case of a stored version for which no paper is asked, although other cases of it have some and
// nothing says that it is no mistake.
type Paperless struct {
	Code string    `db:"code"`
	Case string    `db:"case_id"`
	Name i18n.Text `db:"case_name"`
}

// What stands in the database may be older than the rule that refuses it when it is brought in.
const paperless = `select v.code, k->>'id' as case_id, k->'name' as case_name
from procedure_version v,
    jsonb_array_elements(case jsonb_typeof(definition->'cases') when 'array' then definition->'cases' else '[]' end) k,
    lateral (select case jsonb_typeof(definition->'requirements') when 'array' then definition->'requirements' else '[]' end as papers) p
where state <> 'draft' and (effective_to is null or effective_to > $1 and effective_to > effective_from)
    and jsonb_array_length(papers) > 0 and k->'no_papers' is distinct from 'true'
    and not exists (select from jsonb_array_elements(papers) r
        where (coalesce(r->'cases', '[]') in ('[]', 'null') or r->'cases' ? (k->>'id')) and coalesce(r->'exemptions', '[]') in ('[]', 'null'))
order by v.code, v.number, k->>'id'`

// PaperlessCases returns them of all versions that apply on a day or later.
func PaperlessCases(ctx context.Context, db postgres.DB, on workday.Date) ([]Paperless, error) {
	rows, err := db.Query(ctx, paperless, on)
	if err != nil {
		return nil, fmt.Errorf("procedure: cases without papers: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Paperless])
	if err != nil {
		return nil, fmt.Errorf("procedure: cases without papers: %w", err)
	}
	return all, nil
}

// A RecordCount is what is not known of the records from elsewhere.
type RecordCount struct {
	All          int
	Unreceived   int // name no level whose agencies are in the province
	WithoutPaper int // name no paper
}

const recordCount = `select count(*), count(*) filter (where cardinality(receivers) = 0),
    count(*) filter (where coalesce(definition->'requirements', '[]') in ('[]', 'null'))
from procedure_version
where state <> 'draft' and definition ? 'source' and effective_from <= $1 and (effective_to is null or effective_to > $1)`

// CountRecords counts the records that apply on a day.
func CountRecords(ctx context.Context, db postgres.DB, on workday.Date) (RecordCount, error) {
	var n RecordCount
	if err := db.QueryRow(ctx, recordCount, on).Scan(&n.All, &n.Unreceived, &n.WithoutPaper); err != nil {
		return n, fmt.Errorf("procedure: count records: %w", err)
	}
	return n, nil
}
