package agency

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/services/pgtest"
	"congdvc/services/workday"
)

const communesHead = "code,name,kind,province_code\n"

// bring runs an import in a transaction of its own, as a command does.
func bring(t *testing.T, pool *pgxpool.Pool,
	load func(tx pgx.Tx) (Changes, error)) (changes Changes, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		changes, err = load(tx)
		return err
	})
	return changes, err
}

func withStarter(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	registry, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bring(t, pool, func(tx pgx.Tx) (Changes, error) {
		return Load(t.Context(), tx, registry)
	}); err != nil {
		t.Fatal(err)
	}
	return pool
}

func importRows(t *testing.T, pool *pgxpool.Pool, rows []Row) (Changes, error) {
	t.Helper()
	return bring(t, pool, func(tx pgx.Tx) (Changes, error) { return Import(t.Context(), tx, rows) })
}

func TestReadCommunesRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ csv, says string }{
		{"", "the CSV is empty"},
		{communesHead, "head only"},
		{"code,name,kind\n", `"province_code" is missing`},
		{"code,name,kind,province_code,nam\n", `"nam" is unknown`},
		{communesHead + "1432,Hoa Lư,Phường,37\n", "line 2: code"},
		{communesHead + "14329,Hoa Lư,Phường,37\n14329,Khác,Xã,37\n", "line 3: code 14329 is on line 2"},
		{communesHead + "14329,Hoa Lư,Phường,37\n14330,Hoa Lư,Phường,37\n",
			"line 3: Phường Hoa Lư is on line 2"},
		{communesHead + "14329,Hoa Lư,Thị trấn,37\n", "line 2: kind"},
		{communesHead + "14329,,Phường,37\n", "line 2: name is empty"},
		{communesHead + "14329,Hoa Lư\n", "line 2: has 2 cells"},
		{communesHead + "14329,Hoa Lư,Phường,01\n", "no row is of the province 37"},
		{communesHead + "14329,\"Hoa Lư,Phường,37\n", "a quotation mark"},
		{communesHead + "14329,Hoa\x00Lư,Phường,37\n", "not text"},
		{communesHead + "14329,\xff,Phường,37\n", "not text"},
	} {
		if _, _, err := ReadCommunes(strings.NewReader(c.csv), "37", "H42"); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.csv, err, c.says)
		}
	}
	if _, _, err := ReadCommunes(strings.NewReader(communesHead), "3", "H42"); err == nil {
		t.Error("a province of one digit is taken")
	}
}

// TestBlankRows skips the rows and columns that a spreadsheet leaves empty, in every import.
func TestBlankRows(t *testing.T) {
	t.Parallel()
	rows, units, err := ReadCommunes(strings.NewReader(strings.TrimSpace(communesHead)+",,\n"+
		",,,,,\n14329\u200b,Hoa\u00ad Lư, Phường,３７,,\n,,,,,\n\"\",\" \",\u00a0,\u200b,,\n\n,,,\n"),
		"37", "H42")
	if err != nil || len(rows) != 1 || len(units) != 1 ||
		units[0] != (Unit{Code: "14329", Province: "37", Name: "Phường Hoa Lư"}) {
		t.Errorf("communes: %+v, %+v, %v", rows, units, err)
	}
	days, err := ReadHolidays(strings.NewReader(",,\ndate,kind,name\n２０２６－09–02,off,Quốc khánh\n,,\n"))
	if err != nil || len(days) != 1 || days[0].Day.Date.String() != "2026-09-02" {
		t.Errorf("holidays: %+v, %v", days, err)
	}
	agencies, err := ReadAgencies(strings.NewReader("code,kind,name,name_en,valid_from\n,,,,\n" +
		"H42,province,UBND tỉnh,Province,2025‑07‑01\n,,,,\n"))
	if err != nil || len(agencies) != 1 || agencies[0].Line != 3 {
		t.Errorf("agencies: %+v, %v", agencies, err)
	}
	_, err = ReadHolidays(strings.NewReader("date,kind,name,\n2026-09-02,off,Quốc khánh,x\n"))
	if err == nil {
		t.Error("a cell below an empty head is lost")
	}
}

