package procedure

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// As in inForce, the newest number of the latest first day wins.
const listInForce = `select distinct on (code) id, state, effective_to from procedure_version
where state <> 'draft' and effective_from <= $1 and (effective_to is null or effective_to > $1)
order by code, effective_from desc, number desc`

// List returns the version of every procedure that applies on a day, ordered by code. It reads whole
// definitions, one by one unless they are in memory; pages use Search and its like.
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

const byCodes = `select v.listing, day from
    (select coalesce($1::date, (now() at time zone 'Asia/Ho_Chi_Minh')::date) as day) d, procedure_version v
where code = any($2::text[]) and state <> 'draft' and effective_from <= day and (effective_to is null or effective_to > day)
order by array_position($2::text[], code) limit $3`

// listed returns those of the procedures that are in force, in the order of their codes.
func listed(ctx context.Context, db postgres.DB, on *workday.Date, codes []string, limit int) ([]Hit, error) {
	rows, err := db.Query(ctx, byCodes, on, codes, limit)
	if err != nil {
		return nil, fmt.Errorf("procedure: list: %w", err)
	}
	hits, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Hit, error) {
		var raw json.RawMessage
		var day workday.Date
		if err := r.Scan(&raw, &day); err != nil {
			return Hit{}, err
		}
		return hitOf(raw, day)
	})
	if err != nil {
		return nil, fmt.Errorf("procedure: list: %w", err)
	}
	return hits, nil
}

// An Entry is a version as a list for operators shows it.
type Entry struct {
	ID            string        `db:"id"`
	Code          string        `db:"code"`
	Number        int           `db:"number"`
	State         State         `db:"state"`
	Origin        string        `db:"origin"` // starter, national, operator
	EffectiveFrom workday.Date  `db:"effective_from"`
	EffectiveTo   *workday.Date `db:"effective_to"` // first day on which it no longer applies; nil is open
	// code of the procedure that takes the place of one that ended
	Successor *string   `db:"successor"`
	Name      i18n.Text `db:"name"`
	Level     Level     `db:"level"`
	Form      bool      `db:"has_form"`
	General   bool      `db:"general"` // filed through the general form
}

const entries = `select id, code, number, state, origin, effective_from, effective_to, successor, definition->'name' as name,
    definition->>'level' as level, form is not null as has_form, definition ? 'general' as general
from procedure_version
where ($1 = '' or code = $1) and ($2 = '' or state = $2)
order by code, number`

// Entries lists versions by code and number; an empty code or state is every one.
func Entries(ctx context.Context, db postgres.DB, code string, state State) ([]Entry, error) {
	rows, err := db.Query(ctx, entries, code, string(state))
	if err != nil {
		return nil, fmt.Errorf("procedure: entries: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Entry])
	if err != nil {
		return nil, fmt.Errorf("procedure: entries: %w", err)
	}
	return all, nil
}
