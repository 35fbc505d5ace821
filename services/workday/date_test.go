package workday_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"congdvc/services/workday"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	for given, ok := range map[string]bool{
		"2026-11-23": true, "2024-02-29": true, "2026-02-29": false, "2026-2-9": false, "23/11/2026": false,
		"": false, "0000-01-01": false, "2026-11-23T00:00:00Z": false, "2026-13-01": false,
		"2026-00-10": false,
	} {
		d, err := workday.ParseDate(given)
		if (err == nil) != ok || ok && d.String() != given {
			t.Errorf("ParseDate(%q) = %s, %v", given, d, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{date("2026-12-31").AddDays(1).String(), "2027-01-01"},
		{date("2024-03-01").AddDays(-1).String(), "2024-02-29"},
		{date("2026-01-31").AddMonths(1).String(), "2026-02-28"},
		{date("2024-01-31").AddMonths(1).String(), "2024-02-29"},
		{date("2026-11-30").AddMonths(3).String(), "2027-02-28"},
		{date("2026-03-31").AddMonths(-1).String(), "2026-02-28"},
		{date("2026-03-15").AddMonths(12).String(), "2027-03-15"},
		{date("2026-11-23").At(*clock("15:00")).Format(time.RFC3339), "2026-11-23T15:00:00+07:00"},
		{date("2026-11-23").At(*clock("24:00")).Format(time.RFC3339), "2026-11-24T00:00:00+07:00"},
		{date("2026-11-23").Weekday().String(), "Monday"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	early, late := date("2025-12-31"), date("2026-01-01")
	if !early.Before(late) || !late.After(early) || early.Compare(early) != 0 || early.After(late) ||
		late.Before(late) {
		t.Error("days are out of order")
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for given, ok := range map[string]bool{
		"00:00": true, "15:00": true, "23:59": true, "24:00": true, "24:01": false, "15:60": false,
		"9:00": false, "15.00": false, "-1:00": false, "1a:00": false, "15:0b": false, "": false,
		"15:000": false,
	} {
		c, err := workday.ParseClock(given)
		if (err == nil) != ok || ok && c.String() != given {
			t.Errorf("ParseClock(%q) = %d, %v", given, c, err)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	c := calendar2026()
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var again workday.Calendar
	if err := json.Unmarshal(encoded, &again); err != nil {
		t.Fatal(err)
	}
	if again.Off[date("2026-11-24")] != "Ngày Văn hóa" || again.Through != c.Through ||
		again.Week[time.Monday][1].To != *clock("17:00") {
		t.Errorf("a calendar changed on its way through JSON: %s", encoded)
	}
	if json.Unmarshal([]byte(`{"from": "2026-02-30"}`), &again) == nil {
		t.Error("a day that does not exist was read")
	}
}

// TestDatabase encodes and decodes as pgx does, in both of PostgreSQL's formats.
func TestDatabase(t *testing.T) {
	t.Parallel()
	m := pgtype.NewMap()
	day := date("2026-11-23")
	for name, format := range map[string]int16{"text": pgtype.TextFormatCode,
		"binary": pgtype.BinaryFormatCode} {
		encoded, err := m.Encode(pgtype.DateOID, format, day, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got workday.Date
		if err := m.Scan(pgtype.DateOID, format, encoded, &got); err != nil || got != day {
			t.Errorf("%s: read %s, %v", name, got, err)
		}
		var pointer *workday.Date
		if err := m.Scan(pgtype.DateOID, format, encoded, &pointer); err != nil || pointer == nil ||
			*pointer != day {
			t.Errorf("%s: read %v, %v", name, pointer, err)
		}
		if err := m.Scan(pgtype.DateOID, format, nil, &pointer); err != nil || pointer != nil {
			t.Errorf("%s: null read as %v, %v", name, pointer, err)
		}
		if err := m.Scan(pgtype.DateOID, format, nil, &got); err == nil {
			t.Errorf("%s: null read into a Date", name)
		}
		if encoded, err := m.Encode(pgtype.DateOID, format, (*workday.Date)(nil), nil); err != nil ||
			encoded != nil {
			t.Errorf("%s: nil written as %v, %v", name, encoded, err)
		}
		if _, err := m.Encode(pgtype.DateOID, format, workday.Date{}, nil); err == nil {
			t.Errorf("%s: the zero date was written", name)
		}
	}
	array, err := m.Encode(pgtype.DateArrayOID, pgtype.BinaryFormatCode, []workday.Date{day, day.AddDays(1)},
		nil)
	if err != nil {
		t.Fatal(err)
	}
	var several []workday.Date
	if err := m.Scan(pgtype.DateArrayOID, pgtype.BinaryFormatCode, array, &several); err != nil ||
		len(several) != 2 || several[1] != day.AddDays(1) {
		t.Errorf("read %v, %v", several, err)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{"2026-11-23", "2024-02-29", "0001-01-01", "9999-12-31", "2026-02-30", "",
		"24:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		if d, err := workday.ParseDate(given); err == nil &&
			(d.String() != given || d.AddDays(1).AddDays(-1) != d) {
			t.Errorf("ParseDate(%q) = %v", given, d)
		}
		if c, err := workday.ParseClock(given); err == nil && (c.String() != given || c < 0 || c > 24*60) {
			t.Errorf("ParseClock(%q) = %d", given, c)
		}
	})
}
