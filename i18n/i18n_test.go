package i18n_test

import (
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

func TestT(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		lang i18n.Lang
		key  string
		args []any
		want string
	}{
		{"plain", i18n.Vi, "session.away", nil,
			"Hiện chưa kiểm tra được phiên đăng nhập của bạn. Vui lòng thử lại sau ít phút."},
		{"plain English", i18n.En, "session.away", nil,
			"Your session cannot be checked at the moment. Please try again in a few minutes."},
		{"unknown language is Vietnamese", "fr", "session.away", nil,
			"Hiện chưa kiểm tra được phiên đăng nhập của bạn. Vui lòng thử lại sau ít phút."},
		{"unknown key", i18n.Vi, "no.such", nil, "⟦no.such⟧"},
		{"unknown key in English", i18n.En, "no.such", []any{"A", 1}, "⟦no.such⟧"},
		{"missing value", i18n.Vi, "filestore.too_large", nil, "⟦filestore.too_large⟧"},
		{"name without value", i18n.Vi, "filestore.too_large", []any{"Bytes"}, "⟦filestore.too_large⟧"},
		{"size", i18n.Vi, "filestore.too_large", []any{"Bytes", int64(20 << 20)},
			"Tệp quá lớn. Dung lượng tối đa là 20\u00a0MB."},
		{"one", i18n.En, "format.bytes", []any{"Count", 1}, "1 byte"},
		{"many", i18n.En, "format.bytes", []any{"Count", uint8(2)}, "2 bytes"},
		{"grouped count", i18n.En, "format.bytes", []any{"Count", int64(1500)}, "1,500 bytes"},
		{"grouped count in Vietnamese", i18n.Vi, "format.bytes", []any{"Count", 1500}, "1.500 byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := i18n.T(c.lang, c.key, c.args...); got != c.want {
				t.Errorf("T(%s, %s, %v) = %q, want %q", c.lang, c.key, c.args, got, c.want)
			}
		})
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	tooMany := fault.New(fault.TooMany, "throttle.too_many")
	for _, c := range []struct {
		lang    i18n.Lang
		minutes int
		want    string
	}{
		{i18n.Vi, 3, "Bạn đã thử quá nhiều lần. Vui lòng thử lại sau 3 phút."},
		{i18n.En, 1, "You have tried too many times. Please try again in 1 minute."},
		{i18n.En, 3, "You have tried too many times. Please try again in 3 minutes."},
	} {
		if got := i18n.Fault(c.lang, tooMany.With("Minutes", c.minutes).With("Count", c.minutes)); got !=
			c.want {
			t.Errorf("Fault(%s, %d) = %q, want %q", c.lang, c.minutes, got, c.want)
		}
	}
}

func TestFaultFormatsTypedArguments(t *testing.T) {
	t.Parallel()
	// The text of another room's key is not used here: a placeholder of any name shows how values are
	// written.
	limit := fault.New(fault.Invalid, "throttle.too_many")
	for _, c := range []struct {
		lang  i18n.Lang
		value any
		want  string
	}{
		{i18n.Vi, dong.Amount(150_000), "sau 150.000\u00a0đ phút"},
		{i18n.En, dong.Amount(150_000), "in VND\u00a0150,000 minutes"},
		{i18n.Vi, workday.Date{Year: 2026, Month: 2, Day: 5}, "sau 05/02/2026 phút"},
		{i18n.En, workday.Date{Year: 2026, Month: 2, Day: 5}, "in 5 February 2026 minutes"},
		{i18n.Vi, time.Date(2026, 11, 23, 7, 9, 0, 0, time.UTC), "sau 14:09, 23/11/2026 phút"},
		{i18n.En, i18n.Text{Vi: "năm", En: "five"}, "in five minutes"},
		{i18n.Vi, i18n.Text{Vi: "năm", En: "five"}, "sau năm phút"},
	} {
		if got := i18n.Fault(c.lang, limit.With("Minutes", c.value)); !strings.Contains(got, c.want) {
			t.Errorf("Fault(%s, %v) = %q, want %q in it", c.lang, c.value, got, c.want)
		}
	}
}

func TestEveryWhyHasWords(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		for _, why := range []workday.Why{workday.Received, workday.AfterHours, workday.AfterCutOff,
			workday.Counted, workday.MakeUp, workday.Weekend, workday.Holiday, workday.Rolled, workday.Paused,
			workday.Extended} {
			if i18n.Keys(l)["workday.why."+string(why)] == "" {
				t.Errorf("%s: no text for %s", l, why)
			}
		}
	}
}

func TestTextIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text i18n.Text
		lang i18n.Lang
		want string
	}{
		{i18n.Text{Vi: "phí", En: "fee"}, i18n.Vi, "phí"},
		{i18n.Text{Vi: "phí", En: "fee"}, i18n.En, "fee"},
		{i18n.Text{Vi: "phí"}, i18n.En, "phí"},
		{i18n.Text{En: "fee"}, i18n.Vi, "fee"},
		{i18n.Text{}, i18n.Vi, ""},
	} {
		if got := c.text.In(c.lang); got != c.want {
			t.Errorf("%v.In(%s) = %q, want %q", c.text, c.lang, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	// 23:30 UTC on the 22nd is the morning of the 23rd in Vietnam.
	instant := time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	day := workday.DateOf(instant)
	sunday := workday.Date{Year: 2026, Month: 2, Day: 1}
	for _, c := range []struct{ got, want string }{
		{i18n.Date(i18n.Vi, day), "23/11/2026"},
		{i18n.Date(i18n.En, day), "23 November 2026"},
		{i18n.Date(i18n.Vi, sunday), "01/02/2026"},
		{i18n.Date(i18n.En, sunday), "1 February 2026"},
		{i18n.Date(i18n.En, workday.Date{}), ""},
		{i18n.LongDate(i18n.Vi, day), "thứ Hai, 23/11/2026"},
		{i18n.LongDate(i18n.En, day), "Monday 23 November 2026"},
		{i18n.LongDate(i18n.Vi, sunday), "Chủ nhật, 01/02/2026"},
		{i18n.LongDate(i18n.Vi, workday.Date{}), ""},
		{i18n.DateTime(i18n.Vi, instant), "06:30, 23/11/2026"},
		{i18n.DateTime(i18n.En, instant), "06:30, 23 November 2026"},
		{i18n.Clock(i18n.Vi, instant), "06:30"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMoneyAndNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{i18n.Money(i18n.Vi, 150_000), "150.000\u00a0đ"},
		{i18n.Money(i18n.En, 150_000), "VND\u00a0150,000"},
		{i18n.Number(i18n.Vi, 1_234_567), "1.234.567"},
		{i18n.Number(i18n.En, -1_234), "-1,234"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bytes  int64
		vi, en string
	}{
		{0, "0\u00a0byte", "0\u00a0bytes"},
		{1, "1\u00a0byte", "1\u00a0byte"},
		{1023, "1.023\u00a0byte", "1,023\u00a0bytes"},
		{1024, "1\u00a0KB", "1\u00a0KB"},
		{200_000, "195,3\u00a0KB", "195.3\u00a0KB"},
		{1<<20 - 1, "1.023,9\u00a0KB", "1,023.9\u00a0KB"},
		{1_300_000, "1,2\u00a0MB", "1.2\u00a0MB"},
		{20 << 20, "20\u00a0MB", "20\u00a0MB"},
		{5 << 40, "5\u00a0TB", "5\u00a0TB"},
		{5 << 50, "5.120\u00a0TB", "5,120\u00a0TB"},
	} {
		if got := i18n.Size(i18n.Vi, c.bytes); got != c.vi {
			t.Errorf("Size(vi, %d) = %q, want %q", c.bytes, got, c.vi)
		}
		if got := i18n.Size(i18n.En, c.bytes); got != c.en {
			t.Errorf("Size(en, %d) = %q, want %q", c.bytes, got, c.en)
		}
	}
}

func BenchmarkT(b *testing.B) {
	i18n.T(i18n.Vi, "session.away")
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			i18n.T(i18n.Vi, "session.away")
		}
	})
	b.Run("filled", func(b *testing.B) {
		for b.Loop() {
			i18n.T(i18n.En, "throttle.too_many", "Count", 3, "Minutes", 3)
		}
	})
}

// TestLater: whoever comes back at the minute that was said does not come too early, whatever the day.
func TestLater(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 7, 34, 20, 0, time.UTC) // 14:34:20 in Vietnam
	for _, c := range []struct {
		wait   time.Duration
		vi, en string
	}{
		{time.Second, "14:35", "14:35"},
		{40 * time.Second, "14:35", "14:35"},
		{41 * time.Second, "14:36", "14:36"},
		{9*time.Hour + 26*time.Minute, "00:01, 28/11/2026", "00:01, 28 November 2026"},
		{24 * time.Hour, "14:35, 28/11/2026", "14:35, 28 November 2026"},
	} {
		at := i18n.LaterOf(now, c.wait)
		if vi, en := at.In(i18n.Vi), at.In(i18n.En); vi != c.vi || en != c.en {
			t.Errorf("after %s: %q, %q; want %q, %q", c.wait, vi, en, c.vi, c.en)
		}
	}
}
