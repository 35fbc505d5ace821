package agency

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// The database computes a row's digest from the row itself, so that old and new digests are made the same
// way.
const (
	calendarDigest = `md5(agency_calendar.definition::text)`

	agencyDigest = `md5(jsonb_build_array(agency.qcvn, agency.unit_code, agency.name, agency.kind, agency.parent_id, agency.address,
    agency.phone, agency.calendar, agency.provisional, agency.valid_to)::text)`

	starterCalendar = `insert into agency_calendar (name, definition) values ($1, $2)
on conflict (name) do update set definition = excluded.definition, updated_at = now()
where agency_calendar.definition <> excluded.definition and agency_calendar.starter = ` + calendarDigest + `
returning xmax = 0`

	starterCalendarIs = `update agency_calendar set starter = ` + calendarDigest +
		` where name = $1 and definition = $2::jsonb`

	starterAgency = putAgencyInsert + `
    and agency.starter = ` + agencyDigest + `
returning xmax = 0`

	starterAgencyIs = `update agency set starter = ` + agencyDigest + `
where code = @code and valid_from = @valid_from and agency.name = @name::jsonb and agency.address = @address::jsonb
    and agency.provisional = @provisional::jsonb
    and (agency.qcvn, agency.unit_code, agency.kind, agency.parent_id, agency.phone, agency.calendar, agency.valid_to)
        is not distinct from (@qcvn::text, @unit_code::text, @kind::text, @parent_id::uuid, @phone::text, @calendar::text, @valid_to::date)`
)

// LoadStarter is Load for data that comes with the program. A row that somebody changed after the starter
// wrote it stays as it is, and so do the communes of a province that has any. Kept names the rows that stayed
// although the starter says otherwise: calendars by their name, agencies by their code.
func LoadStarter(ctx context.Context, tx pgx.Tx, r *Registry) (changes Changes, kept []string, err error) {
	for _, c := range r.Calendars {
		definition, err := json.Marshal(c)
		if err != nil {
			return Changes{}, nil, fmt.Errorf("agency: write calendar %s: %w", c.Name, err)
		}
		done, err := put(ctx, tx, starterCalendar, starterCalendarIs, c.Name, definition)
		if err != nil {
			return Changes{}, nil, fmt.Errorf("agency: load calendar %s: %w", c.Name, err)
		}
		if changes.add(done); done == (Changes{}) {
			kept = append(kept, c.Name)
		}
	}
	for _, e := range r.Agencies {
		args, err := e.args(ctx, tx)
		if err != nil {
			return Changes{}, nil, err
		}
		done, err := put(ctx, tx, starterAgency, starterAgencyIs, args)
		if err != nil {
			return Changes{}, nil, fmt.Errorf("agency: load %s: %w", e.Code, err)
		}
		if changes.add(done); done == (Changes{}) {
			kept = append(kept, e.Code)
		}
	}
	return changes, kept, loadFirstUnits(ctx, tx, r.Communes)
}

// put writes one row of the starter unless somebody else changed it, and remembers its digest. A result
// without any change means that the row was kept.
func put(ctx context.Context, tx pgx.Tx, write, remember string, args ...any) (done Changes, err error) {
	if err := done.count(tx.QueryRow(ctx, write, args...)); err != nil {
		return Changes{}, err
	}
	if len(args) == 1 {
		if named, ok := args[0].(pgx.StrictNamedArgs); ok {
			delete(named, "id")
		}
	}
	tag, err := tx.Exec(ctx, remember, args...)
	if err != nil {
		return Changes{}, err
	}
	if tag.RowsAffected() == 0 {
		return Changes{}, nil
	}
	return done, nil
}

func (c *Changes) add(more Changes) {
	c.Added, c.Changed, c.Same = c.Added+more.Added, c.Changed+more.Changed, c.Same+more.Same
}
