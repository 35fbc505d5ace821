package procedure

import (
	"slices"
	"testing"

	"congdvc/services/eform"
)

// TestAskedBeforeAllIsAnswered: what may yet be asked is said to depend, and an answer settles it either way.
func TestAskedBeforeAllIsAnswered(t *testing.T) {
	t.Parallel()
	v := starter(t)["1.001193"]
	for _, c := range []struct {
		answers eform.Answers
		certain []string // of those to submit
		depends []string
	}{
		{nil, nil, []string{"giay_chung_sinh", "van_ban_lam_chung", "giay_cam_doan", "van_ban_mang_thai_ho",
			"bien_ban_bo_roi", "van_ban_uy_quyen"}},
		{answers("nyc.quan_he", "me", "con.loai_khai_sinh", "thuong", "gcs.loai", "giay"),
			[]string{"giay_chung_sinh"}, nil},
		{answers("nyc.quan_he", "nguoi_duoc_uy_quyen", "con.loai_khai_sinh", "bo_roi"),
			[]string{"bien_ban_bo_roi", "van_ban_uy_quyen"}, nil},
	} {
		var certain, depends []string
		choice := Choice{Channel: Online, Answers: c.answers, On: day(t, "2026-11-24")}
		for _, a := range v.Asked(choice) {
			switch {
			case a.Mode != Submit:
			case a.Certain && a.Holds:
				certain = append(certain, a.ID)
			case !a.Certain:
				depends = append(depends, a.ID)
			default:
				t.Errorf("%s certainly does not hold and is told", a.ID)
			}
		}
		if !slices.Equal(certain, c.certain) || !slices.Equal(depends, c.depends) {
			t.Errorf("%v: certain %v, depends %v; want %v, %v", c.answers, certain, depends, c.certain,
				c.depends)
		}
	}
}

// TestQuestionsSettleEverything: for every starter procedure, questions are choices of the form in its order,
// and each condition on one of them is about a field that is among them or asked for as another kind.
func TestQuestionsSettleEverything(t *testing.T) {
	t.Parallel()
	for code, v := range starter(t) {
		questions := v.Questions(v.firstCase())
		if v.Form() == nil {
			if questions != nil {
				t.Errorf("%s has questions without a form", code)
			}
			continue
		}
		last := -1
		for _, q := range questions {
			at := slices.Index(v.Form().Fields(), q)
			if at <= last || q.Type != eform.Choice && q.Type != eform.YesNo {
				t.Errorf("%s asks %s out of order or as %s", code, q.ID, q.Type)
			}
			last = at
		}
		for _, r := range v.Requirements {
			named := map[string]bool{}
			fieldsOf(r.When, named)
			for id := range named {
				f := v.Form().Field(id)
				if (f.Type == eform.Choice || f.Type == eform.YesNo) && !slices.Contains(questions, f) {
					t.Errorf("%s: %s depends on %s, which is not asked", code, r.ID, id)
				}
			}
		}
	}
}

func BenchmarkChoice(b *testing.B) {
	v := starter(b)["1.001193"]
	on := day(b, "2026-11-24")
	a := answers("nyc.quan_he", "me", "con.loai_khai_sinh", "thuong", "gcs.loai", "giay", "ban_sao.so_luong",
		"3")
	b.ReportAllocs()
	for b.Loop() {
		c := v.ChoiceOf("", Online, a, on)
		if _, err := v.Quote(c); err != nil || len(v.Asked(c)) == 0 {
			b.Fatal(err)
		}
	}
}
