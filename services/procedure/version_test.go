package procedure

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/agency"
	"congdvc/services/pgtest"
	"congdvc/services/workday"
)

// exportOf is what Export writes of sources.
func exportOf(t *testing.T, sources ...Source) string {
	t.Helper()
	pool := pgtest.New(t)
	load(t, pool, sources)
	return exportAll(t, pool, "2026-11-23")
}

func exportAll(t *testing.T, pool *pgxpool.Pool, on string) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := Export(t.Context(), pool, &out, day(t, on)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

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

func publish(ctx context.Context, pool *pgxpool.Pool, in PublishIn) (on workday.Date, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { on, err = Publish(ctx, tx, in); return err })
	return on, err
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

// TestExportImportEdit: out, edited, in as a draft, looked at, published; all without the program's own files.
func TestExportImportEdit(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	agencies(t, pool)
	all := exportOf(t, starterSources(t)...)
	if got, _ := importedAs(t, pool, all, NationalImport{}, "2026-11-23"); len(got) != starterSize || slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "added") }) {
		t.Fatalf("into another database: %q", got)
	}
	if exportAll(t, pool, "2026-11-23") != all {
		t.Error("the other database exports something else")
	}
	stored := versions(t, pool)
	if got, _ := importedAs(t, pool, all, NationalImport{}, "2026-11-24"); slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "same") }) || versions(t, pool) != stored {
		t.Errorf("again: %q", got)
	}
	one := lineOf(t, all, "1.001612")
	edited := strings.Replace(strings.Replace(one, `"fill_minutes": 12`, `"fill_minutes": 20`, 1), `"effective_from": "2026-07-01"`, `"effective_from": "2027-01-01"`, 1)
	for _, in := range []NationalImport{{Drafts: true, DryRun: true}, {Drafts: true}, {Drafts: true}} {
		_, told := importedAs(t, pool, edited, in, "2026-11-24")
		if told[0].Outcome != Changed || !slices.Equal(told[0].Differs, []string{"effective_from", "fill_minutes"}) {
			t.Fatalf("edited: %+v", told)
		}
	}
	if versions(t, pool) != stored+1 {
		t.Errorf("%d versions, not one draft more than %d", versions(t, pool), stored)
	}
	today := day(t, "2026-11-24")
	if v, err := InForce(ctx, pool, "1.001612", day(t, "2027-02-01")); err != nil || v.FillMinutes != 12 {
		t.Errorf("before publishing: %+v, %v", v, err)
	}
	_, err := publish(ctx, pool, PublishIn{Code: "1.001612", From: new(day(t, "2026-11-23")), Today: today})
	refused(t, "a day that has passed", err, "has passed")
	_, err = publish(ctx, pool, PublishIn{Code: "1.001612", Number: 9, Today: today})
	refused(t, "an unknown number", err, "no such draft")
	if from, err := publish(ctx, pool, PublishIn{Code: "1.001612", Today: today}); err != nil || from != day(t, "2027-01-01") {
		t.Fatalf("published from %s, %v", from, err)
	}
	for on, want := range map[string]int{"2026-12-31": 12, "2027-01-01": 20} {
		if v, err := InForce(ctx, pool, "1.001612", day(t, on)); err != nil || v.FillMinutes != want {
			t.Errorf("on %s %+v, %v", on, v, err)
		}
	}
	_, err = publish(ctx, pool, PublishIn{Code: "1.001612", Today: today})
	refused(t, "a second time", err, "no such draft")
	// The starter does not set back what the operator published.
	if changes := load(t, pool, starterSources(t)); !slices.Equal(changes.Kept, []string{"1.001612"}) || changes.Same != starterSize-1 {
		t.Errorf("the starter after the operator: %+v", changes)
	}
	importedAs(t, pool, strings.Replace(one, `"fill_minutes": 12`, `"fill_minutes": 30`, 1), NationalImport{Drafts: true}, "2026-11-24")
	_, err = publish(ctx, pool, PublishIn{Code: "1.001612", From: new(day(t, "2026-12-01")), Today: today})
	refused(t, "beside a version to come", err, "both would be in force")
}

