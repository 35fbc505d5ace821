package agency

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/postgres"
	"congdvc/services/workday"
)

// A Registry is a data file of agencies, the calendars by which they work, and communes that addresses name.
type Registry struct {
	Calendars []CalendarFile `json:"calendars"`
	Agencies  []Entry        `json:"agencies"`
	Communes  []Unit         `json:"communes"`
}

// An Entry is one agency of a Registry; the members are those of Agency, the parent by its code.
type Entry struct {
	Code        string        `json:"code"`
	QCVN        string        `json:"qcvn,omitempty"`
	UnitCode    string        `json:"unit_code,omitempty"`
	Name        i18n.Text     `json:"name"`
	Kind        Kind          `json:"kind"`
	Parent      string        `json:"parent,omitempty"` // stands before its children
	Address     i18n.Text     `json:"address,omitzero"`
	Phone       string        `json:"phone,omitempty"`
	Calendar    string        `json:"calendar"`
	Provisional i18n.Text     `json:"provisional,omitzero"`
	ValidFrom   workday.Date  `json:"valid_from"`
	ValidTo     *workday.Date `json:"valid_to,omitempty"`
}

//go:embed data/ninh-binh.json
var starter []byte

// Starter returns the registry that comes with the program: the province, the departments that the starter
// procedures need, and thirteen communes of Ninh Bình. Codes and days that no published decision settles are
// marked provisional in it.
func Starter() (*Registry, error) { return parseRegistry(starter) }

// parseRegistry reads a registry's JSON and checks it, all faults at once. Unknown members are refused.
func parseRegistry(raw []byte) (*Registry, error) {
	var r Registry
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("agency: read registry: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("agency: read registry: more after its end")
	}
	return &r, r.check()
}

func (r *Registry) check() error {
	var faults []error
	calendars, codes := map[string]bool{}, map[string]bool{}
	for _, c := range r.Calendars {
		if calendars[c.Name] {
			faults = append(faults, fmt.Errorf("agency: calendar %q is there twice", c.Name))
		}
		calendars[c.Name] = true
		if _, err := c.Calendar(); err != nil {
			faults = append(faults, err)
		}
	}
	rows := map[string]bool{}
	for _, e := range r.Agencies {
		wrong := func(what string) { faults = append(faults, fmt.Errorf("agency: %q: %s", e.Code, what)) }
		if row := e.Code + " " + e.ValidFrom.String(); rows[row] {
			wrong("is there twice from the same day")
		} else {
			rows[row] = true
		}
		if e.Code == "" || e.ValidFrom.IsZero() || e.Name.Vi == "" || e.Name.En == "" {
			wrong("needs a code, a first day and a name in both languages")
		}
		if e.Kind != Province && e.Kind != Department && e.Kind != Commune {
			wrong("has an unknown kind")
		}
		if !calendars[e.Calendar] {
			wrong("names a calendar that is not in the registry")
		}
		if e.Parent != "" && !codes[e.Parent] {
			wrong("names a parent that does not stand before it")
		}
		codes[e.Code] = true
	}
	units := map[string]bool{}
	for _, u := range r.Communes {
		if kind, _ := i18n.CommuneKind(u.Name); !IsUnit(u.Code) || !provinceCode.MatchString(u.Province) ||
			kind == "" || units[u.Code] {
			faults = append(faults,
				fmt.Errorf("agency: commune %q needs five digits, a province, a name with its kind, and to "+
					"stand here once", u.Code))
		}
		units[u.Code] = true
	}
	return errors.Join(faults...)
}

// Changes counts what a Load did.
type Changes struct{ Added, Changed, Same int }

const (
	putCalendar = `insert into agency_calendar (name, definition) values ($1, $2)
on conflict (name) do update set definition = excluded.definition, updated_at = now()
where agency_calendar.definition <> excluded.definition
returning xmax = 0`

	putAgencyInsert = `insert into agency (id, code, qcvn, unit_code, name, kind, parent_id, address, phone, calendar, provisional, valid_from, valid_to)
values (@id, @code, @qcvn, @unit_code, @name, @kind, @parent_id, @address, @phone, @calendar, @provisional, @valid_from, @valid_to)
on conflict (code, valid_from) do update set
    qcvn = excluded.qcvn, unit_code = excluded.unit_code, name = excluded.name, kind = excluded.kind, parent_id = excluded.parent_id,
    address = excluded.address, phone = excluded.phone, calendar = excluded.calendar, provisional = excluded.provisional, valid_to = excluded.valid_to
where (agency.qcvn, agency.unit_code, agency.name, agency.kind, agency.parent_id, agency.address, agency.phone, agency.calendar, agency.provisional, agency.valid_to)
    is distinct from (excluded.qcvn, excluded.unit_code, excluded.name, excluded.kind, excluded.parent_id, excluded.address, excluded.phone, excluded.calendar, excluded.provisional, excluded.valid_to)`

	putAgency = putAgencyInsert + `
returning xmax = 0`
)

// Load brings the registry into the database: what is new is added, what differs is corrected in place, what
// the registry does not name stays. Loading the same again changes nothing. Its communes go in where their
// province has none.
func Load(ctx context.Context, tx pgx.Tx, r *Registry) (Changes, error) {
	var changes Changes
	for _, c := range r.Calendars {
		definition, err := json.Marshal(c)
		if err != nil {
			return Changes{}, fmt.Errorf("agency: write calendar %s: %w", c.Name, err)
		}
		if err := changes.count(tx.QueryRow(ctx, putCalendar, c.Name, definition)); err != nil {
			return Changes{}, fmt.Errorf("agency: load calendar %s: %w", c.Name, err)
		}
	}
	for _, e := range r.Agencies {
		args, err := e.args(ctx, tx)
		if err != nil {
			return Changes{}, err
		}
		if err := changes.count(tx.QueryRow(ctx, putAgency, args)); err != nil {
			return Changes{}, fmt.Errorf("agency: load %s: %w", e.Code, err)
		}
	}
	return changes, loadFirstUnits(ctx, tx, r.Communes)
}

// args are the values of the agency's row; its parent is the agency that bears the code on the first day.
func (e Entry) args(ctx context.Context, db postgres.DB) (pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{
		"id": postgres.NewID(), "code": e.Code, "qcvn": e.QCVN, "unit_code": e.UnitCode, "name": e.Name,
		"kind": e.Kind, "parent_id": nil, "address": e.Address, "phone": e.Phone, "calendar": e.Calendar,
		"provisional": e.Provisional, "valid_from": e.ValidFrom, "valid_to": e.ValidTo,
	}
	if e.Parent != "" {
		parent, err := ByCode(ctx, db, e.Parent, e.ValidFrom)
		if err != nil {
			return nil, fmt.Errorf("agency: parent %s of %s: %w", e.Parent, e.Code, err)
		}
		args["parent_id"] = parent.ID
	}
	return args, nil
}

// count reads whether a row was added or changed; no row means that it was the same.
func (c *Changes) count(row pgx.Row) error {
	var added bool
	err := row.Scan(&added)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		c.Same++
		return nil
	case err != nil:
		return err
	case added:
		c.Added++
	default:
		c.Changed++
	}
	return nil
}
