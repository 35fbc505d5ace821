package migrations_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"congdvc/migrations"
	"congdvc/services/pgtest"
)

// Everything that Up makes, Down takes back, and Up makes the very same again.
func TestUpDownUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	before := schema(t, pool)
	if len(before) == 0 {
		t.Fatal("the migrated database has no tables")
	}
	if err := migrations.Down(t.Context(), pool, 0); err != nil {
		t.Fatal(err)
	}
	for _, line := range schema(t, pool) {
		t.Errorf("down left %s", line)
	}
	if err := migrations.Up(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	after := schema(t, pool)
	for i := range max(len(before), len(after)) {
		if i >= len(before) || i >= len(after) || before[i] != after[i] {
			t.Fatalf("up after down made another schema, from line %d of %d and %d on", i, len(before),
				len(after))
		}
	}
}

// schema lists what a schema consists of: columns, constraints, indexes, functions, triggers and types of its
// own.
func schema(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	const list = `
		select format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default)
		  from information_schema.columns where table_schema = 'public' and table_name <> 'goose_db_version'
		union all
		select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		  from pg_constraint where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'goose%'
		union all
		select format('index %s', indexdef) from pg_indexes where schemaname = 'public' and tablename <> 'goose_db_version'
		union all
		select format('trigger %s %s', tgrelid::regclass, pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
		union all
		select format('function %s', pg_get_functiondef(p.oid)) from pg_proc p
		 where pronamespace = 'public'::regnamespace and prokind <> 'a'
		   and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
		union all
		select format('type %s', typname) from pg_type y
		 where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
		   and not exists (select 1 from pg_depend d where d.objid = y.oid and d.deptype = 'e')
		order by 1`
	rows, err := pool.Query(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// Several replicas that start at once migrate once.
func TestUpAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if err := migrations.Down(t.Context(), pool, 0); err != nil {
		t.Fatal(err)
	}
	var replicas errgroup.Group
	for range 3 {
		replicas.Go(func() error { return migrations.Up(t.Context(), pool) })
	}
	if err := replicas.Wait(); err != nil {
		t.Fatal(err)
	}
	has, newest, err := migrations.Version(t.Context(), pool)
	if err != nil || has != newest || newest == 0 {
		t.Fatalf("Version = %d of %d, %v", has, newest, err)
	}
}

func TestUnaccented(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for given, want := range map[string]string{
		"Đăng ký khai sinh":         "Dang ky khai sinh",
		"đường Nguyễn Huệ":          "duong Nguyen Hue",
		"Ho\u0323\u0302 ti\u0323ch": "Ho tich", // letters and marks apart, as some keyboards send them
		"ƯỜNG ằẳẵặ ỷỹ":              "UONG aaaa yy",
		"":                          "",
	} {
		var got string
		if err := pool.QueryRow(t.Context(), `select unaccented($1)`, given).Scan(&got); err != nil ||
			got != want {
			t.Errorf("unaccented(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

// Who owns the database needs no other rights: every extension is one that PostgreSQL trusts.
func TestUpAsOrdinaryOwner(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	name := "owner_" + strings.ReplaceAll(pool.Config().ConnConfig.Database, "test_", "")
	for _, statement := range []string{"create role " + name + " login nosuperuser password 'owner'",
		"create database " + name + " owner " + name + " template template0"} {
		if _, err := pool.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, statement := range []string{"drop database " + name + " with (force)", "drop role " + name} {
			if _, err := pool.Exec(context.Background(), statement); err != nil {
				t.Error(err)
			}
		}
	})
	config := pool.Config()
	config.ConnConfig.User, config.ConnConfig.Password, config.ConnConfig.Database = name, "owner", name
	owner, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := migrations.Up(ctx, owner); err != nil {
		t.Fatal(err)
	}
	var super bool
	if err := owner.QueryRow(ctx, "select rolsuper from pg_roles where rolname = current_user").
		Scan(&super); err != nil || super {
		t.Errorf("not an ordinary owner: %v, %v", super, err)
	}
}

// Versions that overlapped before the database refused it are put one behind the other.
func TestOverlapIsPutRight(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	if err := migrations.Down(ctx, pool, 109); err != nil {
		t.Fatal(err)
	}
	const old = `insert into procedure (code) values ('9.000001');
insert into procedure_version (id, code, number, state, effective_from, effective_to, definition, form_hash, content_hash, search_text, search) values
    (gen_random_uuid(), '9.000001', 1, 'closed', '2026-01-01', '2027-01-01', '{}', '', '', '', ''),
    (gen_random_uuid(), '9.000001', 2, 'closed', '2027-01-01', '2027-01-01', '{}', '', '', '', ''),
    (gen_random_uuid(), '9.000001', 3, 'published', '2026-06-01', null, '{"source": {}}', '', '', '', '')`
	if _, err := pool.Exec(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(ctx, pool); err != nil {
		t.Fatal(err)
	}
	var got string
	const look = `select string_agg(format('%s %s %s %s', number, state, coalesce(effective_to::text, 'open'), origin), ', ' order by number) from procedure_version`
	if err := pool.QueryRow(ctx, look).Scan(&got); err != nil ||
		got != "1 closed 2026-06-01 starter, 2 closed 2027-01-01 starter, 3 published open national" {
		t.Errorf("%s, %v", got, err)
	}
}

// A mark on a notice was for everybody who acts for its party: each of them keeps it, nobody else has one,
// and what was unread stays so.
func TestMarksBecomePersonal(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	if err := migrations.Down(ctx, pool, 206); err != nil {
		t.Fatal(err)
	}
	const old = `insert into party (id, kind, sealed, number_index, created_at, updated_at)
select ('00000000-0000-7000-8000-00000000000' || n)::uuid, kind, '\x', n::text::bytea, now(), now()
from (values (1, 'organisation'), (2, 'person'), (3, 'person'), (4, 'person')) v (n, kind);
insert into mandate (person_id, party_id, ground, asserted_at, confirmed_at, ended_at) values
    ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'login', '2026-01-01', '2026-01-01', null),
    ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001', 'login', '2026-01-01', '2026-01-01', null),
    ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000001', 'login', '2026-01-01', '2026-01-01', '2026-02-01');
insert into notice (id, party_id, person_id, dossier_code, kind, args, created_at, read_at) values
    ('00000000-0000-7000-8000-0000000000a1', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'A', 'refused', '{}', now(), now()),
    ('00000000-0000-7000-8000-0000000000a2', '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'A', 'refused', '{}', now(), null),
    ('00000000-0000-7000-8000-0000000000a3', '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000004', 'B', 'refused', '{}', now(), now())`
	if _, err := pool.Exec(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Up(ctx, pool); err != nil {
		t.Fatal(err)
	}
	var got string
	const look = `select string_agg(right(notice_id::text, 2) || ' ' || right(person_id::text, 1), ', ' order by notice_id, person_id) from notice_read`
	if err := pool.QueryRow(ctx, look).Scan(&got); err != nil || got != "a1 2, a1 3, a3 4" {
		t.Errorf("%s, %v", got, err)
	}
}
