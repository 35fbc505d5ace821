package national

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
	"congdvc/services/procedure"
)

// exportOf is what Export writes of sources.
func exportOf(t *testing.T, sources ...procedure.Source) string {
	t.Helper()
	pool := pgtest.New(t)
	load(t, pool, sources)
	return exportAll(t, pool, "2026-11-23")
}

func exportAll(t *testing.T, pool *pgxpool.Pool, on string) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := procedure.Export(t.Context(), pool, &out, day(t, on)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestExportImportEdit: out, edited, in as a draft, looked at, published; all without the program's own
// files.
func TestExportImportEdit(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	agencies(t, pool)
	all := exportOf(t, starter(t)...)
	if got, _ := importedAs(t, pool, all, ImportIn{}, "2026-11-23"); len(got) != len(starter(t)) ||
		slices.ContainsFunc(got, func(s string) bool {
			return !strings.HasSuffix(s, "added")
		}) {
		t.Fatalf("into another database: %q", got)
	}
	if exportAll(t, pool, "2026-11-23") != all {
		t.Error("the other database exports something else")
	}
	stored := versions(t, pool)
	if got, _ := importedAs(t, pool, all, ImportIn{}, "2026-11-24"); slices.ContainsFunc(got,
		func(s string) bool {
			return !strings.HasSuffix(s, "same")
		}) || versions(t, pool) != stored {
		t.Errorf("again: %q", got)
	}
	one := lineOf(t, all, "1.001612")
	edited := strings.Replace(strings.Replace(one, `"fill_minutes": 12`, `"fill_minutes": 20`, 1),
		`"effective_from": "2026-07-01"`, `"effective_from": "2027-01-01"`, 1)
	for _, in := range []ImportIn{{Drafts: true, DryRun: true}, {Drafts: true}, {Drafts: true}} {
		_, told := importedAs(t, pool, edited, in, "2026-11-24")
		if told[0].Outcome != procedure.Changed ||
			!slices.Equal(told[0].Differs, []string{"effective_from", "fill_minutes"}) {
			t.Fatalf("edited: %+v", told)
		}
	}
	if versions(t, pool) != stored+1 {
		t.Errorf("%d versions, not one draft more than %d", versions(t, pool), stored)
	}
	today := day(t, "2026-11-24")
	if v, err := procedure.InForce(ctx, pool, "1.001612", day(t, "2027-02-01")); err != nil ||
		v.FillMinutes != 12 {
		t.Errorf("before publishing: %+v, %v", v, err)
	}
	_, err := publish(ctx, pool, procedure.PublishIn{Code: "1.001612", From: new(day(t, "2026-11-23")),
		Today: today})
	refused(t, "a day that has passed", err, "has passed")
	_, err = publish(ctx, pool, procedure.PublishIn{Code: "1.001612", Number: 9, Today: today})
	refused(t, "an unknown number", err, "no such draft")
	if from, err := publish(ctx, pool, procedure.PublishIn{Code: "1.001612", Today: today}); err != nil ||
		from != day(t, "2027-01-01") {
		t.Fatalf("published from %s, %v", from, err)
	}
	for on, want := range map[string]int{"2026-12-31": 12, "2027-01-01": 20} {
		if v, err := procedure.InForce(ctx, pool, "1.001612", day(t, on)); err != nil ||
			v.FillMinutes != want {
			t.Errorf("on %s %+v, %v", on, v, err)
		}
	}
	_, err = publish(ctx, pool, procedure.PublishIn{Code: "1.001612", Today: today})
	refused(t, "a second time", err, "no such draft")
	// The starter does not set back what the operator published.
	if changes := load(t, pool, starter(t)); !slices.Equal(changes.Kept, []string{"1.001612"}) ||
		changes.Same != len(starter(t))-1 {
		t.Errorf("the starter after the operator: %+v", changes)
	}
	importedAs(t, pool, strings.Replace(one, `"fill_minutes": 12`, `"fill_minutes": 30`, 1),
		ImportIn{Drafts: true}, "2026-11-24")
	_, err = publish(ctx, pool, procedure.PublishIn{Code: "1.001612", From: new(day(t, "2026-12-01")),
		Today: today})
	refused(t, "beside a version to come", err, "both would be in force")
}

func lineOf(t *testing.T, all, code string) string {
	t.Helper()
	for line := range strings.Lines(all) {
		if s, err := procedure.ParseExported([]byte(line)); err == nil && s.Definition.Code == code {
			return strings.ReplaceAll(line, `":`, `": `)
		}
	}
	t.Fatalf("no %s", code)
	return ""
}

func TestDraftVersionsAreHidden(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	if got, _ := importedAs(t, pool, exportOf(t, starter(t)...), ImportIn{Drafts: true},
		"2026-11-23"); len(got) != len(starter(t)) {
		t.Fatalf("drafts %q", got)
	}
	if _, err := procedure.InForce(ctx, pool, "1.001193", day(t, "2026-11-23")); !errors.Is(err,
		procedure.ErrNotFound) {
		t.Errorf("a draft is in force: %v", err)
	}
	if hits, _, err := procedure.Search(ctx, pool, procedure.Query{Text: "đăng ký khai sinh", Limit: 9,
		On: day(t, "2026-11-23")}); err != nil || len(hits) > 0 && hits[0].Code == "1.001193" {
		t.Errorf("a draft is found: %v, %v", hits, err)
	}
}