// TestEmptyFiles refuses a file in which nothing is, in every import.
func TestEmptyFiles(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]struct {
		head string
		read func(io.Reader) error
	}{
		"communes": {communesHead, func(r io.Reader) error {
			_, _, err := ReadCommunes(r, "37", "H42")
			return err
		}},
		"agencies": {"code,kind,name,name_en,valid_from\n", func(r io.Reader) error {
			_, err := ReadAgencies(r)
			return err
		}},
		"holidays": {"date,kind,name\n", func(r io.Reader) error { _, err := ReadHolidays(r); return err }},
	} {
		for _, text := range []string{"", "\ufeff", "\n", " \r\n\n", ",,,\n", read.head, "\ufeff" + read.head,
			read.head + ",,,\n\n"} {
			if err := read.read(strings.NewReader(text)); err == nil {
				t.Errorf("%s: %q is taken", name, text)
			}
		}
	}
}

func TestImportCommunes(t *testing.T) {
	t.Parallel()
	pool := withStarter(t)
	rows, units, err := ReadCommunes(strings.NewReader("\ufeff"+communesHead+
		"14329,Hoa Lư,Phường,37\r\n14999,Mới,Xã,37\r\n00004,Ba Đình,Phường,01\r\n"), "37", "H42")
	if err != nil || len(rows) != 2 || len(units) != 3 {
		t.Fatalf("%+v, %+v, %v", rows, units, err)
	}
	for i, want := range []Changes{{Added: 1, Same: 1}, {Same: 2}} {
		if got, err := importRows(t, pool, rows); err != nil || got != want {
			t.Errorf("time %d: %+v, %v; want %+v", i+1, got, err, want)
		}
	}
	a, err := ByCode(t.Context(), pool, "H42.37.14999", twoLevels)
	if err != nil || a.Name.Vi != "UBND xã Mới" || a.Name.En != "Mới Commune People's Committee" ||
		a.Parent == nil || a.Provisional.Vi == "" {
		t.Errorf("%+v, %v", a, err)
	}
	orphan, _, err := ReadCommunes(strings.NewReader(communesHead+"14998,Khác,Xã,37\n"), "37", "H99")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importRows(t, pool, orphan); err == nil ||
		!strings.Contains(err.Error(), `line 2: the parent "H99"`) {
		t.Errorf("an unknown parent: %v", err)
	}
}

// TestImportCommunesOfNinhBinh: the list of the province agrees with the communes that the program brings.
func TestImportCommunesOfNinhBinh(t *testing.T) {
	t.Parallel()
	file, err := os.Open("../../../shared/data/communes-ninh-binh.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the list of communes is not beside this clone")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pool := withStarter(t)
	rows, units, err := ReadCommunes(file, "37", "H42")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := loadUnits(t, pool, units); err != nil || got != (Changes{Added: 116, Same: 13}) {
		t.Errorf("communes of addresses: %+v, %v", got, err)
	}
	before, err := List(t.Context(), pool, Filter{Kind: Commune, On: twoLevels})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := importRows(t, pool, rows); err != nil ||
		got != (Changes{Added: 129 - len(before), Same: len(before)}) {
		t.Errorf("first %+v, %v", got, err)
	}
	if got, err := importRows(t, pool, rows); err != nil || got != (Changes{Same: 129}) {
		t.Errorf("again %+v, %v", got, err)
	}
}

const agenciesHead = "code,kind,name,name_en,valid_from,valid_to,parent,phone,calendar,unit_code\n"

