package onestop

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congdvc/services/workday"
)

func TestInstant(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`"2026-11-28T01:12:24.324Z"`:         `"2026-11-28T01:12:24.324Z"`,
		`"2026-11-28T01:12:24Z"`:             `"2026-11-28T01:12:24.000Z"`,
		`"2026-11-28t01:12:24.3z"`:           `"2026-11-28T01:12:24.300Z"`,
		`"2026-11-28T08:12:24.324999+07:00"`: `"2026-11-28T01:12:24.324Z"`,
		`"2026-12-31T23:59:59.9999Z"`:        `"2026-12-31T23:59:59.999Z"`,
		`"0001-01-01T00:00:00Z"`:             `"0001-01-01T00:00:00.000Z"`,
		`"2026-11-28"`:                       "", `"2026-11-28T01:12Z"`: "", `"2026-11-28T25:12:24Z"`: "",
		`"2026-11-28 01:12:24Z"`: "", `1795828344`: "", `{}`: "", `""`: "", `"9999-12-31T23:59:59-12:00"`: "",
	} {
		var at Instant
		err := json.Unmarshal([]byte(given), &at)
		got, failed := json.Marshal(at)
		if err == nil {
			err = failed
		}
		if err != nil {
			got = nil
		}
		if string(got) != want {
			t.Errorf("%s is %s, want %s (%v)", given, got, want, err)
		}
	}
	if AtOrNone(nil) != nil {
		t.Error("there is an instant where none was")
	}
}

// TestInstantsOfTheWire: no JSON of this package holds a time in another type, which would be spelled in as
// many ways as times are stored.
func TestInstantsOfTheWire(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	members := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil || !strings.Contains(field.Tag.Value, `json:"`) {
				return true
			}
			members++
			of := field.Type
			if pointer, ok := of.(*ast.StarExpr); ok {
				of = pointer.X
			}
			selected, ok := of.(*ast.SelectorExpr)
			if ok && selected.Sel.Name == "Time" {
				t.Errorf("%s: %s is no Instant", path, field.Tag.Value)
			}
			return true
		})
	}
	if members < 50 {
		t.Errorf("looked at %d members only", members)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)
	span := Span{From: from, Until: from.Add(time.Hour)}
	for _, c := range []struct {
		off     time.Duration // from its beginning
		want    time.Duration // the same; below 0 is refused
		missed  string
		literal string
	}{
		{-Skew - time.Second, -1, "onestop.too_early", "2026-11-23T01:30:00.000Z"}, {-Skew, 0, "", ""},
		{-time.Second, 0, "", ""}, {time.Minute, time.Minute, "", ""},
		{time.Hour + Skew, time.Hour, "", ""},
		{time.Hour + Skew + time.Second, -1, "onestop.too_late", "2026-11-23T02:30:00.000Z"},
		{-1e6 * time.Hour, -1, "onestop.too_early", "2026-11-23T01:30:00.000Z"},
	} {
		given := At(from.Add(c.off))
		at, refused := span.Take("received_at", &given)
		if c.want >= 0 {
			if refused != nil || !at.Equal(from.Add(c.want)) {
				t.Errorf("%v: %v, %v", c.off, at, refused)
			}
			continue
		}
		if refused == nil || refused.Key != ErrValue.Key || refused.Field != "received_at" {
			t.Errorf("%v: %v, %v", c.off, at, refused)
			continue
		}
		if key, bound := Bound(refused); key != c.missed || bound != c.literal {
			t.Errorf("%v: %s %v", c.off, key, bound)
		}
	}
	if at, refused := span.Take("received_at", nil); refused != nil || !at.Equal(span.Until) {
		t.Errorf("nothing given: %v %v", at, refused)
	}
	day := func(n int) workday.Date { return workday.Date{Year: 2026, Month: 11, Day: n} }
	days := Days{First: day(10), Last: day(20)}
	for n, want := range map[int]string{9: "onestop.value", 10: "", 20: "", 21: "onestop.value"} {
		got := ""
		if refused := days.Check("deadline", day(n)); refused != nil {
			got = refused.Key
		}
		if got != want {
			t.Errorf("the day %d: %s, want %s", n, got, want)
		}
	}
	if refused := days.Check("deadline", workday.Date{}); refused == nil || refused.Key != ErrRequired.Key {
		t.Errorf("no day: %v", refused)
	}
}

// TestCleanText: what turns the direction of what is around it, controls and hidden letters pass nowhere;
// line breaks pass in notes.
func TestCleanText(t *testing.T) {
	t.Parallel()
	for _, bad := range []rune{0, 7, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x61c, 0x200e, 0x200f, 0x202a,
		0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xe0001, 0xe0041, 0xfffd} {
		text := "Hồ sơ " + string(bad) + " hợp lệ"
		for what, faults := range map[string]int{
			"note": len(Note{Note: text}.Check()), "reason": len(Refuse{Reason: text}.Check()),
			"office_code": len(Acknowledge{OfficeCode: text}.Check()),
			"receipt":     len(CounterPayment{Amount: 1, ReceiptNumber: text}.Check()),
			"actor":       len(Actor{Name: text, Title: "x", Unit: "x", Phone: "1"}.Check("Actor")),
			"reader":      len(Actor{Name: "x", Title: text, Unit: "x"}.CheckReader("Actor")),
			"withdrawal":  len(Withdrawal{Accept: new(bool), Note: text}.Check()),
			"supplement": len(Supplement{Fields: []string{"a"}, Reasons: map[string]string{"a": text},
				Deadline: workday.Date{Year: 2026, Month: 12, Day: 1}}.Check(workday.Date{})),
		} {
			if faults != 1 {
				t.Errorf("%U in %s: %d faults", bad, what, faults)
			}
		}
		if IsLine(text) {
			t.Errorf("%U passes in a name", bad)
		}
	}
	for _, lines := range []string{"a\nb", "a\r\nb", "a\tb", "a\u2028b"} {
		if faults := (Note{Note: lines}).Check(); len(faults) != 0 {
			t.Errorf("%q in a note: %v", lines, faults)
		}
		if faults := (Acknowledge{OfficeCode: lines}).Check(); len(faults) != 1 {
			t.Errorf("%q in a code: %v", lines, faults)
		}
	}
	for _, fine := range []string{"Nguyễn Thị Ơ̆", "K'Brê", "a\u00adb", "a\u200bb", "số 12/TL–BS"} {
		if !IsLine(fine) {
			t.Errorf("%q does not pass", fine)
		}
	}
}
