package binding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// blocks is how many pages of a table are walked at a time, 8 KiB each.
const blocks = 256

// A Fault is a row that was not written by this portal.
type Fault struct {
	Table, Row string
	Marked     bool // it has a mark, which is not its own; else it has none
	Before     bool // it has the mark of the version before
}

// String is how commands tell of it.
func (f Fault) String() string {
	why := "it has no mark"
	switch {
	case f.Before:
		why = "its mark is of a program before the upgrade"
	case f.Marked:
		why = "what it says was changed"
	}
	return f.Table + " " + f.Row + ": " + why
}

// Verify looks at every row of every table, and tells each fault. It returns how many rows it looked at.
func Verify(ctx context.Context, db *pgxpool.Pool, v *vault.Vault, tell func(Fault) error) (int, error) {
	seen := 0
	for _, t := range Tables {
		err := t.walk(ctx, db, "", func(db pgx.Tx, sql string, from, to string) error {
			found, err := t.read(ctx, db, sql, from, to)
			if err != nil {
				return err
			}
			for _, r := range found {
				fault, wrong := t.fault(v, r)
				if !wrong {
					continue
				}
				if err := tell(fault); err != nil {
					return err
				}
			}
			seen += len(found)
			return nil
		})
		if err != nil {
			return seen, err
		}
	}
	return seen, nil
}

// fault says what is wrong with a row.
func (t *Table) fault(v *vault.Vault, r row) (f Fault, wrong bool) {
	if len(r.mark) > 0 && t.written(v, r.mark, r.values...) {
		return f, false
	}
	return Fault{t.Name, strings.Join(r.values[:len(t.Key)], "/"), len(r.mark) > 0,
		len(r.mark) > 0 && t.before(v, r.mark, r.values...)}, true
}

// Bind gives a mark to every row of some tables that has none: it takes for true what they say. It is for
// rows that programs of before the marks wrote. A mark of the version before that is the row's own is made
// anew. After each table it tells how many of its rows it bound.
func Bind(ctx context.Context, db *pgxpool.Pool, v *vault.Vault, in []*Table, tell func(table string,
	rows int)) (int, error) {
	return bind(ctx, db, v, in, func(*Table, row) bool { return true }, tell)
}

// Renew gives a new mark to every row of some tables whose mark of the version before is its own.
func Renew(ctx context.Context, db *pgxpool.Pool, v *vault.Vault, in []*Table, tell func(table string,
	rows int)) (int, error) {
	return bind(ctx, db, v, in, func(t *Table, r row) bool { return len(r.mark) > 0 }, tell)
}

func bind(ctx context.Context, db *pgxpool.Pool, v *vault.Vault, in []*Table, want func(*Table, row) bool,
	tell func(table string, rows int)) (int, error) {
	all := 0
	for _, t := range in {
		bound := 0
		set := `update ` + t.Name + ` t set mark = u.mark
			from unnest($1::text[], $2::bytea[]) u(at, mark) where t.ctid = u.at::tid`
		only := " and mark is null for update"
		if t.Versioned() {
			only = " for update"
		}
		err := t.walk(ctx, db, only, func(tx pgx.Tx, sql, from, to string) error {
			found, err := t.read(ctx, tx, sql, from, to)
			if err != nil {
				return err
			}
			found = slices.DeleteFunc(found, func(r row) bool {
				f, wrong := t.fault(v, r)
				return !wrong || f.Marked && !f.Before || !want(t, r)
			})
			if len(found) == 0 {
				return nil
			}
			at, marks := make([]string, len(found)), make([][]byte, len(found))
			for i, r := range found {
				at[i], marks[i] = r.at, t.Mark(v, r.values...)
			}
			if _, err := tx.Exec(ctx, set, at, marks); err != nil {
				return fmt.Errorf("binding: mark %s: %w", t.Name, err)
			}
			bound += len(found)
			return nil
		})
		all += bound
		if err != nil {
			return all, err
		}
		tell(t.Name, bound)
	}
	return all, nil
}

// walk calls do with each stretch of a table, in a transaction of its own. What is written meanwhile may be
// left out.
func (t *Table) walk(ctx context.Context, db *pgxpool.Pool, more string,
	do func(tx pgx.Tx, sql, from, to string) error) error {
	var pages int64
	const size = `select pg_relation_size($1::regclass) / current_setting('block_size')::bigint`
	if err := db.QueryRow(ctx, size, t.Name).Scan(&pages); err != nil {
		return fmt.Errorf("binding: measure %s: %w", t.Name, err)
	}
	sql := `select ctid::text, mark, ` + t.Values() + ` from ` + t.Name + ` where ctid >= $1::text::tid and ctid < $2::text::tid` +
		more
	for page := int64(0); page < pages; page += blocks {
		from, to := fmt.Sprintf("(%d,0)", page), fmt.Sprintf("(%d,0)", page+blocks)
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return do(tx, sql, from, to) })
		if err != nil {
			return err
		}
	}
	return nil
}

func join(key, decides []string) string {
	return strings.Join(key, ", ") + ", " + strings.Join(decides, ", ")
}

type row struct {
	at     string
	mark   []byte
	values []string
}

func (t *Table) read(ctx context.Context, db postgres.DB, sql string, args ...any) ([]row, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("binding: read %s: %w", t.Name, err)
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (one row, err error) {
		return one, r.Scan(&one.at, &one.mark, &one.values)
	})
	if err != nil {
		return nil, fmt.Errorf("binding: read %s: %w", t.Name, err)
	}
	return found, nil
}

// Marked lists the tables that have marks in the database, which may be that of a program before this one.
func Marked(ctx context.Context, db postgres.DB) ([]string, error) {
	rows, err := db.Query(ctx, `select table_name::text from information_schema.columns
		where column_name = 'mark' and table_schema = current_schema()`)
	if err != nil {
		return nil, fmt.Errorf("binding: list the tables with marks: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Unbound counts the rows of some tables without a mark, up to a thousand of each.
func Unbound(ctx context.Context, db postgres.DB, in []*Table) (int, error) {
	parts := []string{"0"}
	for _, t := range in {
		parts = append(parts, `(select count(*) from (select from `+t.Name+` where mark is null limit 1000) x)`)
	}
	var n int
	if err := db.QueryRow(ctx, `select `+strings.Join(parts, " + ")).Scan(&n); err != nil {
		return 0, fmt.Errorf("binding: count: %w", err)
	}
	return n, nil
}
