package migrations

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A member of an owner may do what the owner may, so both count.
const powersSQL = `
select 'is a superuser' from pg_roles where rolname = current_user and rolsuper
union all
select 'owns tables' where exists (select from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
        and pg_has_role(current_user, c.relowner, 'member'))
union all
select 'may change or delete records' where exists (
    select from unnest(array['dossier_history', 'dossier_revision']) name
    where has_table_privilege(name, 'delete') or has_table_privilege(name, 'update') or has_table_privilege(name, 'truncate'))`

// Powers tells what the role of a pool may do that the running role must not: "is a superuser", "owns
// tables", "may change or delete records". None, as after Grant.
func Powers(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	rows, err := pool.Query(ctx, powersSQL)
	if err != nil {
		return nil, fmt.Errorf("migrations: look at the running role: %w", err)
	}
	powers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("migrations: look at the running role: %w", err)
	}
	return powers, nil
}
