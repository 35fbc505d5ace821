package agency

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestStolenAgency: an agency that was given to another one-stop system in the database is served by none
// until an operator says again by which.
func TestStolenAgency(t *testing.T) {
	t.Parallel()
	ctx, pool, v := t.Context(), withStarter(t), keys(t)
	on := day(t, "2026-11-23")
	own, thief := "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-000000000002"
	a, err := ByCode(ctx, pool, "H42.37.14329", on)
	if err != nil {
		t.Fatal(err)
	}
	serve := func() {
		t.Helper()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return Serve(ctx, tx, v, own, a.ID, on) })
		if err != nil {
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
		serve()
		if at, err := ConnectionAt(ctx, pool, v, a.ID, on); err != nil || at != own {
			t.Errorf("said again: %q, %v", at, err)
		}
	}
}
