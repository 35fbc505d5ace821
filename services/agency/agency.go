// Package agency keeps the authorities of the province over time: who they are, below whom they stand, when
// their offices work, and which one-stop system serves each of them on a given day. Wards merge and codes
// change, so an agency is a row with the days on which it holds, and a dossier points at the row, not at the
// code.
package agency

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// ID names an agency's row; a UUIDv7.
type ID string

// Kind is the level of an agency.
type Kind string

// The levels. Districts ended on 1 July 2025.
const (
	Province   Kind = "province"
	Department Kind = "department"
	Commune    Kind = "commune"
)

// An Agency is an authority as it is from ValidFrom on, until the day before ValidTo.
type Agency struct {
	ID   ID     `db:"id"`
	Code string `db:"code"` // left to right, as "H42.37.14329" (Decision 20/2020/QĐ-TTg)
	// right to left, as "000.00.12.H42" (QCVN 102:2016); "" when not known
	QCVN     string    `db:"qcvn"`
	UnitCode string    `db:"unit_code"` // 5-digit code of the commune that it governs; "" for others
	Name     i18n.Text `db:"name"`
	Kind     Kind      `db:"kind"`
	Parent   *ID       `db:"parent_id"`
	Address  i18n.Text `db:"address"`  // empty when not known
	Phone    string    `db:"phone"`    // "" when not known
	Calendar string    `db:"calendar"` // name of the calendar by which it works
	// what of this is not confirmed yet, for people; empty when all is
	Provisional i18n.Text     `db:"provisional"`
	ValidFrom   workday.Date  `db:"valid_from"`
	ValidTo     *workday.Date `db:"valid_to"` // first day on which it no longer holds; nil is open
}

// What a caller can be told.
var (
	ErrNotFound     = fault.New(fault.NotFound, "agency.not_found")
	ErrNoConnection = fault.New(fault.Unavailable, "agency.no_connection")
)

const columns = `id, code, qcvn, unit_code, name, kind, parent_id, address, phone, calendar, provisional, valid_from, valid_to`

const findMany = `select ` + columns + ` from agency where id = any($1::uuid[])`

// Find returns one agency, also one that holds no longer. Errors: ErrNotFound.
func Find(ctx context.Context, db postgres.DB, id ID) (*Agency, error) {
	found, err := FindMany(ctx, db, id)
	if err != nil {
		return nil, err
	}
	if a, ok := found[id]; ok {
		return a, nil
	}
	return nil, ErrNotFound
}

// FindMany returns those of the agencies that exist, by id.
func FindMany(ctx context.Context, db postgres.DB, ids ...ID) (map[ID]*Agency, error) {
	var known []string
	for _, id := range ids {
		if postgres.IsID(id) {
			known = append(known, string(id))
		}
	}
	found := make(map[ID]*Agency, len(known))
	if len(known) == 0 {
		return found, nil
	}
	rows, err := db.Query(ctx, findMany, known)
	if err != nil {
		return nil, fmt.Errorf("agency: find %d: %w", len(known), err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[Agency])
	if err != nil {
		return nil, fmt.Errorf("agency: find %d: %w", len(known), err)
	}
	for _, a := range agencies {
		found[a.ID] = a
	}
	return found, nil
}

const byCode = `select ` + columns + ` from agency
where code = $1 and valid_from <= $2 and (valid_to is null or valid_to > $2)
order by valid_from desc limit 1`

// ByCode returns the agency that bears a code on a day. Errors: ErrNotFound.
func ByCode(ctx context.Context, db postgres.DB, code string, on workday.Date) (*Agency, error) {
	return one(ctx, db, byCode, code, on)
}

func one(ctx context.Context, db postgres.DB, sql, code string, on workday.Date) (*Agency, error) {
	rows, err := db.Query(ctx, sql, code, on)
	if err != nil {
		return nil, fmt.Errorf("agency: by code: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Agency])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("agency: by code: %w", err)
	}
	return a, nil
}

// A Filter narrows a list. An empty Kind is every kind.
type Filter struct {
	Kind Kind
	On   workday.Date // the day on which the agencies hold; required
}

// Names are sorted without marks first, so that Đông stands beside Dong and not after Z.
const list = `select ` + columns + ` from agency
where ($1 = '' or kind = $1) and valid_from <= $2 and (valid_to is null or valid_to > $2)
order by unaccented(name->>'vi'), name->>'vi', id`

// List returns the agencies that hold on a day, by Vietnamese name.
func List(ctx context.Context, db postgres.DB, f Filter) ([]Agency, error) {
	rows, err := db.Query(ctx, list, string(f.Kind), f.On)
	if err != nil {
		return nil, fmt.Errorf("agency: list: %w", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToStructByName[Agency])
	if err != nil {
		return nil, fmt.Errorf("agency: list: %w", err)
	}
	return agencies, nil
}

const aboveCommunes = `select ` + columns +
	` from agency, (select coalesce($1::date, (now() at time zone 'Asia/Ho_Chi_Minh')::date) as day) today
where kind <> 'commune' and valid_from <= day and (valid_to is null or valid_to > day)
order by unaccented(name->>'vi'), name->>'vi', id`

// AboveCommunes returns the province's own agency and its departments that hold on a day, by Vietnamese name;
// nil is the database's today.
func AboveCommunes(ctx context.Context, db postgres.DB, on *workday.Date) ([]Agency, error) {
	rows, err := db.Query(ctx, aboveCommunes, on)
	if err != nil {
		return nil, fmt.Errorf("agency: above communes: %w", err)
	}
	agencies, err := pgx.CollectRows(rows, pgx.RowToStructByName[Agency])
	if err != nil {
		return nil, fmt.Errorf("agency: above communes: %w", err)
	}
	return agencies, nil
}

var (
	unitCode   = regexp.MustCompile(`^[0-9]{5}$`)
	agencyCode = regexp.MustCompile(`^[0-9A-Z]+([.][0-9A-Z]+)*$`)
)

// IsCode reports whether a text has the form of an agency's code, as H42.37.14329 (Decision 20/2020/QĐ-TTg).
func IsCode(code string) bool { return len(code) <= 35 && agencyCode.MatchString(code) }

// IsUnit reports whether a text has the form of a commune's code in the list of administrative units: five
// digits.
func IsUnit(code string) bool { return unitCode.MatchString(code) }

// HoldsOn reports whether the agency exists on a day.
func (a *Agency) HoldsOn(on workday.Date) bool {
	return !a.ValidFrom.After(on) && (a.ValidTo == nil || a.ValidTo.After(on))
}
