package procedure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/agency"
	"congdvc/services/pgtest"
)

// agencies loads the starter's agencies, which its procedures name.
func agencies(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	registry, err := agency.Starter()
	if err != nil {
		t.Fatal(err)
	}
	inTx(t, pool, func(tx pgx.Tx) error { _, err := agency.Load(t.Context(), tx, registry); return err })
}

func inTx(t testing.TB, pool *pgxpool.Pool, f func(pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), pool, f); err != nil {
		t.Fatal(err)
	}
}

func closeIn(ctx context.Context, pool *pgxpool.Pool, in CloseIn) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return Close(ctx, tx, in) })
}

func refused(t *testing.T, what string, err error, says string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v, not %q", what, err, says)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	today := day(t, "2026-11-24")
	for _, bad := range []struct {
		in   CloseIn
		says string
	}{
		{CloseIn{Code: "9.000001", On: today}, "no published version"},
		{CloseIn{Code: "1.001612", On: day(t, "2026-11-23")}, "has passed"},
		{CloseIn{Code: "1.001612", On: today, Successor: "1.001612"}, "its own place"},
		{CloseIn{Code: "1.001612", On: today, Successor: "9.000001"}, "9.000001 has no published version"},
	} {
		bad.in.Today = today
		refused(t, bad.in.Code, closeIn(ctx, pool, bad.in), bad.says)
	}
	if err := closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2027-01-01"), Successor: "2.001583",
		Today: today}); err != nil {
		t.Fatal(err)
	}
	refused(t, "a circle",
		closeIn(ctx, pool, CloseIn{Code: "2.001583", On: day(t, "2027-06-01"), Successor: "1.001612",
			Today: today}), "closed itself")
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-12-31")); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	// Until the day comes another may be set.
	if err := closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2026-12-01"), Successor: "2.001583",
		Today: today}); err != nil {
		t.Fatal(err)
	}
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-12-01")); !errors.Is(err, ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
	e, err := EndedOn(ctx, pool, "1.001612", day(t, "2026-12-05"))
	if err != nil || e.Since == nil || *e.Since != day(t, "2026-12-01") || e.Successor != "2.001583" ||
		e.Next.Vi == "" || e.Begins != nil {
		t.Errorf("ended %+v, %v", e, err)
	}
	if e, err := EndedOn(ctx, pool, "1.001612", day(t, "2026-01-05")); err != nil || e.Since != nil ||
		e.Begins == nil {
		t.Errorf("before it began %+v, %v", e, err)
	}
	if _, err := EndedOn(ctx, pool, "9.000001", today); !errors.Is(err, ErrNotFound) {
		t.Errorf("never published: %v", err)
	}
	refused(t, "after its end",
		closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2027-01-01"), Today: day(t, "2026-12-02")}),
		"closed already")
	if hits, _, err := Search(ctx, pool, Query{Text: "1.001612", Limit: 5, On: day(t, "2026-12-05")}); err !=
		nil || slices.ContainsFunc(hits, func(h Hit) bool {
		return h.Code == "1.001612"
	}) {
		t.Errorf("found after its end: %+v, %v", hits, err)
	}
	if changes := load(t, pool, starterSources(t)); changes.Same != starterSize {
		t.Errorf("the starter again: %+v", changes)
	}
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-12-05")); !errors.Is(err, ErrNotFound) {
		t.Errorf("the starter opened it again: %v", err)
	}
}

// Two procedures cannot be closed in favour of each other, not even at once.
func TestCloseEachOtherAtOnce(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	today := day(t, "2026-11-24")
	ends := make(chan error, 2)
	for _, pair := range [][2]string{{"1.001612", "2.001583"}, {"2.001583", "1.001612"}} {
		go func() {
			ends <- closeIn(ctx, pool, CloseIn{Code: pair[0], On: today, Successor: pair[1], Today: today})
		}()
	}
	if a, b := <-ends, <-ends; (a == nil) == (b == nil) {
		t.Errorf("%v and %v", a, b)
	}
}

// The database itself holds versions apart and states in order, whoever writes.
func TestDatabaseHoldsVersionsApart(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	const beside = `insert into procedure_version (id, code, number, state, effective_from, effective_to, definition, form_hash, content_hash, search_text, search)
		select gen_random_uuid(), code, 2, $1, $2::date, $3::date, definition, '', '', '', '' from procedure_version where code = '1.001612'`
	for _, c := range []struct {
		state, from string
		to          any
		fine        bool
	}{
		{"published", "2026-11-01", nil, false},
		{"closed", "2026-01-01", "2026-07-02", false},
		{"closed", "2026-01-01", "2026-07-01", true},
		{"closed", "2026-11-01", "2026-11-01", true}, // never in force
		{"draft", "2026-11-01", nil, true},
	} {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, beside, c.state, c.from, c.to); err != nil {
				return err
			}
			return errLookedOnly
		})
		if errors.Is(err, errLookedOnly) != c.fine {
			t.Errorf("%s from %s to %v: %v", c.state, c.from, c.to, err)
		}
	}
	for _, set := range []string{"state = 'draft'", "successor = code, state = 'closed'",
		"successor = '2.001583'", "successor = '9.999999', state = 'closed'"} {
		if _, err := pool.Exec(ctx, "update procedure_version set "+set+" where code = '1.001612'"); err ==
			nil {
			t.Errorf("%s is allowed", set)
		}
	}
}
