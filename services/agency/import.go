package agency

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/workday"
)

const calendarNames = `select name from agency_calendar`

const exactAgency = `select ` + columns + ` from agency where code = $1 and valid_from = $2`

// On any day a code belongs to one agency only. Of two rows that overlap, the later one is reported.
const overlapping = `select distinct b.code, b.valid_from from agency a join agency b on a.code = b.code and a.valid_from < b.valid_from
where b.code = any($1::text[]) and (a.valid_to is null or a.valid_to > b.valid_from)`

// Import brings the rows of a file into the database: new ones are added, others corrected in place. The same
// file again changes nothing. Every fault of a row is returned with its line; the transaction must then be
// given up.
func Import(ctx context.Context, tx pgx.Tx, rows []Row) (Changes, error) {
	calendars, err := namesOf(ctx, tx)
	if err != nil {
		return Changes{}, err
	}
	var changes Changes
	var wrong faults
	var codes []string
	lines := map[string]int{}
	for _, row := range rows {
		e, err := row.completed(ctx, tx)
		if err != nil {
			return Changes{}, err
		}
		codes = append(codes, e.Code)
		lines[e.Code] = row.Line
		if !calendars[e.Calendar] {
			wrong.add(row.Line, "the calendar %q is unknown", e.Calendar)
			continue
		}
		done, err := Load(ctx, tx, &Registry{Agencies: []Entry{e}})
		if errors.Is(err, ErrNotFound) {
			wrong.add(row.Line, "the parent %q does not hold on %s; it stands before its children", e.Parent,
				e.ValidFrom)
			continue
		}
		if err != nil {
			return Changes{}, fmt.Errorf("agency: line %d: %w", row.Line, err)
		}
		changes.add(done)
	}
	twice, err := overlaps(ctx, tx, codes)
	if err != nil {
		return Changes{}, err
	}
	for _, o := range twice {
		wrong.add(lines[o.Code],
			"%s begins anew on %s while an earlier one still holds; give that one a valid_to", o.Code, o.From)
	}
	circles, err := inCircles(ctx, tx, codes)
	if err != nil {
		return Changes{}, err
	}
	for _, code := range circles {
		wrong.add(lines[code], "%s would stand below itself, by its parent and that one's parents", code)
	}
	return changes, wrong.err()
}

const circles = `with recursive up (start, id) as (
    select id, parent_id from agency where code = any($1::text[]) and parent_id is not null
    union
    select up.start, a.parent_id from up join agency a on a.id = up.id where a.parent_id is not null and up.id <> up.start)
select distinct a.code from up join agency a on a.id = up.start where up.start = up.id order by a.code`

// inCircles returns the codes that stand, directly or not, below themselves.
func inCircles(ctx context.Context, db postgres.DB, codes []string) ([]string, error) {
	rows, err := db.Query(ctx, circles, codes)
	if err != nil {
		return nil, fmt.Errorf("agency: look for circles: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("agency: look for circles: %w", err)
	}
	return found, nil
}

func namesOf(ctx context.Context, db postgres.DB) (map[string]bool, error) {
	rows, err := db.Query(ctx, calendarNames)
	if err != nil {
		return nil, fmt.Errorf("agency: list calendars: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("agency: list calendars: %w", err)
	}
	known := map[string]bool{}
	for _, name := range names {
		known[name] = true
	}
	return known, nil
}

type overlap struct {
	Code string       `db:"code"`
	From workday.Date `db:"valid_from"`
}

func overlaps(ctx context.Context, db postgres.DB, codes []string) ([]overlap, error) {
	rows, err := db.Query(ctx, overlapping, codes)
	if err != nil {
		return nil, fmt.Errorf("agency: look for overlaps: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[overlap])
	if err != nil {
		return nil, fmt.Errorf("agency: look for overlaps: %w", err)
	}
	return found, nil
}

// completed is the row's agency; what the file does not tell is taken from the database.
func (r Row) completed(ctx context.Context, db postgres.DB) (Entry, error) {
	e := r.Entry
	rows, err := db.Query(ctx, exactAgency, e.Code, e.ValidFrom)
	if err != nil {
		return Entry{}, fmt.Errorf("agency: line %d: %w", r.Line, err)
	}
	was, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Agency])
	if errors.Is(err, pgx.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return Entry{}, fmt.Errorf("agency: line %d: %w", r.Line, err)
	}
	e.Provisional = was.Provisional
	if !r.has("calendar") {
		e.Calendar = was.Calendar
	}
	if !r.has("valid_to") {
		e.ValidTo = was.ValidTo
	}
	if !r.has("unit_code") {
		e.UnitCode = was.UnitCode
	}
	if !r.has("qcvn") {
		e.QCVN = was.QCVN
	}
	if !r.has("address") {
		e.Address = was.Address
	}
	if !r.has("phone") {
		e.Phone = was.Phone
	}
	return e, nil
}
