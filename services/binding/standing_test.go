package binding_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/pgtest"
)

// writableSQL lists what the running role may write: every column that it may set in a new row or an old one.
const writableSQL = `
select c.relname, a.attname, format_type(a.atttypid, null) from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
    and not a.attisdropped and a.attgenerated = ''
    and (has_column_privilege($1, c.oid, a.attnum, 'insert') or has_column_privilege($1, c.oid, a.attnum, 'update'))
order by 1, 2`

type column struct{ Table, Name, Type string }

func (c column) String() string { return c.Table + "." + c.Name }

// samples are two values of a type, as SQL.
var samples = map[string][2]string{
	"uuid": {"gen_random_uuid()", "gen_random_uuid()"}, "text": {"'x'", "'y'"},
	"jsonb": {`'{"vi": "x", "en": "x"}'`, `'{"vi": "y", "en": "x"}'`}, "json": {"'{}'", "'[]'"},
	"timestamp with time zone": {"now()", "'2026-01-02'"},
	"date":                     {"'2026-01-01'", "'2026-01-02'"},
	"bytea":                    {`'\x01'`, `'\x02'`},
	"boolean":                  {"true", "false"},
	"integer":                  {"1", "2"},
	"bigint":                   {"1", "2"},
	"smallint":                 {"1", "2"},
	"interval":                 {"'1 day'", "'2 days'"},
	"tsvector":                 {"'x'", "'y'"},
	"text[]":                   {"'{x}'", "'{y}'"},
}

// particular are columns whose values have a shape of their own.
var particular = map[string][2]string{
	"attachment.source":    {`'{"result": {"code": "x"}}'`, `'{"result": {"code": "y"}}'`},
	"dossier_access.actor": {`'{"person": "x"}'`, `'{"person": "y"}'`},
	"draft.supplement":     {`'{"fields": ["x"]}'`, `'{"fields": ["y"]}'`},
	"payment_quote.lines":  {`'[{"code": "x", "amount": 1}]'`, `'[{"code": "x", "amount": 2}]'`},
}

func (c column) sample(n int) string {
	if own, ok := particular[c.String()]; ok {
		return own[n] + "::" + c.Type
	}
	return samples[c.Type][n] + "::" + c.Type
}

func writable(t *testing.T, sql string) []column {
	t.Helper()
	rows, err := pgtest.New(t).Query(t.Context(), sql, pgtest.RunningRole)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all
}

// TestEveryColumnStands: what the running role may write is bound, which is tried, or sealed under its row,
// or stands in powerless with the reason why it gives nobody power, money or data of others. A new column
// without any of these fails.
func TestEveryColumnStands(t *testing.T) {
	t.Parallel()
	all := writable(t, writableSQL)
	bound, listed := proved(t, all), map[string]string{}
	for table, groups := range powerless {
		for _, g := range groups {
			for _, name := range strings.Fields(g.columns) {
				if g.because == "" || listed[table+"."+name] != "" {
					t.Errorf("%s.%s stands twice, or without a reason", table, name)
				}
				listed[table+"."+name] = g.because
			}
		}
	}
	var told []string
	for _, c := range all {
		sealed := c.Type == "bytea" && sealedName.MatchString(c.Name)
		if !bound[c] && !sealed && listed[c.String()] == "" {
			t.Errorf("%s is neither bound nor sealed, and nothing says why it gives no power", c)
		}
		if bound[c] && listed[c.String()] != "" {
			t.Errorf("%s is bound, and stands with a reason why it need not be", c)
		}
		told = append(told, c.String())
	}
	for name := range listed {
		if !slices.Contains(told, name) {
			t.Errorf("%s is no column that the running role writes", name)
		}
	}
	for _, table := range binding.Tables {
		if !slices.ContainsFunc(all, func(c column) bool { return c.Table == table.Name && bound[c] }) {
			t.Errorf("nothing of %s is bound", table.Name)
		}
	}
}

// sealedName is how columns are named whose bytes open under their own row only, and the marks themselves.
var sealedName = regexp.MustCompile(`(^|_)sealed$|^mark$`)

// TestEveryDeletionStands: whoever takes a row away makes it absent; of what would count as said, or as owed,
// or as ended without it, the running role deletes nothing.
func TestEveryDeletionStands(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.New(t).Query(t.Context(), `select c.relname::text from pg_class c
		where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
			and has_table_privilege($1, c.oid, 'delete') order by 1`, pgtest.RunningRole)
	if err != nil {
		t.Fatal(err)
	}
	may, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range may {
		if deletable[table] == "" {
			t.Errorf("the running role may delete from %s: nothing says why that gives no power", table)
		}
	}
	for table := range deletable {
		if !slices.Contains(may, table) {
			t.Errorf("the running role may not delete from %s", table)
		}
	}
}

// proved tells which columns are bound: a row whose column is changed is named. It makes a row of each table
// with marks, without the constraints and triggers, which are no matter of marks.
func proved(t *testing.T, all []column) map[column]bool {
	t.Helper()
	v, ctx, found := keys(t), t.Context(), map[column]bool{}
	tx, err := pgtest.New(t).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	exec := func(sql string) {
		t.Helper()
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`set local session_replication_role = replica`)
	for _, table := range binding.Tables {
		exec(`do $$ declare c text; begin
			for c in select conname from pg_constraint where conrelid = '` + table.Name + `'::regclass and contype in ('c', 'x')
			loop execute format('alter table ` + table.Name + ` drop constraint %I', c); end loop; end $$`)
		var names, values []string
		for _, c := range all {
			if c.Table == table.Name && c.Name != "mark" {
				names, values = append(names, c.Name), append(values, c.sample(0))
			}
		}
		exec(`insert into ` + table.Name + ` (` + strings.Join(names, ", ") + `) values (` +
			strings.Join(values, ", ") + `)`)
		if err := table.Sign(ctx, tx, v, "true"); err != nil {
			t.Fatal(err)
		}
		foreign := func() bool {
			faults, err := binding.Foreign(ctx, tx, v, 1, table)
			if err != nil {
				t.Fatal(err)
			}
			return len(faults) > 0
		}
		if foreign() {
			t.Fatalf("%s: a row is foreign as it was signed", table.Name)
		}
		for _, c := range all {
			if c.Table == table.Name {
				exec(`savepoint one`)
				exec(`update ` + c.Table + ` set ` + c.Name + ` = ` + c.sample(1))
				found[c] = foreign()
				exec(`rollback to savepoint one; release savepoint one`)
			}
		}
	}
	return found
}
