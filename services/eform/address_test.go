package eform

import (
	"maps"
	"slices"
	"testing"

	"congdvc/i18n"
)

func TestReadAddress(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]map[string]string{
		"Số 12 đường Vân Giang, phường Hoa Lư, tỉnh Ninh Bình": {PartDetail: "Số 12 đường Vân Giang",
			PartCommune: "phường Hoa Lư", PartProvince: "37"},
		"Thôn 3, xã Ba Vì, Hà Nội": {PartDetail: "Thôn 3", PartCommune: "xã Ba Vì",
			PartProvince: "01"},
		"phường Hoa Lư, Tỉnh Ninh Bình":      {PartDetail: "phường Hoa Lư", PartProvince: "37"},
		"Số 5, phố Đông Thành":               {PartDetail: "Số 5, phố Đông Thành"},
		"Số 5, huyện Yên Mô, tỉnh Ninh Bình": {PartDetail: "Số 5, huyện Yên Mô", PartProvince: "37"},
		"Ninh Bình": {PartDetail: "Ninh Bình"},
		" , ,":      nil,
		"":          nil,
	} {
		var got map[string]string
		if v := ReadAddress(line); len(v.Rows) > 0 {
			got = v.Rows[0]
		}
		if !maps.Equal(got, want) {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestAProvinceBehindACommune(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Hoa Lư - Ninh Bình": "14329", "Hoa Lư – tỉnh Ninh Bình.": "14329", "Hoa Lư (Ninh Bình)": "14329",
		"Hoa Lư, T. Ninh Bình": "14329", "Hoa Lư": "14329", "Hoa Lư - Hà Nội": "Hoa Lư - Hà Nội",
		"Hoa Lư -": "Hoa Lư -", "- Ninh Bình": "- Ninh Bình",
	} {
		address := Value{Rows: []map[string]string{{PartProvince: "37", PartCommune: typed}}}
		got := WithCommune(address, func(province, typed string) (Commune, bool) {
			return Commune{Code: "14329", Name: "Phường Hoa Lư"}, province == "37" && typed == "Hoa Lư"
		})
		if code := got.Rows[0][PartCommune]; code != want {
			t.Errorf("%q is %q, not %q", typed, code, want)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	find := func(province, typed string) (Commune, bool) {
		return Commune{Code: "14329", Name: "Phường Hoa Lư"}, province == "37" && typed == "hoa lu"
	}
	address := func(parts ...string) Answers {
		row := map[string]string{}
		for i := 0; i < len(parts); i += 2 {
			row[parts[i]] = parts[i+1]
		}
		return Answers{"noi_o": {Rows: []map[string]string{row}}}
	}
	for _, c := range []struct {
		typed, want Answers
		vi, en      string
	}{
		{address(PartProvince, "37", PartCommune, "hoa lu"), address(PartProvince, "37", PartCommune, "14329",
			PartCommuneName, "Phường Hoa Lư"), "Phường Hoa Lư", "Hoa Lư Ward"},
		{address(PartProvince, "01", PartCommune, "hoa lu"), address(PartProvince, "01", PartCommune,
			"hoa lu"), "hoa lu", "hoa lu"},
		{address(PartProvince, "37", PartCommune, "Xa Lạ", PartCommuneName, "Phường Hoa Lư"),
			address(PartProvince, "37", PartCommune, "Xa Lạ"), "Xa Lạ", "Xa Lạ"},
		{address(PartProvince, "37"), address(PartProvince, "37"), "", ""},
		{Answers{}, Answers{}, "", ""},
	} {
		got := f.WithCommunes(c.typed, find)
		if !got["noi_o"].Equal(c.want["noi_o"]) {
			t.Errorf("%v becomes %v, want %v", c.typed, got, c.want)
		}
		if vi, en := CommuneOf(got["noi_o"], i18n.Vi), CommuneOf(got["noi_o"], i18n.En); vi != c.vi ||
			en != c.en {
			t.Errorf("%v reads %q and %q", got, vi, en)
		}
	}
	if got := f.Provinces(address(PartProvince, "37")); !slices.Equal(got, []string{"37"}) {
		t.Errorf("the addresses lie in %v", got)
	}
}

func FuzzReadAddress(f *testing.F) {
	f.Add("Số 12, phường Hoa Lư, tỉnh Ninh Bình")
	f.Fuzz(func(t *testing.T, line string) {
		v := ReadAddress(line)
		if len(v.Rows) > 1 {
			t.Errorf("%q has %d rows", line, len(v.Rows))
		}
	})
}
