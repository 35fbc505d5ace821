package pgtest_test

import (
	"testing"

	"congdvc/services/pgtest"
)

// Two tests at once see their own database only, with the schema in place.
func TestNewIsMigratedAndSeparate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			if _, err := pool.Exec(t.Context(), `create table mine (name text primary key)`); err != nil {
				t.Fatal(err)
			}
			if _, err := pool.Exec(t.Context(), `insert into mine (name) values ($1)`, name); err != nil {
				t.Fatal(err)
			}
			var rows int
			if err := pool.QueryRow(t.Context(), `select count(*) from mine`).Scan(&rows); err != nil ||
				rows != 1 {
				t.Fatalf("rows = %d, %v; want the one of this test", rows, err)
			}
			var jobs bool
			const find = `select to_regclass('river_job') is not null`
			if err := pool.QueryRow(t.Context(), find).Scan(&jobs); err != nil || !jobs {
				t.Fatalf("river_job = %v, %v; want the job queue's tables", jobs, err)
			}
		})
	}
}
