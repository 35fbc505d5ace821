package agency

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

func day(t *testing.T, s string) workday.Date {
	t.Helper()
	d, err := workday.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func keys(t *testing.T) *vault.Vault {
	t.Helper()
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func load(t *testing.T, pool *pgxpool.Pool, r *Registry) (changes Changes) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		changes, err = Load(t.Context(), tx, r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func starterRegistry(t *testing.T) *Registry {
	t.Helper()
	r, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLoadIsIdempotent(t *testing.T) {
	t.Parallel()
	pool, r := pgtest.New(t), starterRegistry(t)
	all := len(r.Agencies) + len(r.Calendars)
	if got, want := load(t, pool, r), (Changes{Added: all}); got != want {
		t.Errorf("first load %+v, want %+v", got, want)
	}
	if got, want := load(t, pool, r), (Changes{Same: all}); got != want {
		t.Errorf("second load %+v, want %+v", got, want)
	}
	r.Agencies[3].Phone = "0229 000 000"
	r.Calendars[0].Off = r.Calendars[0].Off[1:]
	if got, want := load(t, pool, r), (Changes{Changed: 2, Same: all - 2}); got != want {
		t.Errorf("changed load %+v, want %+v", got, want)
	}
}

func TestFindAndList(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterRegistry(t))
	on := day(t, "2026-11-23")
	hoaLu, err := ByCode(ctx, pool, "H42.37.14329", on)
	if err != nil {
		t.Fatal(err)
	}
	if hoaLu.Name.Vi != "UBND phường Hoa Lư" || hoaLu.Name.En != "Hoa Lư Ward People's Committee" ||
		hoaLu.UnitCode != "14329" {
		t.Errorf("read %+v", hoaLu)
	}
	if hoaLu.Provisional.Vi == "" || hoaLu.ValidTo != nil || hoaLu.Parent == nil {
		t.Errorf("a code of its own making is confirmed, or the parent is lost: %+v", hoaLu)
	}
	again, err := Find(ctx, pool, hoaLu.ID)
	if err != nil || again.Code != hoaLu.Code {
		t.Errorf("found %v, %v", again, err)
	}
	if province, err := Find(ctx, pool, *hoaLu.Parent); err != nil || province.Kind != Province {
		t.Errorf("parent is %v, %v", province, err)
	}
	communes, err := List(ctx, pool, Filter{Kind: Commune, On: on})
	if err != nil || len(communes) != 13 {
		t.Fatalf("%d communes, %v", len(communes), err)
	}
	// "phường" sorts before "xã", and within them by name without marks.
	if first, last := communes[0].Name.Vi, communes[12].Name.Vi; first != "UBND phường Đông Hoa Lư" ||
		last != "UBND xã Yên Mô" {
		t.Errorf("list runs from %q to %q", first, last)
	}
	for _, id := range []ID{"", "x", ID(postgres.NewID()), "'; drop table agency"} {
		if _, err := Find(ctx, pool, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("find %q: %v", id, err)
		}
	}
	if _, err := ByCode(ctx, pool, "H42.37.14329", day(t, "2025-06-30")); !errors.Is(err, ErrNotFound) {
		t.Errorf("before it began: %v", err)
	}
}

func TestAgencyChangesOverTime(t *testing.T) {
	t.Parallel()
	ctx, pool, r := t.Context(), pgtest.New(t), starterRegistry(t)
	last := &r.Agencies[len(r.Agencies)-1]
	end := day(t, "2027-01-01")
	next := *last
	last.ValidTo = &end
	next.ValidFrom, next.Name = end, i18n.Text{Vi: "UBND phường Yên Mô", En: "Yên Mô Ward People's Committee"}
	r.Agencies = append(r.Agencies, next)
	load(t, pool, r)
	for on, want := range map[string]string{"2026-12-31": "UBND xã Yên Mô",
		"2027-01-01": "UBND phường Yên Mô"} {
		got, err := ByCode(ctx, pool, next.Code, day(t, on))
		if err != nil || got.Name.Vi != want {
			t.Errorf("on %s: %v, %v", on, got, err)
		}
	}
}

func TestStarterCalendar(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterRegistry(t))
	hoaLu, err := ByCode(ctx, pool, "H42.37.14329", day(t, "2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := CalendarOf(ctx, pool, hoaLu.ID)
	if err != nil {
		t.Fatal(err)
	}
	// Totals of days off in 2026 are those that were announced: 1/1 four, Tết nine, Giỗ Tổ three, 30/4 four,
	// 2/9 five.
	for _, span := range []struct{ from, through string }{
		{"2026-01-01", "2026-01-04"}, {"2026-02-14", "2026-02-22"}, {"2026-04-25", "2026-04-27"},
		{"2026-04-30", "2026-05-03"}, {"2026-08-29", "2026-09-02"},
	} {
		from, through := day(t, span.from), day(t, span.through)
		for d := from; !d.After(through); d = d.AddDays(1) {
			if calendar.Works(d) {
				t.Errorf("%s is worked", d)
			}
		}
		if !calendar.Works(through.AddDays(1)) {
			t.Errorf("%s is off", through.AddDays(1))
		}
	}
	for _, d := range []string{"2026-01-10", "2026-08-22"} {
		if !calendar.Works(day(t, d)) {
			t.Errorf("make-up day %s is off", d)
		}
	}
	if got, want := calendar.Closing(day(t, "2026-11-23")), day(t, "2026-11-23").At(17*60); !got.Equal(want) {
		t.Errorf("closes at %s, want %s", got.Format(time.RFC3339), want.Format(time.RFC3339))
	}
	if _, err := CalendarOf(ctx, pool, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("calendar of nobody: %v", err)
	}
	if dayName("Tết Nguyên đán", i18n.En) != "Lunar New Year" || dayName("lạ", i18n.En) != "lạ" {
		t.Error("day names are not translated")
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterRegistry(t))
	a, err := ByCode(ctx, pool, "H42.37.14329", day(t, "2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	one, two := postgres.NewID(), postgres.NewID()
	for name, id := range map[string]string{"one": one, "two": two} {
		const insert = `insert into connection (id, code, name, secrets_sealed, created_at) values ($1, $2, $2, '', now())`
		if _, err := pool.Exec(ctx, insert, id, name); err != nil {
			t.Fatal(err)
		}
	}
	v := keys(t)
	serve := func(connection, from string) {
		t.Helper()
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			return Serve(ctx, tx, v, connection, a.ID, day(t, from))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	at := func(on string) string {
		t.Helper()
		connection, err := ConnectionAt(ctx, pool, v, a.ID, day(t, on))
		if errors.Is(err, ErrNoConnection) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		return connection
	}
	if at("2026-01-01") != "" {
		t.Error("served before anyone does")
	}
	serve(one, "2026-01-01")
	serve(one, "2026-03-01") // no change: it serves already
	serve(two, "2026-06-01")
	for on, want := range map[string]string{"2025-12-31": "", "2026-01-01": one, "2026-05-31": one,
		"2026-06-01": two, "2030-01-01": two} {
		if got := at(on); got != want {
			t.Errorf("on %s served by %q, want %q", on, got, want)
		}
	}
	serve(one, "2026-06-01")
	if at("2026-06-01") != one {
		t.Error("a plan was not replaced")
	}
	ids, err := ServedBy(ctx, pool, v, one, day(t, "2026-07-01"))
	if err != nil || len(ids) != 1 || ids[0] != a.ID {
		t.Errorf("served by one: %v, %v", ids, err)
	}
	if ids, err := ServedBy(ctx, pool, v, "nobody", day(t, "2026-07-01")); err != nil || len(ids) != 0 {
		t.Errorf("served by nobody: %v, %v", ids, err)
	}
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		return Serve(ctx, tx, v, one, ID(postgres.NewID()), day(t, "2026-01-01"))
	})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("serve nobody: %v", err)
	}
}

func TestParseRegistryTellsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := parseRegistry([]byte(`{
		"calendars": [{"name": "c", "title": {"vi": "a", "en": "b"}, "from": "2026-01-01", "through": "2026-12-31",
			"week": {"monday": [{"from": "10:00", "to": "09:00"}], "moonday": []},
			"off": [{"date": "2027-01-01", "name": {"vi": "a", "en": "b"}}],
			"make_up": [{"date": "2026-01-05", "name": {"vi": "a", "en": ""}}]}],
		"agencies": [{"code": "H1", "name": {"vi": "a", "en": ""}, "kind": "district", "parent": "H0", "calendar": "d", "valid_from": "2026-01-01"}]}`))
	for _, want := range []string{"not in order", "moonday", "2027-01-01", "2026-01-05 needs",
		"worked by the week", "unknown kind", "stand before", "calendar that is not", "both languages"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("fault %q is not told: %v", want, err)
		}
	}
	if _, err := parseRegistry([]byte(`{"unknown": 1}`)); err == nil {
		t.Error("an unknown member is taken")
	}
}

func FuzzParseRegistry(f *testing.F) {
	f.Add(starter)
	f.Add([]byte(`{"calendars":[{}],"agencies":[{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) { _, _ = parseRegistry(raw) })
}