func TestImportAgencies(t *testing.T) {
	t.Parallel()
	pool := withStarter(t)
	read := func(body string) []Row {
		rows, err := ReadAgencies(strings.NewReader(agenciesHead + body))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	const phone = "H42.STP,department,Sở Tư pháp tỉnh Ninh Bình,Ninh Bình Department of " +
		"Justice,2025-07-01,,H42,0229 000 000,,\n"
	for _, c := range []struct {
		body string
		want Changes
		says string
	}{
		{phone, Changes{Changed: 1}, ""},
		{phone, Changes{Same: 1}, ""},
		{strings.ReplaceAll(phone, "0229 000 000", ""), Changes{Same: 1}, ""},
		{"H42.SXD,department,Sở Xây dựng,Department of " +
			"Construction,2025-07-01,,H42,,,\nH42.SXD.P1,department,Phòng 1,Office " +
			"1,2025-07-01,,H42.SXD,,,\n", Changes{Added: 2}, ""},
		{"H42.SXD,department,Sở X,Department X,2026-07-01,,H42,,,\n", Changes{},
			"H42.SXD begins anew on 2026-07-01"},
		{"H42.SXD,department,Sở Xây dựng,Department of " +
			"Construction,2025-07-01,2026-07-01,H42,,,\nH42.SXD,department,Sở X,Department " +
			"X,2026-07-01,,H42,,,\n", Changes{Added: 1, Changed: 1}, ""},
		{"H42.A,department,A,A,2025-07-01,,H42,,saturday,\n", Changes{}, `line 2: the calendar "saturday"`},
	} {
		got, err := importRows(t, pool, read(c.body))
		if c.says == "" && (err != nil || got != c.want) || c.says != "" &&
			(err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %+v, %v", c.body, got, err)
		}
	}
	a, err := ByCode(t.Context(), pool, "H42.STP", twoLevels)
	if err != nil || a.Phone != "0229 000 000" || a.Provisional.Vi == "" {
		t.Errorf("%+v, %v", a, err)
	}
	_, err = ReadAgencies(strings.NewReader(agenciesHead +
		"h42,ministry,A,A,2025-13-01,2025-01-01,,,,\nH1.1,commune,A,A,2025-07-01,2025-06-01,H1,,,\n"))
	for _, says := range []string{`line 2: code "h42"`, "line 2: kind", "line 2: valid_from",
		"line 2: needs a parent", "line 3: unit_code", "line 3: valid_to"} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q is missing in %v", says, err)
		}
	}
}

func TestImportHolidays(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), withStarter(t)
	const head = "date,kind,name,name_en,calendar,provisional,provisional_en\n"
	run := func(body string, through workday.Date) (Changes, error) {
		days, err := ReadHolidays(strings.NewReader(head + body))
		if err != nil {
			return Changes{}, err
		}
		return bring(t, pool, func(tx pgx.Tx) (Changes, error) {
			return ImportHolidays(ctx, tx, days, through)
		})
	}
	end := workday.Date{Year: 2028, Month: 12, Day: 31}
	const year = "2028-01-03,off,Nghỉ bù,Substitute day,,Dự kiến,Expected\n2028-01-08,make_up,Làm " +
		"bù,Worked in its place,hanh-chinh,,\n"
	for i, c := range []struct {
		body    string
		through workday.Date
		want    Changes
		says    string
	}{
		{year, workday.Date{}, Changes{}, "line 2: 2028-01-03 is outside"},
		{year, end, Changes{Changed: 2}, ""},
		{year, end, Changes{Same: 2}, ""},
		{"2028-01-08,usual,,,,,\n", workday.Date{}, Changes{Changed: 1, Same: 1}, ""},
		{"2028-01-10,make_up,Làm bù,Worked,,,\n", end, Changes{},
			"line 2: 2028-01-10 is a make-up day that the calendar"},
		{"2028-01-04,off,Nghỉ,,,,\n", end, Changes{Changed: 2}, ""},
		{"2028-01-10,off,Nghỉ,Off,khac,,\n", end, Changes{}, `line 2: the calendar "khac"`},
		{wholeYear(2028), end, Changes{}, "no working day from 2028-01-01"},
		{",off,Nghỉ,,,,\n,off,Nghỉ,,,,\n", end, Changes{}, "line 3: date is empty"},
		{"2028-02-30,free,Nghỉ,,,a,\n", end, Changes{}, "is no day"},
	} {
		got, err := run(c.body, c.through)
		if c.says == "" && (err != nil || got != c.want) || c.says != "" &&
			(err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("row %d: %+v, %v", i, got, err)
		}
	}
	a, err := ByCode(ctx, pool, "H42", twoLevels)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := CalendarOf(ctx, pool, a.ID)
	if err != nil || calendar.Through != end ||
		calendar.Off[workday.Date{Year: 2028, Month: 1, Day: 3}] != "Nghỉ bù" || len(calendar.Off) < 40 {
		t.Errorf("%+v, %v", calendar, err)
	}
	third, fourth := workday.Date{Year: 2028, Month: 1, Day: 3}, workday.Date{Year: 2028, Month: 1, Day: 4}
	if text := DayText(third, "Nghỉ bù", i18n.En); !strings.Contains(text, "Substitute day") ||
		!strings.Contains(text, "Expected") {
		t.Errorf("an uncertain day is called %q", text)
	}
	if text := DayText(fourth, "Nghỉ", i18n.En); text != "Nghỉ" {
		t.Errorf("a day without an English name is called %q", text)
	}
	if _, worked := calendar.MakeUp[workday.Date{Year: 2028, Month: 1, Day: 8}]; worked {
		t.Error("the make-up day was not taken back")
	}
}

