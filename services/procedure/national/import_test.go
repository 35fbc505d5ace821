package national

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/pgtest"
	"congdvc/services/procedure"
)

// imported brings text in and returns what was told of each line, as "1 9.000001 added".
func imported(t *testing.T, pool *pgxpool.Pool, text, on string) (lines []string, all []Imported) {
	t.Helper()
	return importedAs(t, pool, text, ImportIn{}, on)
}

func importedAs(t *testing.T, pool *pgxpool.Pool, text string, in ImportIn,
	on string) (lines []string, all []Imported) {
	t.Helper()
	in.On = day(t, on)
	in.Tell = func(i Imported) error {
		lines = append(lines, fmt.Sprintf("%d %s %s", i.Line, i.Code, i.Outcome))
		all = append(all, i)
		return nil
	}
	if err := Import(t.Context(), pool, strings.NewReader(text), in); err != nil {
		t.Fatal(err)
	}
	return lines, all
}

func versions(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), "select count(*) from procedure_version").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImport(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	first := string(fixture(t, nil)) + "\n"
	second := string(fixture(t, object{"MATTHC": "9.000002"}))
	if got, _ := importedAs(t, pool, first+second, ImportIn{DryRun: true}, "2026-11-23"); !slices.Equal(got,
		[]string{"1 9.000001 added", "2 9.000002 added"}) || versions(t, pool) != 0 {
		t.Errorf("dry run: %q, %d versions", got, versions(t, pool))
	}
	if got, _ := imported(t, pool, first+second, "2026-11-23"); !slices.Equal(got,
		[]string{"1 9.000001 added", "2 9.000002 added"}) || versions(t, pool) != 2 {
		t.Errorf("first: %q, %d versions", got, versions(t, pool))
	}
	if got, _ := imported(t, pool, first+second, "2026-12-01"); !slices.Equal(got,
		[]string{"1 9.000001 same", "2 9.000002 same"}) || versions(t, pool) != 2 {
		t.Errorf("again: %q, %d versions", got, versions(t, pool))
	}
	other := string(fixture(t, object{"YEUCAU": "Đủ 18 tuổi", "TENTTHC": "Thủ tục khác"}))
	for _, dry := range []bool{true, false} {
		_, all := importedAs(t, pool, other, ImportIn{DryRun: dry}, "2026-12-01")
		if all[0].Outcome != procedure.Changed ||
			!slices.Equal(all[0].Differs, []string{"conditions", "name"}) ||
			all[0].Values[1] != (Difference{"name", `{"vi":"Thủ tục  thử","en":""}`,
				`{"vi":"Thủ tục khác","en":""}`}) {
			t.Errorf("changed: %+v", all)
		}
	}
	for on, want := range map[string]string{"2026-11-30": "Thủ tục  thử", "2026-12-01": "Thủ tục khác"} {
		v, err := procedure.InForce(ctx, pool, "9.000001", day(t, on))
		if err != nil || v.Name.Vi != want || v.Online() || v.Form() != nil {
			t.Errorf("on %s: %+v, %v", on, v, err)
		}
	}
	hits, _, err := procedure.Search(ctx, pool, procedure.Query{Text: "thu tuc khac", Limit: 3,
		On: day(t, "2026-12-01")})
	if err != nil || len(hits) == 0 || hits[0].Code != "9.000001" {
		t.Errorf("found %v, %v", hits, err)
	}
	// The clock went back: the change holds from the first day of the version that it takes the place of.
	if got, _ := imported(t, pool, first, "2026-10-01"); !slices.Equal(got, []string{"1 9.000001 changed"}) {
		t.Errorf("back: %q", got)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	good := string(fixture(t, nil))
	lines := []string{
		"not JSON", "", strings.Replace(good, "9.000001", "9.1", 1),
		string(fixture(t, object{"MATTHC": "9.000003", "TENTTHC": " "})),
		string(fixture(t, object{"MATTHC": "9.000004", "YEUCAU": strings.Repeat("a", longestRecord)})),
		string(fixture(t, object{"MATTHC": "9.000005", "CAPTHUCHIEN": "Cấp xã"})), good + good, good, good,
		string(fixture(t, object{"MATTHC": "9.000006", "TENTTHC": "\u0000Có ký tự lạ \u202e"})),
		string(fixture(t, object{"MATTHC": "9.000007", "TENTTHC": strings.Repeat("a", longestName+1)})),
	}
	got, all := imported(t, pool, strings.Join(lines, "\r\n"), "2026-11-23")
	want := []string{"1  refused", "3 9.1 refused", "4 9.000003 refused", "5 9.000004 refused",
		"6 9.000005 refused", "7 9.000001 refused", "8 9.000001 added", "9 9.000001 refused",
		"10 9.000006 added", "11 9.000007 refused"}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%q, want\n%q", got, want)
	}
	for _, i := range all {
		if (i.Outcome == procedure.Refused) != (i.Reason != nil) {
			t.Errorf("line %d: %s, %v", i.Line, i.Outcome, i.Reason)
		}
	}
	if n := versions(t, pool); n != 2 {
		t.Errorf("%d versions", n)
	}
	stop := errors.New("stop")
	err := Import(t.Context(), pool, strings.NewReader(good+"\n"+good),
		ImportIn{On: day(t, "2026-11-23"), Tell: func(Imported) error {
			return stop
		}})
	if !errors.Is(err, stop) {
		t.Errorf("an error of the caller: %v", err)
	}
}

