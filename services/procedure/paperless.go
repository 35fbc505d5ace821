package procedure

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A Paperless is a case of a stored version for which no paper is asked, although other cases of it ask for
// some and the definition does not say that it is intended.
type Paperless struct {
	Code string    `db:"code"`
	Case string    `db:"case_id"`
	Name i18n.Text `db:"case_name"`
}

// Stored versions may be older than the rule that now refuses such a case.
const paperless = `select v.code, k->>'id' as case_id, k->'name' as case_name
from procedure_version v,
    jsonb_array_elements(case jsonb_typeof(definition->'cases') when 'array' then definition->'cases' else '[]' end) k,
    lateral (select case jsonb_typeof(definition->'requirements') when 'array' then definition->'requirements' else '[]' end as papers) p
where state <> 'draft' and (effective_to is null or effective_to > $1 and effective_to > effective_from)
    and jsonb_array_length(papers) > 0 and k->'no_papers' is distinct from 'true'
    and not exists (select from jsonb_array_elements(papers) r
        where (coalesce(r->'cases', '[]') in ('[]', 'null') or r->'cases' ? (k->>'id')) and coalesce(r->'exemptions', '[]') in ('[]', 'null'))
order by v.code, v.number, k->>'id'`

// PaperlessCases returns the paperless cases of all versions that apply on a day or later.
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

// A RecordCount counts what is not known about the records from elsewhere.
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
