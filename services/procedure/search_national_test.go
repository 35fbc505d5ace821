package procedure_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
)

// importNationalRecords brings the real records in, or skips the test on a machine that has none.
func importNationalRecords(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	file := bytes.NewReader(procedure.NationalRecordsOf(t))
	added := 0
	if err := national.Import(t.Context(), pool, file, national.ImportIn{On: procedure.Day(t, "2026-11-23"),
		Tell: func(i national.Imported) error {
			if i.Outcome == procedure.Added {
				added++
			}
			return nil
		}}); err != nil || added < 150 {
		t.Fatalf("%d records added, %v", added, err)
	}
}

// TestSearchBesideTheNationalRecords: what the portal takes is found among the first three, also beside many
// procedures with words of the same kind.
func TestSearchBesideTheNationalRecords(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	procedure.LoadStarter(t, pool)
	importNationalRecords(t, pool)
	asked := 0
	for _, c := range procedure.AsTyped {
		if c.First == procedure.Nothing || c.Typed == procedure.NearestOnly {
			continue
		}
		asked++
		hits, _, err := procedure.Search(ctx, pool, procedure.Query{Text: c.Typed, Limit: 3,
			On: procedure.Day(t, "2026-11-23")})
		if err != nil || !slices.ContainsFunc(hits, func(h procedure.Hit) bool { return h.Code == c.First }) {
			t.Errorf("%q finds %v, %v; want %q", c.Typed, procedure.Named(hits), err, c.First)
		}
	}
	// What only the records have is found by the words that people use for it.
	for typed, code := range map[string]string{"cccd": "1.001247", "căn cước công dân": "1.001247",
		"làm cmnd": "1.001247", "id card": "1.001247"} {
		hits, _, err := procedure.Search(ctx, pool, procedure.Query{Text: typed, Limit: 3,
			On: procedure.Day(t, "2026-11-23")})
		if err != nil || !slices.ContainsFunc(hits, func(h procedure.Hit) bool { return h.Code == code }) {
			t.Errorf("%q finds %v, %v; want %q", typed, procedure.Named(hits), err, code)
		}
	}
	if asked < 60 {
		t.Errorf("%d queries are asked", asked)
	}
}

// TestSearchByBody: each single agency that is offered leaves as many as was said, of the starter and of the
// records, and none is offered that leaves nothing.
func TestSearchByBody(t *testing.T) {
	t.Parallel()
	ctx, pool, on := t.Context(), pgtest.New(t), procedure.Day(t, "2026-11-23")
	procedure.LoadStarter(t, pool)
	check := func(least map[string]int) {
		t.Helper()
		all, err := procedure.Look(ctx, pool, procedure.Query{Limit: 20, On: on})
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]int{}
		for _, b := range all.Counts.Agencies {
			found, err := procedure.Look(ctx, pool,
				procedure.Query{Filters: procedure.Filters{Receiver: b.Code}, Limit: 100, On: on})
			if err != nil || found.Total != b.Count || b.Count == 0 || b.Name.Vi == "" {
				t.Errorf("%s says %d and leaves %d, %v", b.Code, b.Count, found.Total, err)
			}
			counts[b.Code] = b.Count
		}
		for code, n := range least {
			if counts[code] < n {
				t.Errorf("%s has %d of at least %d: %v", code, counts[code], n, counts)
			}
		}
	}
	check(map[string]int{"H42.STC": 1, "H42.CAT": 2, "H42.STP": 2, "H42.SNNMT.VPDKDD": 1})
	for code, want := range map[string]bool{"2.001583": true, "2.000908": true, "1.001193": false} {
		hits, _, err := procedure.Search(ctx, pool,
			procedure.Query{Filters: procedure.Filters{Receiver: "H42.STC"}, Limit: 20, On: on})
		if err != nil || slices.ContainsFunc(hits, func(h procedure.Hit) bool {
			return h.Code == code
		}) != want {
			t.Errorf("%s among those of H42.STC is not %v: %v, %v", code, want, procedure.Named(hits), err)
		}
	}
	if found, err := procedure.Look(ctx, pool,
		procedure.Query{Filters: procedure.Filters{Receiver: "H42.NOBODY"}, On: on}); err != nil ||
		found.Total != 0 {
		t.Errorf("an unknown agency leaves %d, %v", found.Total, err)
	}
	importNationalRecords(t, pool)
	check(map[string]int{"H42": 8, "H42.STC": 8, "H42.CAT": 6, "H42.STP": 4, "H42.SNNMT": 2})
}