// TestImportTellsOtherFiles: a file that is not one object a line as a whole is told once, and a byte order
// mark, another encoding of a line and a line that was cut off are told as what they are.
// TestImportRefusesAnEmptyFile holds that a file in which nothing is does not pass for one whose records are
// all the same.
func TestImportRefusesAnEmptyFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\ufeff", "\n", " \r\n\n\t\n"} {
		err := Import(t.Context(), nil, strings.NewReader(text), ImportIn{
			Tell: func(i Imported) error { t.Errorf("%q: %+v", text, i); return nil }})
		if err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestImportTellsOtherFiles(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	good := string(fixture(t, nil))
	for file, says := range map[string]string{
		"\x1f\x8b\x08\x00rest": "gzip", "PK\x03\x04rest": "ZIP", "\xff\xfe{\x00": "UTF-16",
		"\ufeff [" + good + "]": "JSON array", "[\n" + good + "\n]": "JSON array",
		"{\n\"MATTHC\": 1}": "several lines",
	} {
		err := Import(t.Context(), pool, strings.NewReader(file),
			ImportIn{On: day(t, "2026-11-23"), Tell: func(i Imported) error {
				t.Errorf("%.9q is read as lines: %+v", file, i)
				return nil
			}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.9q: %v", file, err)
		}
	}
	got, all := imported(t, pool, "\ufeff"+good+"\r\n"+strings.NewReplacer("9.000001", "9.000002", "ủ",
		"\xff").Replace(good)+"\n5\n"+good[:len(good)-3], "2026-11-23")
	want := []string{"1 9.000001 added", "2 9.000002 refused", "3  refused", "4 9.000001 refused"}
	if !slices.Equal(got, want) {
		t.Fatalf("told %q, want %q", got, want)
	}
	for i, says := range []string{"", "is not text in UTF-8", "kind number, not an object", "cut off?"} {
		if says != "" && !strings.Contains(all[i].Reason.Error(), says) {
			t.Errorf("line %d: %v", i+1, all[i].Reason)
		}
	}
}

// TestImportKeepsOwn: what was written for the portal stays, and takes the place of a record in either order.
func TestImportKeepsOwn(t *testing.T) {
	t.Parallel()
	ctx, pool, own := t.Context(), pgtest.New(t), starter(t)
	record := string(fixture(t,
		object{"MATTHC": "1.001612", "CACHTHUCTHUCHIEN": []any{filed("Trực tuyến", 5, "Ngày làm việc", "")}}))
	if got, _ := imported(t, pool, record, "2026-11-23"); !slices.Equal(got, []string{"1 1.001612 added"}) {
		t.Fatalf("first %q", got)
	}
	load(t, pool, own)
	got, all := imported(t, pool, record, "2026-11-23")
	if !slices.Equal(got, []string{"1 1.001612 kept out"}) ||
		!slices.Contains(all[0].Differs, "time online: record 5 working_day") {
		t.Errorf("after the starter %q: %q", got, all[0].Differs)
	}
	v, err := procedure.InForce(ctx, pool, "1.001612", day(t, "2026-11-23"))
	if err != nil || v.Form() == nil {
		t.Errorf("in force %+v, %v", v, err)
	}
	if changes := load(t, pool, own); changes.Same != len(own) {
		t.Errorf("the starter again: %+v", changes)
	}
}

func TestImportSample(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	pool := pgtest.New(t)
	load(t, pool, starter(t))
	count := func(lines []Imported) map[procedure.Outcome]int {
		n := map[procedure.Outcome]int{}
		for _, i := range lines {
			n[i.Outcome]++
			if i.Outcome == procedure.Refused {
				t.Errorf("line %d, %s: %v", i.Line, i.Code, i.Reason)
			}
		}
		return n
	}
	_, first := imported(t, pool, string(raw), "2026-11-23")
	stored := versions(t, pool)
	_, again := imported(t, pool, string(raw), "2026-11-24")
	a, b := count(first), count(again)
	if a[procedure.Added]+a[procedure.KeptOut] != 200 || a[procedure.KeptOut] == 0 ||
		b[procedure.Same] != a[procedure.Added] || b[procedure.KeptOut] != a[procedure.KeptOut] ||
		versions(t, pool) != stored {
		t.Errorf("first %v, again %v, %d and %d versions", a, b, stored, versions(t, pool))
	}
	var out bytes.Buffer
	n, err := procedure.Export(t.Context(), pool, &out, day(t, "2026-11-24"))
	if err != nil || n != stored {
		t.Fatalf("exported %d of %d: %v", n, stored, err)
	}
	for line := range bytes.Lines(out.Bytes()) {
		if _, err := procedure.ParseExported(line); err != nil {
			t.Error(err)
		}
	}
}
