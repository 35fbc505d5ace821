package procedure

import (
	"bytes"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
)

// importNationalRecords brings the real records in, or skips the test on a machine that has none.
func importNationalRecords(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	file := bytes.NewReader(nationalRecordsOf(t))
	added := 0
	if err := ImportNational(t.Context(), pool, file, NationalImport{On: day(t, "2026-11-23"), Tell: func(i Imported) error {
		if i.Outcome == Added {
			added++
		}
		return nil
	}}); err != nil || added < 150 {
		t.Fatalf("%d records added, %v", added, err)
	}
}

// TestSearchBesideTheNationalRecords: what the portal takes is found among the first three, also beside many procedures
// with words of the same kind.
func TestSearchBesideTheNationalRecords(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	importNationalRecords(t, pool)
	asked := 0
	for _, c := range asTyped {
		if c.first == nothing || c.typed == nearestOnly {
			continue
		}
		asked++
		hits, _, err := Search(ctx, pool, Query{Text: c.typed, Limit: 3, On: day(t, "2026-11-23")})
		if err != nil || !slices.ContainsFunc(hits, func(h Hit) bool { return h.Code == c.first }) {
			t.Errorf("%q finds %v, %v; want %q", c.typed, named(hits), err, c.first)
		}
	}
	// What only the records have is found by the words that people use for it.
	for typed, code := range map[string]string{"cccd": "1.001247", "căn cước công dân": "1.001247", "làm cmnd": "1.001247", "id card": "1.001247"} {
		hits, _, err := Search(ctx, pool, Query{Text: typed, Limit: 3, On: day(t, "2026-11-23")})
		if err != nil || !slices.ContainsFunc(hits, func(h Hit) bool { return h.Code == code }) {
			t.Errorf("%q finds %v, %v; want %q", typed, named(hits), err, code)
		}
	}
	if asked < 60 {
		t.Errorf("%d queries are asked", asked)
	}
}

func named(hits []Hit) (names []string) {
	for _, h := range hits {
		names = append(names, h.Code+" "+h.Name.Vi)
	}
	return names
}
