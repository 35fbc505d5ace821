package eform

import (
	"maps"
	"testing"
)

func TestReadAddress(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]map[string]string{
		"Số 12 đường Vân Giang, phường Hoa Lư, tỉnh Ninh Bình": {PartDetail: "Số 12 đường Vân Giang", PartCommune: "14329", PartProvince: "37"},
		"Thôn 3, xã Ba Vì, Hà Nội":                             {PartDetail: "Thôn 3", PartCommune: "xã Ba Vì", PartProvince: "01"},
		"phường Hoa Lư, Tỉnh Ninh Bình":                        {PartDetail: "phường Hoa Lư", PartProvince: "37"},
		"Số 5, phố Đông Thành":                                 {PartDetail: "Số 5, phố Đông Thành"},
		"Số 5, huyện Yên Mô, tỉnh Ninh Bình":                   {PartDetail: "Số 5, huyện Yên Mô", PartProvince: "37"},
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

func FuzzReadAddress(f *testing.F) {
	f.Add("Số 12, phường Hoa Lư, tỉnh Ninh Bình")
	f.Fuzz(func(t *testing.T, line string) {
		v := ReadAddress(line)
		if len(v.Rows) > 1 {
			t.Errorf("%q has %d rows", line, len(v.Rows))
		}
	})
}
