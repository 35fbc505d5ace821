package eform

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// posted reads "name=value" lines as a browser would post them.
func posted(lines ...string) func(string) []string {
	values := url.Values{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, "=")
		values.Add(name, value)
	}
	return func(name string) []string { return values[name] }
}

func TestDecodeTexts(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for _, c := range []struct{ field, typed, want string }{
		{"ho_ten", "  Nguyễn   Thị  Lan ", "Nguyễn Thị Lan"},
		{"ho_ten", "Nguye\u0302\u0303n", "Nguyễn"},
		{"ho_ten", "Lan 2", "Lan 2"}, // stays for the check
		{"ghi_chu", "a\u202eb\u200bc\x00d\te\r\nf", "abcd e f"},
		{"ghi_chu", "\xff\xfeok", "ok"},
		{"ly_do", "một\r\nhai\rba\n", "một\nhai\nba"},
		{"so_dinh_danh", "087 084 000 999", "087084000999"},
		{"ma_so_thue", "0100233488001", "0100233488-001"},
		{"dien_thoai", "+84 912 345 678", "0912345678"},
		{"thu", "Lan@Example.VN", "Lan@example.vn"},
		{"dien_tich", "1.234,5", "1234.5"},
		{"dien_tich", "1,234.50", "1234.5"},
		{"dien_tich", "0085,05", "85.05"},
		{"dien_tich", "1.234.5", "1.234.5"},
		{"dien_tich", "mười", "mười"},
		{"dien_tich", "-0", "0"},
		{"von", "150.000.000", "150000000"},
		{"von", "150 000 000", "150000000"},
		{"von", "150,000,000", "150000000"},
		{"von", "99999999999999999999", "99999999999999999999"},
		{"co_nha", "yes", "yes"},
	} {
		step := f.Step(f.Field(c.field).Step())
		a, err := f.DecodeStep(step, posted(c.field+"="+c.typed))
		if err != nil || a[c.field].Text != c.want {
			t.Errorf("%s: %q became %q (%v), want %q", c.field, c.typed, a[c.field].Text, err, c.want)
		}
	}
}

func TestDecodeDates(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for _, c := range []struct{ field, day, month, year, want string }{
		{"ngay_sinh", "5", "11", "1990", "1990-11-05"},
		{"ngay_sinh", "05", "01", "1990", "1990-01-05"},
		{"ngay_sinh", "29", "2", "2000", "2000-02-29"},
		{"ngay_sinh", "29", "2", "1900", "29/2/1900"},
		{"ngay_sinh", "31", "4", "1990", "31/4/1990"},
		{"ngay_sinh", "", "4", "1990", "/4/1990"},
		{"ngay_sinh", "1", "1", "90", "1/1/90"},
		{"ngay_sinh", "1/2", "x", "", "1 2/x/"},
		{"ngay_sinh", "", " ", "", ""},
		{"xay_nam", "", "", "1990", "1990"},
		{"xay_nam", "", "4", "1990", "1990-04"},
		{"xay_nam", "7", "4", "1990", "1990-04-07"},
		{"xay_nam", "7", "", "1990", "7//1990"},
		{"xay_nam", "", "13", "1990", "/13/1990"},
	} {
		a, err := f.DecodeStep(f.Step(f.Field(c.field).Step()),
			posted(c.field+".ngay="+c.day, c.field+".thang="+c.month, c.field+".nam="+c.year))
		got := a[c.field].Text
		if err != nil || got != c.want {
			t.Errorf("%s %s/%s/%s became %q (%v), want %q", c.field, c.day, c.month, c.year, got, err, c.want)
		}
		precise := wholeDate
		if f.Field(c.field).Type == PartialDate {
			precise = partOfDate
		}
		day, month, year := DateBoxes(got)
		if again := joinDate(precise, day, month, year); again != got {
			t.Errorf("%q shown in its boxes and posted again is %q", got, again)
		}
	}
}

