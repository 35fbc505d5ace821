package binding

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// ErrForeign says that a row was not written by this portal, and is to be looked at before anything is done
// with it: a command that changed it would give it a mark.
var ErrForeign = errors.New(
	"a row is not as this portal wrote it; look at  portal verify bindings , put it " +
		"right, and where it has no mark, take it for true by  portal keys bind --again")

func (t *Table) rows(where string) string {
	return `select ctid::text, mark, ` + t.Values() + ` from ` + t.Name + ` where (` + where + `)`
}

// Values is an SQL expression for what Holds takes of a row: an array of texts. It stands in a query of the
// table alone.
func (t *Table) Values() string { return `array[` + join(t.Key, t.Decides) + `]` }

// Check refuses unless every row of a condition holds. Errors: ErrForeign.
func (t *Table) Check(ctx context.Context, db postgres.DB, v *vault.Vault, where string, args ...any) error {
	return t.check(ctx, db, v, t.rows(where), args...)
}

// Hold is Check for whoever changes the rows then and marks them anew: they stay as they are until the
// transaction ends. Errors: ErrForeign.
func (t *Table) Hold(ctx context.Context, tx pgx.Tx, v *vault.Vault, where string, args ...any) error {
	return t.check(ctx, tx, v, t.rows(where)+` for update`, args...)
}

func (t *Table) check(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) error {
	found, err := t.read(ctx, db, sql, args...)
	if err != nil {
		return err
	}
	for _, r := range found {
		holds, err := t.Holds(ctx, db, v, r.mark, r.values...)
		if err != nil {
			return err
		}
		if f, _ := t.fault(v, r); !holds {
			return fmt.Errorf("binding: %s: %w", f, ErrForeign)
		}
	}
	return nil
}

// Sign gives their marks to the rows of a condition that this transaction wrote, and to no others. The
// caller has checked them before.
func (t *Table) Sign(ctx context.Context, tx pgx.Tx, v *vault.Vault, where string, args ...any) error {
	found, err := t.read(ctx, tx, t.rows(where)+` and xmin = pg_current_xact_id()::xid`, args...)
	if err != nil {
		return err
	}
	for _, r := range found {
		if _, wrong := t.fault(v, r); !wrong {
			continue
		}
		_, err := tx.Exec(ctx, `update `+t.Name+` set mark = $2 where ctid = $1::text::tid`, r.at,
			t.Mark(v, r.values...))
		if err != nil {
			return fmt.Errorf("binding: mark %s: %w", t.Name, err)
		}
	}
	return nil
}

// Change runs what changes rows of some tables in a transaction, and gives them their marks. It refuses where
// a row of a condition was not this portal's before. Errors: ErrForeign; those of do.
func Change(ctx context.Context, tx pgx.Tx, v *vault.Vault, in []*Table, do func() error, where string,
	args ...any) error {
	for _, t := range in {
		if err := t.Hold(ctx, tx, v, where, args...); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	for _, t := range in {
		if err := t.Sign(ctx, tx, v, where, args...); err != nil {
			return err
		}
	}
	return nil
}

// Foreign tells, up to a number of them, the rows of some tables that do not hold. It is for tables that are
// small.
func Foreign(ctx context.Context, db postgres.DB, v *vault.Vault, most int, in ...*Table) ([]Fault, error) {
	var faults []Fault
	for _, t := range in {
		found, err := t.read(ctx, db, t.rows("true"))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			f, wrong := t.fault(v, r)
			if !wrong {
				continue
			}
			if !f.Marked || f.Before {
				if open, err := t.open(ctx, db, v); err != nil {
					return nil, err
				} else if open {
					continue
				}
			}
			if faults = append(faults, f); len(faults) == most {
				return faults, nil
			}
		}
	}
	return faults, nil
}
