package binding

import (
	"context"
	"fmt"
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
}

// String is how commands tell of it.
func (f Fault) String() string {
	why := "it has no mark"
	if f.Marked {
		why = "who may see it was changed"
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
				if len(r.mark) == 0 || !t.written(v, r.mark, r.values...) {
					fault := Fault{t.Name, strings.Join(r.values[:len(t.Key)], "/"), len(r.mark) > 0}
					if err := tell(fault); err != nil {
						return err
					}
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

// Bind gives a mark to every row that has none: it takes for true what they say. It is for rows that programs
// of before the marks wrote. After each step it tells the table and how many of its rows it bound so far.
func Bind(ctx context.Context, db *pgxpool.Pool, v *vault.Vault, tell func(table string, rows int)) (int,
	error) {
	all := 0
	for _, t := range Tables {
		bound := 0
		set := `update ` + t.Name + ` t set mark = u.mark
			from unnest($1::text[], $2::bytea[]) u(at, mark) where t.ctid = u.at::tid`
		err := t.walk(ctx, db, " and mark is null for update", func(tx pgx.Tx, sql, from, to string) error {
			found, err := t.read(ctx, tx, sql, from, to)
			if err != nil || len(found) == 0 {
				return err
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
	sql := `select ctid::text, mark, array[` + strings.Join(t.Key, ", ") + `, ` +
		strings.Join(t.Decides, ", ") + `] from ` + t.Name + ` where ctid >= $1::text::tid and ctid < $2::text::tid` +
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

type row struct {
	at     string
	mark   []byte
	values []string
}

func (t *Table) read(ctx context.Context, db postgres.DB, sql, from, to string) ([]row, error) {
	rows, err := db.Query(ctx, sql, from, to)
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

// Unbound counts the rows without a mark, up to a thousand of each table.
func Unbound(ctx context.Context, db postgres.DB) (int, error) {
	parts := make([]string, 0, len(Tables))
	for _, t := range Tables {
		parts = append(parts, `(select count(*) from (select from `+t.Name+` where mark is null limit 1000) x)`)
	}
	var n int
	if err := db.QueryRow(ctx, `select `+strings.Join(parts, " + ")).Scan(&n); err != nil {
		return 0, fmt.Errorf("binding: count: %w", err)
	}
	return n, nil
}
