package migrations

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// kept says what the running role may do to tables that are records, beside reading them. It may do
// everything to the rows of the others. A table's owner could switch its triggers off; the running role owns
// none. The marks of what is written once are given to rows of before by the migrating role only: who could
// take a mark away could make a record absent.
var kept = map[string]string{
	"account":                   "insert, update",
	"agency":                    "insert, update",
	"attachment":                "insert, update (state, removed_at, removal), delete",
	"connection":                "insert, update",
	"connection_key":            "insert, update",
	"dossier":                   "insert, update",
	"dossier_access":            "insert, update (times)",
	"dossier_agency":            "insert, update (to_at)",
	"dossier_former_connection": "insert, update",
	"dossier_history":           "insert",
	"dossier_revision":          "insert",
	"draft":                     "insert, update",
	"draft_handover":            "insert",
	"event":                     "insert, update (position, ended_at)",
	"filed_file":                "insert",
	"goose_db_version":          "",
	"installation":              "insert, update",
	"mandate":                   "insert, update",
	"notice":                    "insert",
	"party":                     "insert, update",
	"payment_attempt":           "insert, update",
	"payment_fact":              "insert, update (mark)",
	"payment_quote":             "insert, update (voided_at, mark)",
	"payment_refund":            "insert, update",
	"procedure_version":         "insert, update",
	"receipt":                   "insert, update (voided_at, mark)",
	"receipt_series":            "insert, update",
	"result":                    "insert, update",
	"result_code":               "insert, update",
	"river_migration":           "",
	"slip":                      "insert",
}

// ErrOwner says that the running role could do everything anyway.
var ErrOwner = errors.New("migrations: the running role must be another than the one that migrates, no " +
	"superuser, and no member of the migrating role")

const (
	roleSQL = `
select r.rolsuper or pg_has_role(r.oid, current_user, 'member'), current_schema()
from pg_roles r where r.rolname = $1`
	tablesSQL = `select c.relname from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')`
)

// Grant gives a role what the portal needs while it runs, and nothing else: it owns nothing, and may neither
// change nor delete what is a record. It is safe to repeat, and to be run while the portal runs. Errors:
// ErrOwner; one that names the role when it does not exist.
func Grant(ctx context.Context, pool *pgxpool.Pool, role string) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		var owner bool
		var schema string
		err := tx.QueryRow(ctx, roleSQL, role).Scan(&owner, &schema)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("migrations: there is no role %q: create role %s login password '...'", role,
				role)
		}
		if err != nil {
			return fmt.Errorf("migrations: look at the running role: %w", err)
		}
		if owner {
			return ErrOwner
		}
		rows, err := tx.Query(ctx, tablesSQL)
		if err != nil {
			return fmt.Errorf("migrations: list the tables: %w", err)
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("migrations: list the tables: %w", err)
		}
		if _, err := tx.Exec(ctx, strings.Join(grants(schema, role, tables), ";\n")); err != nil {
			return fmt.Errorf("migrations: grant to the running role: %w", err)
		}
		return nil
	})
}

func grants(schema, role string, tables []string) []string {
	quote := func(name string) string { return pgx.Identifier{name}.Sanitize() }
	in, to := quote(schema), quote(role)
	all := []string{
		"revoke create on schema " + in + " from public",
		"revoke all on schema " + in + " from " + to,
		"grant usage on schema " + in + " to " + to,
		"revoke all on all tables in schema " + in + " from " + to,
		"grant usage, select, update on all sequences in schema " + in + " to " + to,
	}
	slices.Sort(tables)
	for _, table := range tables {
		may, record := kept[table]
		if !record {
			may = "insert, update, delete"
		}
		if may != "" {
			may = ", " + may
		}
		all = append(all, "grant select"+may+" on "+in+"."+quote(table)+" to "+to)
	}
	return all
}
