package agency

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// Takers says which agencies are meant: all of the kinds, and those that have one of the codes.
type Takers struct {
	Kinds []Kind
	Codes []string
}

// Communes stand before departments where both receive: most people go to the nearest.
const (
	takers = ` from agency a
where (a.kind = any($1::text[]) or a.code = any($2::text[])) and a.valid_from <= $3 and (a.valid_to is null or a.valid_to > $3)`

	nearestFirst = `
order by case a.kind when 'commune' then 0 when 'department' then 1 else 2 end, unaccented(a.name->>'vi'), a.name->>'vi', a.id`

	served = ` and exists (select from connection_agency c
    where c.agency_id = a.id and c.valid_from <= $3 and (c.valid_to is null or c.valid_to > $3))`

	taking    = `select ` + columns + takers + nearestFirst
	receiving = `select ` + columns + takers + served + nearestFirst
)

// Taking returns the agencies that are meant and hold on a day, whether or not a one-stop system serves them:
// communes first, each kind in the order of List.
func Taking(ctx context.Context, db postgres.DB, t Takers, on workday.Date) ([]Agency, error) {
	return readTakers(ctx, db, taking, t, on)
}

// Receiving returns those of Taking to which dossiers can be handed in on a day, because a one-stop system
// serves them.
func Receiving(ctx context.Context, db postgres.DB, t Takers, on workday.Date) ([]Agency, error) {
	return readTakers(ctx, db, receiving, t, on)
}

func readTakers(ctx context.Context, db postgres.DB, sql string, t Takers,
	on workday.Date) ([]Agency, error) {
	rows, err := db.Query(ctx, sql, t.Kinds, t.Codes, on)
	if err != nil {
		return nil, fmt.Errorf("agency: receiving: %w", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToStructByName[Agency])
	if err != nil {
		return nil, fmt.Errorf("agency: receiving: %w", err)
	}
	return agencies, nil
}

// An Office is an agency with the calendar by which it works.
type Office struct {
	Agency
	Title i18n.Text // of the calendar, as "Giờ hành chính"
	Works *workday.Calendar
}

const calendarsNamed = `select definition from agency_calendar where name = any($1)`

// CalendarsOf returns the agencies with their calendars, in the same order; agencies of one calendar share
// it.
func CalendarsOf(ctx context.Context, db postgres.DB, agencies []Agency) ([]Office, error) {
	var names []string
	for _, a := range agencies {
		names = append(names, a.Calendar)
	}
	rows, err := db.Query(ctx, calendarsNamed, names)
	if err != nil {
		return nil, fmt.Errorf("agency: calendars: %w", err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowTo[CalendarFile])
	if err != nil {
		return nil, fmt.Errorf("agency: calendars: %w", err)
	}
	type known struct {
		title i18n.Text
		works *workday.Calendar
	}
	calendars := make(map[string]known, len(files))
	for _, f := range files {
		f.remember()
		c, err := f.Calendar()
		if err != nil {
			return nil, err
		}
		calendars[f.Name] = known{f.Title, c}
	}
	offices := make([]Office, 0, len(agencies))
	for _, a := range agencies {
		offices = append(offices, Office{a, calendars[a.Calendar].title, calendars[a.Calendar].works})
	}
	return offices, nil
}

const byUnit = `select ` + columns + ` from agency
where unit_code = $1 and kind = 'commune' and valid_from <= $2 and (valid_to is null or valid_to > $2)
order by valid_from desc limit 1`

// ByUnit returns the People's Committee that governs the commune with this five-digit code on a day. Errors:
// ErrNotFound.
func ByUnit(ctx context.Context, db postgres.DB, unit string, on workday.Date) (*Agency, error) {
	return one(ctx, db, byUnit, unit, on)
}