func lineOf(t *testing.T, all, code string) string {
	t.Helper()
	for line := range strings.Lines(all) {
		if s, err := ParseExported([]byte(line)); err == nil && s.Definition.Code == code {
			return strings.ReplaceAll(line, `":`, `": `)
		}
	}
	t.Fatalf("no %s", code)
	return ""
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
	if err := closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2027-01-01"), Successor: "2.001583", Today: today}); err != nil {
		t.Fatal(err)
	}
	refused(t, "a circle", closeIn(ctx, pool, CloseIn{Code: "2.001583", On: day(t, "2027-06-01"), Successor: "1.001612", Today: today}), "closed itself")
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-12-31")); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	// Until the day comes another may be set.
	if err := closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2026-12-01"), Successor: "2.001583", Today: today}); err != nil {
		t.Fatal(err)
	}
	if _, err := InForce(ctx, pool, "1.001612", day(t, "2026-12-01")); !errors.Is(err, ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
	e, err := EndedOn(ctx, pool, "1.001612", day(t, "2026-12-05"))
	if err != nil || e.Since == nil || *e.Since != day(t, "2026-12-01") || e.Successor != "2.001583" || e.Next.Vi == "" || e.Begins != nil {
		t.Errorf("ended %+v, %v", e, err)
	}
	if e, err := EndedOn(ctx, pool, "1.001612", day(t, "2026-01-05")); err != nil || e.Since != nil || e.Begins == nil {
		t.Errorf("before it began %+v, %v", e, err)
	}
	if _, err := EndedOn(ctx, pool, "9.000001", today); !errors.Is(err, ErrNotFound) {
		t.Errorf("never published: %v", err)
	}
	refused(t, "after its end", closeIn(ctx, pool, CloseIn{Code: "1.001612", On: day(t, "2027-01-01"), Today: day(t, "2026-12-02")}), "closed already")
	if hits, _, err := Search(ctx, pool, Query{Text: "1.001612", Limit: 5, On: day(t, "2026-12-05")}); err != nil || slices.ContainsFunc(hits, func(h Hit) bool { return h.Code == "1.001612" }) {
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
	for _, set := range []string{"state = 'draft'", "successor = code, state = 'closed'", "successor = '2.001583'", "successor = '9.999999', state = 'closed'"} {
		if _, err := pool.Exec(ctx, "update procedure_version set "+set+" where code = '1.001612'"); err == nil {
			t.Errorf("%s is allowed", set)
		}
	}
}

// TestGeneralForm: the permission changes what is asked, outlives a changed record, and can be taken back.
func TestGeneralForm(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	agencies(t, pool)
	record := object{"CAPTHUCHIEN": []any{"Cấp tỉnh"}, "CACHTHUCTHUCHIEN": []any{filed("Trực tiếp", 5, "Ngày làm việc", "")}}
	imported(t, pool, string(nationalFixture(t, record)), false, "2026-11-01")
	on := day(t, "2026-11-24")
	allow := func(codes ...string) (o Outcome, err error) {
		err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			o, err = AllowGeneral(ctx, tx, AllowIn{Code: "9.000001", Agencies: codes, On: on})
			return err
		})
		return o, err
	}
	_, err := allow()
	refused(t, "without a department", err, "which department")
	_, err = allow("H42.KHAC")
	refused(t, "an unknown agency", err, "no agency")
	for _, want := range []Outcome{Changed, Same} {
		if o, err := allow("H42.STP"); err != nil || o != want {
			t.Fatalf("%s, %v", o, err)
		}
	}
	look := func(on workday.Date) *Version {
		v, err := InForce(ctx, pool, "9.000001", on)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := look(on)
	last := v.Requirements[len(v.Requirements)-1]
	if !v.Online() || v.Level != PartlyOnline || !slices.Equal(v.ReceivedBy.Agencies, []string{"H42.STP"}) || last.ID != generalOther || v.Form().ID != "9.000001" {
		t.Errorf("allowed: %+v", v)
	}
	if slices.ContainsFunc(v.Requirements, func(r Requirement) bool { return !r.Optional }) {
		t.Errorf("a paper must be given: %+v", v.Requirements)
	}
	if got, _ := imported(t, pool, string(nationalFixture(t, record)), false, "2026-11-25"); !slices.Equal(got, []string{"1 9.000001 same"}) {
		t.Errorf("the same record: %q", got)
	}
	all := exportAll(t, pool, "2026-11-25")
	record["TENTTHC"] = "Tên mới"
	if _, told := imported(t, pool, string(nationalFixture(t, record)), false, "2026-12-01"); told[0].Outcome != Changed || !slices.Contains(told[0].Differs, "name") {
		t.Errorf("a changed record: %+v", told)
	}
	if v := look(day(t, "2026-12-01")); v.Name.Vi != "Tên mới" || !v.Online() || v.General == nil {
		t.Errorf("the permission is lost: %+v", v)
	}
	on = day(t, "2026-12-02")
	inTx(t, pool, func(tx pgx.Tx) error {
		o, err := DisallowGeneral(ctx, tx, "9.000001", on)
		if o != Changed {
			t.Errorf("disallow: %s", o)
		}
		return err
	})
	if v := look(on); v.Online() || v.Level != Information || v.Form() != nil || len(v.Channels) != 1 || !slices.Equal(v.ReceivedBy.Kinds, []agency.Kind{agency.Department}) {
		t.Errorf("taken back: %+v", v)
	}
	// The permission travels with an export.
	other := pgtest.New(t)
	agencies(t, other)
	if got, _ := importedAs(t, other, all, NationalImport{}, "2026-11-25"); !slices.Equal(got, []string{"1 9.000001 added"}) || exportAll(t, other, "2026-11-25") != all {
		t.Errorf("another database: %q", got)
	}
	inTx(t, pool, func(tx pgx.Tx) error {
		_, err := AllowGeneral(ctx, tx, AllowIn{Code: "9.999999", On: on})
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("an unknown code: %v", err)
		}
		return nil
	})
}

// FuzzParseExported: whatever an operator brings back, it is refused or can be stored.
func FuzzParseExported(f *testing.F) {
	sources, err := Starter()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range sources[:3] {
		definition, err := data.ReadFile("data/" + s.Definition.Code + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(append([]byte(`{"definition":`), definition...), '}'))
	}
	f.Add([]byte(`{"definition":{"code":"9.000001","source":{"service":"national"},"general":{}},"form":"{}"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := ParseExported(line)
		if err == nil && (!IsCode(s.Definition.Code) || s.Definition.EffectiveFrom.IsZero() || s.hash == "") {
			t.Errorf("taken: %+v", s.Definition)
		}
	})
}
