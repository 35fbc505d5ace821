package agency

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/identity/number"
	"congdvc/services/postgres"
)

// A Unit is a commune as addresses name it: the place, not its authority.
type Unit struct {
	Code     string `json:"code" db:"code"`         // five digits, of the national list
	Province string `json:"province" db:"province"` // two digits
	// with its kind: "Phường Hoa Lư"; within a province there is one of it
	Name string `json:"name" db:"name"`
}

const (
	unitsSQL = `select code, province, name from commune where province = $1 order by name, code`

	putUnitsSQL = `insert into commune (code, province, name) select * from unnest($1::text[], $2::text[], $3::text[])
on conflict (code) do update set province = excluded.province, name = excluded.name
where (commune.province, commune.name) is distinct from (excluded.province, excluded.name)
returning xmax = 0`

	dropUnitsSQL = `delete from commune where province = any($1) and code <> all($2)`
)

// Units returns the communes of a province, two digits, by name. A province that nobody brought in has none.
func Units(ctx context.Context, db postgres.DB, province string) ([]Unit, error) {
	rows, err := db.Query(ctx, unitsSQL, province)
	if err != nil {
		return nil, fmt.Errorf("agency: list communes of %s: %w", province, err)
	}
	units, err := pgx.CollectRows(rows, pgx.RowToStructByName[Unit])
	if err != nil {
		return nil, fmt.Errorf("agency: list communes of %s: %w", province, err)
	}
	return units, nil
}

// LoadUnits brings communes into the database. For each province in units, exactly these communes are known
// afterwards; other provinces stay as they are. A commune that is gone counts as changed.
func LoadUnits(ctx context.Context, tx pgx.Tx, units []Unit) (Changes, error) {
	var codes, provinces, names []string
	for _, u := range units {
		codes, provinces, names = append(codes, u.Code), append(provinces, u.Province), append(names, u.Name)
	}
	rows, err := tx.Query(ctx, putUnitsSQL, codes, provinces, names)
	if err != nil {
		return Changes{}, fmt.Errorf("agency: load communes: %w", err)
	}
	written, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return Changes{}, fmt.Errorf("agency: load communes: %w", err)
	}
	gone, err := tx.Exec(ctx, dropUnitsSQL, provinces, codes)
	if err != nil {
		return Changes{}, fmt.Errorf("agency: drop communes: %w", err)
	}
	c := Changes{Same: len(units) - len(written), Changed: int(gone.RowsAffected())}
	for _, added := range written {
		if added {
			c.Added++
		} else {
			c.Changed++
		}
	}
	return c, nil
}

// loadFirstUnits loads the communes of provinces that have none yet.
func loadFirstUnits(ctx context.Context, tx pgx.Tx, units []Unit) error {
	var fresh []Unit
	known := map[string]bool{}
	for _, u := range units {
		if _, asked := known[u.Province]; !asked {
			there, err := Units(ctx, tx, u.Province)
			if err != nil {
				return err
			}
			known[u.Province] = len(there) > 0
		}
		if !known[u.Province] {
			fresh = append(fresh, u)
		}
	}
	_, err := LoadUnits(ctx, tx, fresh)
	return err
}

// UnitNamed finds the one commune of a province that a text means. It may be its code or its name, with or
// without its kind, also shortened ("P. Hoa Lư", "X.Gia Hưng"), in Vietnamese or as the English pages write
// it, with or without diacritics, and with quotation marks or a full stop around it. The kind of old towns
// ("TT.") is left out, and so is a district, city or province behind the name. ok is false where the text
// could mean two.
func UnitNamed(units []Unit, typed string) (unit Unit, ok bool) {
	typed = i18n.CommuneInFull(number.Bare(typed))
	wanted := number.Fold(typed)
	for _, is := range []func(Unit) bool{
		func(u Unit) bool { return u.Code == typed || u.Name == typed },
		func(u Unit) bool {
			return number.Fold(u.Name) == wanted || number.Fold(i18n.Commune(i18n.En, u.Name)) == wanted
		},
		func(u Unit) bool { _, bare := i18n.CommuneKind(u.Name); return bare == typed },
		func(u Unit) bool { _, bare := i18n.CommuneKind(u.Name); return number.Fold(bare) == wanted },
	} {
		if i := slices.IndexFunc(units, is); i >= 0 && wanted != "" {
			return units[i], !slices.ContainsFunc(units[i+1:], is)
		}
	}
	return Unit{}, false
}
