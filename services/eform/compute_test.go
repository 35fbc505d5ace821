package eform

import (
	"testing"
	"time"

	"congdvc/services/workday"
)

func TestCompute(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	a := f.Compute(with(whole(), Answers{"tuoi": {Text: "5"}}), today)
	for id, want := range map[string]string{"tuoi": "36", "von_chu": "Một trăm năm mươi triệu đồng",
		"tong": "150500000", "ho_ten": "Nguyễn Thị Lan"} {
		if got := a[id].Text; got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	for id := range f.Compute(Answers{"ngay_sinh": {Text: "31/2/1990"}, "von": {Text: "nhiều"},
		"tuoi": {Text: "5"}}, today) {
		if f.Field(id).Type == Computed {
			t.Errorf("%s is made from nothing", id)
		}
	}
}

func TestDateInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-11-23": "Ngày hai mươi ba tháng mười một năm hai nghìn không trăm hai mươi sáu",
		"1990-04-05": "Ngày năm tháng tư năm một nghìn chín trăm chín mươi",
		"2005-01-31": "Ngày ba mươi mốt tháng một năm hai nghìn không trăm linh năm",
		"2000-12-15": "Ngày mười lăm tháng mười hai năm hai nghìn",
		"1975-04":    "Tháng tư năm một nghìn chín trăm bảy mươi lăm",
		"1954":       "Năm một nghìn chín trăm năm mươi bốn",
		"31/2/2026":  "",
	} {
		if got := dateInWords(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts []string
		on    workday.Date
		want  string
	}{
		{[]string{"2008-11-23"}, today, "18"},
		{[]string{"2008-11-24"}, today, "17"},
		{[]string{"2008-02-29"}, workday.Date{Year: 2026, Month: time.February, Day: 28}, "17"},
		{[]string{"2008-02-29"}, workday.Date{Year: 2026, Month: time.March, Day: 1}, "18"},
		{[]string{"2008"}, today, ""}, // 17 or 18
		{[]string{"2008"}, workday.Date{Year: 2026, Month: time.December, Day: 31}, "18"},
		{[]string{"1950-01-01", "2020-06-30"}, today, "70"},
		{[]string{"2026-11-24"}, today, ""},
	} {
		if got := age(c.texts, c.on); got != c.want {
			t.Errorf("%v on %v: %q, want %q", c.texts, c.on, got, c.want)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "5", "-5", "0.5", "-0.05", "12.25", "999999999999999",
		"-999999999999999.99"} {
		n, ok := parseNumber(text)
		if !ok || n.String() != text {
			t.Errorf("%s is read as %s, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "-", "-0", "00", "05", "1.", ".5", "1.50", "1.234", "1,5", "+1", "1e3",
		"1000000000000000", "１"} {
		if n, ok := parseNumber(text); ok {
			t.Errorf("%q is read as %s", text, n)
		}
	}
}

// TestSame: who files for a child is named among its parents too, as the paper form does.
func TestSame(t *testing.T) {
	t.Parallel()
	f, err := Load(form(`{"id":"a","type":"name","label":T}`,
		`{"id":"b","type":"computed","label":T,"compute":"same","from":["a"]}`))
	if err != nil {
		t.Fatal(err)
	}
	on := workday.Date{Year: 2026, Month: 11, Day: 26}
	for name, want := range map[string]string{"Nguyễn Văn Ổn": "Nguyễn Văn Ổn", "": ""} {
		if got := f.Compute(Answers{"a": {Text: name}}, on)["b"].Text; got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}