// wholeYear is a file of days off that leaves nothing of a year.
func wholeYear(year int) string {
	var b strings.Builder
	for d := (workday.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.AddDays(1) {
		b.WriteString(d.String() + ",off,Nghỉ,,,,\n")
	}
	return b.String()
}

func TestReadCSVSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		"":                                     "the CSV is empty",
		"code;kind;name\nH42.A;department;A\n": "save the file with commas",
		agenciesHead:                           "a head only",
		agenciesHead +
			"H42.A,department,Sở \"A\",A,2025-07-01,,,,,\n": "line 2: a quotation mark",
		agenciesHead +
			"H42.A,department,\"Sở A,A,2025-07-01,,,,,\n": "a quotation mark",
		agenciesHead + "H42.A,department," + strings.Repeat("x", 501) +
			",A,2025-07-01,,,,,\n": "line 2: name has more than 500 characters",
	} {
		if _, err := ReadAgencies(strings.NewReader(body)); err == nil ||
			!strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v, want %q", body, err, says)
		}
	}
}

// TestImportAgenciesRefusesCircles: no agency stands below itself, also when each row alone is right.
func TestImportAgenciesRefusesCircles(t *testing.T) {
	t.Parallel()
	pool := withStarter(t)
	const head = "code,kind,name,name_en,valid_from,parent\n"
	for body, says := range map[string]string{
		"H42.STP,department,Sở Tư pháp,Justice,2025-07-01,H42.STC\nH42.STC,department,Sở Tài " +
			"chính,Finance,2025-07-01,H42.STP\n": "line 3: H42.STC would stand below itself",
		"H42.STP,department,Sở Tư pháp,Justice,2025-07-01,H42.STC\n": "",
	} {
		rows, err := ReadAgencies(strings.NewReader(head + body))
		if err != nil {
			t.Fatal(err)
		}
		_, err = importRows(t, pool, rows)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", body, err, says)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(communesHead + "14329,Hoa Lư,Phường,37\n"))
	f.Add([]byte("\ufeffcode,name,kind,province_code\n\"a\nb\",,,\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, _, err := ReadCommunes(strings.NewReader(string(raw)), "37", "H42")
		if err == nil && (len(rows) == 0 || slices.ContainsFunc(rows, func(r Row) bool {
			return r.Line < 2 || len(r.Entry.UnitCode) != 5 || r.Entry.Name.Vi == ""
		})) {
			t.Fatalf("taken: %+v", rows)
		}
		if _, err := ReadAgencies(strings.NewReader(string(raw))); errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if days, err := ReadHolidays(strings.NewReader(string(raw))); err == nil && len(days) == 0 {
			t.Fatal("no days, no fault")
		}
	})
}
