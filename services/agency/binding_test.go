package agency

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
)

// TestStolenAgency: an agency that was given to another one-stop system in the database is not served by it,
// and saying by which it is served takes no such row for true: it is put right before.
func TestStolenAgency(t *testing.T) {
	t.Parallel()
	ctx, pool, v := t.Context(), withStarter(t), keys(t)
	on := day(t, "2026-11-23")
	own, thief := "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000002"
	a, err := ByCode(ctx, pool, "H42.37.14329", on)
	if err != nil {
		t.Fatal(err)
	}
	serveFrom := func(connection, from string) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			return Serve(ctx, tx, v, connection, a.ID, day(t, from))
		})
	}
	serve := func() {
		t.Helper()
		if err := serveFrom(own, "2026-11-23"); err != nil {
			t.Fatal(err)
		}
	}
	for code, id := range map[string]string{"mot": own, "hai": thief} {
		if _, err := pool.Exec(ctx, `insert into connection (id, code, name, secrets_sealed, created_at)
			values ($1, $2, $2, '', now())`, id, code); err != nil {
			t.Fatal(err)
		}
	}
	serve()
	for _, sql := range []string{
		`update connection_agency set connection_id = '` + thief + `'`,
		`insert into connection_agency (connection_id, agency_id, valid_from, valid_to, mark)
			select '` + thief + `', agency_id, '2026-01-01', '2030-01-01', mark from connection_agency`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
		if ids, err := ServedBy(ctx, pool, v, thief, on); err != nil || len(ids) != 0 {
			t.Errorf("the thief serves %v, %v", ids, err)
		}
		if at, err := ConnectionAt(ctx, pool, v, a.ID, on); at == thief || err != nil &&
			!errors.Is(err, ErrNoConnection) {
			t.Errorf("served by %q, %v", at, err)
		}
		for _, connection := range []string{own, thief} {
			if err := serveFrom(connection, "2026-12-01"); !errors.Is(err, binding.ErrForeign) {
				t.Errorf("served on by %s: %v", connection, err)
			}
		}
		if faults, err := binding.Foreign(ctx, pool, v, 10, binding.ConnectionAgency); err != nil ||
			len(faults) != 1 {
			t.Errorf("not the portal's: %v, %v", faults, err)
		}
		if _, err := pool.Exec(ctx, `delete from connection_agency`); err != nil {
			t.Fatal(err)
		}
		serve()
		if at, err := ConnectionAt(ctx, pool, v, a.ID, on); err != nil || at != own {
			t.Errorf("said again: %q, %v", at, err)
		}
	}
}
