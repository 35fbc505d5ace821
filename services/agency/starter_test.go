package agency

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
)

func loadStarter(t *testing.T, pool *pgxpool.Pool, r *Registry) (changes Changes, kept []string) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		changes, kept, err = LoadStarter(t.Context(), tx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, kept
}

// TestLoadStarter: a newer starter corrects what the former one wrote, and nothing that somebody else changed
// since.
func TestLoadStarter(t *testing.T) {
	t.Parallel()
	pool, r := pgtest.New(t), starterRegistry(t)
	all := len(r.Agencies) + len(r.Calendars)
	for i, want := range []Changes{{Added: all}, {Same: all}} {
		if got, kept := loadStarter(t, pool, r); got != want || len(kept) > 0 {
			t.Errorf("load %d: %+v, kept %v", i+1, got, kept)
		}
	}
	// The operator gives one department a telephone and one calendar a day off.
	const phone = "H42.STP,department,Sở Tư pháp tỉnh Ninh Bình,Ninh Bình Department of " +
		"Justice,2025-07-01,,H42,0229 000 000,,\n"
	rows, err := ReadAgencies(strings.NewReader(agenciesHead + phone))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importRows(t, pool, rows); err != nil {
		t.Fatal(err)
	}
	mine := starterRegistry(t)
	mine.Calendars, mine.Agencies = mine.Calendars[:1], nil
	mine.Calendars[0].Off = mine.Calendars[0].Off[1:]
	if got := load(t, pool, mine); got != (Changes{Changed: 1}) {
		t.Fatalf("%+v", got)
	}
	kept := []string{"hanh-chinh", "H42.STP"}
	if got, stay := loadStarter(t, pool, r); got != (Changes{Same: all - 2}) || !slices.Equal(stay, kept) {
		t.Errorf("after the operator: %+v, kept %v", got, stay)
	}
	// The next starter changes these two and two others.
	next := starterRegistry(t)
	for i := range next.Agencies {
		if code := next.Agencies[i].Code; code == "H42.STP" || code == "H42.STC" {
			next.Agencies[i].Phone = "0229 111 111"
		}
	}
	for i := range next.Calendars {
		next.Calendars[i].Off = next.Calendars[i].Off[2:]
	}
	if got, stay := loadStarter(t, pool, next); got != (Changes{Changed: 2, Same: all - 4}) ||
		!slices.Equal(stay, kept) {
		t.Errorf("the next starter: %+v, kept %v", got, stay)
	}
	a, err := ByCode(t.Context(), pool, "H42.STP", twoLevels)
	if err != nil || a.Phone != "0229 000 000" {
		t.Errorf("%+v, %v", a, err)
	}
	// What the starter comes to say as the operator did is its own again.
	load(t, pool, next)
	if got, stay := loadStarter(t, pool, next); got != (Changes{Same: all}) || len(stay) > 0 {
		t.Errorf("after they agree: %+v, kept %v", got, stay)
	}
	if got, stay := loadStarter(t, pool, r); got != (Changes{Changed: 4, Same: all - 4}) || len(stay) > 0 {
		t.Errorf("and then: %+v, kept %v", got, stay)
	}
}
