package procedure

import (
	"slices"
	"testing"

	"congdvc/i18n"
	"congdvc/services/agency"
)

func TestBodiesOfRecords(t *testing.T) {
	t.Parallel()
	of := func(code string, kind agency.Kind, name string) agency.Agency {
		return agency.Agency{Code: code, Kind: kind, Name: i18n.Text{Vi: name}}
	}
	keys := keysOf([]agency.Agency{
		of("H42", agency.Province, "UBND tỉnh Ninh Bình"),
		of("H42.STC", agency.Department, "Sở Tài chính tỉnh Ninh Bình"),
		of("H42.CAT", agency.Department, "Công an tỉnh Ninh Bình"),
		of("H42.SVHTTDL", agency.Department, "Sở Văn hóa, Thể thao và Du lịch"),
		of("H42.A", agency.Department, "Trung tâm hành chính"),
		of("H42.B", agency.Department, "Trung tâm hành chính tỉnh Ninh Bình"),
	})
	provincial, both := []string{"Cấp tỉnh"}, []string{"Cấp tỉnh", "Cấp xã"}
	for _, c := range []struct {
		executing, competent string
		levels               []string
		want                 []string
	}{
		{"Sở Tài chính các tỉnh, thành phố", "", both, []string{"H42.STC"}},
		{"Sở Tài chính", "Chủ tịch ủy ban nhân dân cấp tỉnh", both, []string{"H42", "H42.STC"}},
		{"Uỷ ban nhân dân tỉnh và thành phố trực thuộc Trung ương", "", both, []string{"H42"}},
		{"Cục Cảnh sát giao thông, Công an tỉnh, Công an cấp Xã", "", both, []string{"H42.CAT"}},
		{"Công an cấp Tỉnh", "Công an cấp Tỉnh, Cục Quản lý xuất nhập cảnh", provincial, []string{"H42.CAT"}},
		{"Công an", "", provincial, []string{"H42.CAT"}},
		{"Công an", "", both, nil},
		{"Công an cấp Xã", "Công an huyện", both, nil},
		{"Bộ Xây dựng, Sở Văn hóa, Thể thao và Du lịch, Sở Du lịch", "", both, []string{"H42.SVHTTDL"}},
		{"Công an tỉnh Ninh Bình", "", both, []string{"H42.CAT"}},
		{"Sở Tài chính tỉnh Hà Nam", "Cơ quan do Ủy ban nhân dân cấp tỉnh chỉ định", both, nil},
		{"Cục Công nghệ thông tin và chuyển đổi số - Bộ Tài chính", "Ủy ban Nhân dân xã, phường, thị trấn.",
			provincial, nil},
		{"Trung tâm hành chính", "", provincial, nil}, // which two agencies may be
		{"", "", provincial, nil},
	} {
		d := Definition{Source: &Origin{Executing: c.executing, Competent: c.competent, Levels: c.levels}}
		var got []string
		for _, k := range keys {
			if slices.Contains(d.agencyKeys(), k.key) && !slices.Contains(got, k.code) {
				got = append(got, k.code)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q, %q of %v is of %v, want %v; keys %q", c.executing, c.competent, c.levels, got,
				c.want, d.agencyKeys())
		}
	}
}
