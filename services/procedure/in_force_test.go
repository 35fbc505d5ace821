package procedure

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

func load(t testing.TB, pool *pgxpool.Pool, sources []Source) (changes Changes) {
	t.Helper()
	agencies(t, pool)
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		changes, err = Load(t.Context(), tx, sources)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func starterSources(t testing.TB) []Source {
	t.Helper()
	sources, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// changed is the household business with other words in its definition.
func changed(t *testing.T, old, new string) Source {
	t.Helper()
	definition, err := data.ReadFile("data/procedures/1.001612.json")
	if err != nil {
		t.Fatal(err)
	}
	form, err := data.ReadFile("data/procedures/1.001612.form.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(definition, []byte(old)) {
		t.Fatalf("the definition has no %q", old)
	}
	s, err := Parse(bytes.ReplaceAll(definition, []byte(old), []byte(new)), form)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLoadIsIdempotent(t *testing.T) {
	t.Parallel()
	pool, sources := pgtest.New(t), starterSources(t)
	if got, want := load(t, pool, sources), (Changes{Added: starterSize}); !reflect.DeepEqual(got, want) {
		t.Errorf("first load %+v, want %+v", got, want)
	}
	if got, want := load(t, pool, sources), (Changes{Same: starterSize}); !reflect.DeepEqual(got, want) {
		t.Errorf("second load %+v, want %+v", got, want)
	}
}

func TestNewVersionFromItsDay(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	first, err := InForce(ctx, pool, "1.001612", day(t, "2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	next := changed(t, `"effective_from": "2026-07-01"`, `"effective_from": "2027-01-01"`)
	if got, want := load(t, pool, []Source{next}), (Changes{Changed: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("load %+v, want %+v", got, want)
	}
	for on, want := range map[string]int{"2026-07-01": 1, "2026-12-31": 1, "2027-01-01": 2, "2030-01-01": 2} {
		v, err := InForce(ctx, pool, "1.001612", day(t, on))
		if err != nil || v.Number != want || !v.InForceOn(day(t, on)) {
			t.Errorf("on %s: %+v, %v; want number %d", on, v, err, want)
		}
	}
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-06-30")); !errors.Is(err, ErrNotFound) {
		t.Errorf("before the first version: %v", err)
	}
	// What was begun under the first version still finds it, now with its end.
	kept, err := ByID(ctx, pool, first.ID)
	if err != nil || kept.Number != 1 || kept.EffectiveTo == nil ||
		*kept.EffectiveTo != day(t, "2027-01-01") || kept.State != Closed {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if kept.Form() == nil || kept.FormHash != first.FormHash || kept.Name != first.Name {
		t.Error("the kept version lost its form or definition")
	}
}

func TestCorrectionFromTheSameDay(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	load(t, pool, []Source{changed(t, `"fill_minutes": 12`, `"fill_minutes": 15`)})
	v, err := InForce(ctx, pool, "1.001612", day(t, "2026-07-01"))
	if err != nil || v.Number != 2 || v.FillMinutes != 15 {
		t.Errorf("in force %+v, %v", v, err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := Load(ctx, tx, []Source{changed(t, `"2026-07-01"`, `"2026-01-01"`)})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "before the newest") {
		t.Errorf("a version from before the newest: %v", err)
	}
}

func TestVersionsDoNotChange(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	for _, set := range []string{"definition = '{}'", "form = ''", "number = 9",
		"effective_from = '2020-01-01'", "form_hash = ''"} {
		if _, err := pool.Exec(ctx, "update procedure_version set "+set); err == nil {
			t.Errorf("%s is allowed", set)
		}
	}
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	for _, id := range []string{"", "x", "1.001193", postgres.NewID(), "' or true --"} {
		if _, err := ByID(ctx, pool, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("by id %q: %v", id, err)
		}
		if _, err := InForce(ctx, pool, id, day(t, "2026-11-23")); !errors.Is(err, ErrNotFound) {
			t.Errorf("in force %q: %v", id, err)
		}
	}
	if _, _, err := ByLifeEvent(ctx, pool, "sinh-con"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an event without procedures: %v", err)
	}
	if hits, err := Popular(ctx, pool, 6); err != nil || len(hits) != 0 {
		t.Errorf("popular in an empty database: %v, %v", hits, err)
	}
}

// Readers and a loader at once see one version or the other, never an error.
func TestReadWhileLoading(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	on, correction := day(t, "2026-11-23"), changed(t, `"fill_minutes": 12`, `"fill_minutes": 15`)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				if v, err := InForce(ctx, pool, "1.001612", on); err != nil || v.Number < 1 || v.Number > 2 {
					t.Errorf("read %+v, %v", v, err)
					return
				}
			}
		})
	}
	load(t, pool, []Source{correction})
	group.Wait()
}

// TestFirstRequestsShareAVersion: after a start many ask for a version at once. They all get one form.
func TestFirstRequestsShareAVersion(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	on := day(t, "2026-11-23")
	var got [8]*Version
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			v, err := InForce(ctx, pool, "1.001612", on)
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = v
		})
	}
	all.Wait()
	for i, v := range got {
		if v == nil || got[0] == nil || v.Form() != got[0].Form() || &v.Steps[0] != &got[0].Steps[0] {
			t.Errorf("request %d has a version of its own", i)
		}
	}
}