func TestDecodeLists(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	a, err := f.DecodeStep(f.Step(2), posted("tien_ich=mang", "tien_ich=dien", "tien_ich=mang", "tien_ich=lạ",
		"tien_ich="))
	if want := []string{"dien", "mang", "lạ"}; err != nil || !reflect.DeepEqual(a["tien_ich"].Many, want) {
		t.Errorf("%q, %v", a["tien_ich"].Many, err)
	}
	a, err = f.DecodeStep(f.Step(1), posted("noi_o.tinh=37", "noi_o.xa=14329", "noi_o.chi_tiet= Số 1 ",
		"noi_o.huyen_cu=thành phố Hoa Lư"))
	want := []map[string]string{{PartProvince: "37", PartCommune: "14329", PartDetail: "Số 1",
		PartOld: "thành phố Hoa Lư"}}
	if err != nil || !reflect.DeepEqual(a["noi_o"].Rows, want) {
		t.Errorf("%v, %v", a["noi_o"], err)
	}
	if v, there := a["que"]; !there || !v.Empty() {
		t.Error("a cleared address is not told")
	}
	if _, there := a["von"]; there {
		t.Error("a field of another step is read")
	}
}

func TestDecodeRows(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	row := func(i, place string) string { return "qua_trinh." + i + ".noi=" + place }
	for _, c := range []struct {
		name   string
		posted []string
		want   string // places, "-" for a blank row
	}{
		{"two rows", []string{row("0", "Hà Nam"), row("1", "Nam Định")}, "Hà Nam|Nam Định"},
		{"blank rows go", []string{row("0", ""), row("1", "Nam Định")}, "Nam Định"},
		{"a gap ends it", []string{row("0", "Hà Nam"), row("2", "Nam Định")}, "Hà Nam"},
		{"add", []string{row("0", "Hà Nam"), "__add=qua_trinh"}, "Hà Nam|-"},
		{"add elsewhere", []string{row("0", "Hà Nam"), "__add=khac"}, "Hà Nam"},
		{"add beyond the most", []string{row("0", "a"), row("1", "b"), row("2", "c"), "__add=qua_trinh"},
			"a|b|c"},
		{"remove", []string{row("0", "Hà Nam"), row("1", "Nam Định"), "__remove=qua_trinh.0"}, "Nam Định"},
		{"remove nothing", []string{row("0", "Hà Nam"), "__remove=qua_trinh.9"}, "Hà Nam"},
	} {
		a, err := f.DecodeStep(f.Step(2), posted(c.posted...))
		var places []string
		for _, r := range a["qua_trinh"].Rows {
			if r["noi"] == "" {
				r["noi"] = "-"
			}
			places = append(places, r["noi"])
		}
		if got := strings.Join(places, "|"); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	a, err := f.DecodeStep(f.Step(2), posted(row("0", "a"), row("1", "b"), row("2", "c"), row("3", "d")))
	if !errors.Is(err, errRowsMany) || len(a["qua_trinh"].Rows) != 3 {
		t.Errorf("a fourth row: %v, %v", err, a["qua_trinh"].Rows)
	}
	if _, err := f.DecodeStep(f.Step(2), posted("ghi_chu="+strings.Repeat("ă", mostText+1))); !errors.Is(err,
		errTextLong) {
		t.Errorf("a huge text: %v", err)
	}
}

// FuzzDecode posts anything: what comes out is clean, and reading it again changes nothing.
func FuzzDecode(f *testing.F) {
	f.Add("Nguyễn Văn A", "31", "2", "2026", "1.000,5", "__add")
	f.Add("\u202e\x00\xff", "1/1", "", "99999", "-0,00", "qua_trinh.0")
	form := loaded(f, "everything.form.json")
	f.Fuzz(func(t *testing.T, text, day, month, year, figure, button string) {
		get := func(name string) []string {
			switch {
			case strings.HasSuffix(name, boxDay):
				return []string{day}
			case strings.HasSuffix(name, boxMonth):
				return []string{month}
			case strings.HasSuffix(name, boxYear):
				return []string{year}
			case name == "von" || name == "dien_tich" || strings.HasSuffix(name, ".tien"):
				return []string{figure}
			case name == ButtonAdd || name == ButtonRemove:
				return []string{button}
			case strings.HasPrefix(name, "qua_trinh.2"):
				return nil
			}
			return []string{text, figure}
		}
		for i := range form.Steps {
			a, err := form.DecodeStep(&form.Steps[i], get)
			if err != nil {
				return
			}
			for id, v := range a {
				field := form.Field(id)
				if v.Text != "" && field.Canonical(v.Text) != v.Text {
					t.Errorf("%s: %q read again is %q", id, v.Text, field.Canonical(v.Text))
				}
			}
			for _, bad := range form.CheckStep(&form.Steps[i], a, today) {
				if errors.Is(bad, errTextUnclean) || errors.Is(bad, errShape) {
					t.Errorf("decoded, and still %v", bad)
				}
			}
		}
	})
}
