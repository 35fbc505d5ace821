package procedure

import (
	"slices"
	"testing"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// TestUnsetIsNeitherFreeNorCharged: an amount that another sets is in the third list and adds nothing, until
// an exemption takes all of it.
func TestUnsetIsNeitherFreeNorCharged(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	codes := func(lines []FeeLine) (codes []string) {
		for _, l := range lines {
			codes = append(codes, l.Code)
		}
		return codes
	}
	on := []string{"nkt.ngay_chet", "2026-11-10", "nkt.so_ngay", "15"}
	late := []string{"nkt.ngay_chet", "2026-11-09", "nkt.so_ngay", "16"}
	for _, c := range []struct {
		code                string
		answers             []string
		lines, free, unset  []string
		exemption, evidence string
	}{
		{death, nil, nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		{death, late, nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		{death, on, nil, []string{"le_phi_khai_tu"}, nil, "dung_han", ""},
		{death, append(late, "mien.dien", "ho_ngheo", "ban_sao.so_luong", "2"), []string{"phi_ban_sao"},
			[]string{"le_phi_khai_tu"}, nil, "ho_ngheo", "chung_minh_mien"},
		{death, append(late, "mien.dien", "khong"), nil, nil, []string{"le_phi_khai_tu"}, "", ""},
		// no proof for what is free anyway
		{death, append(on, "mien.dien", "ho_ngheo"), nil, []string{"le_phi_khai_tu"}, nil, "dung_han", ""},
		{single, nil, nil, nil, []string{"le_phi_xac_nhan"}, "", ""},
		{single, []string{"mien.dien", "khuyet_tat"}, nil, []string{"le_phi_xac_nhan"}, nil, "khuyet_tat",
			"chung_minh_mien"},
		{correction, []string{"ban_sao.so_luong", "1"}, []string{"phi_ban_sao"}, nil,
			[]string{"le_phi_cai_chinh"}, "", ""},
		{correction, []string{"mien.dien", "nguoi_co_cong"}, nil, []string{"le_phi_cai_chinh"}, nil,
			"nguoi_co_cong", "chung_minh_mien"},
		{"1.001193", nil, nil, []string{"le_phi_khai_sinh"}, nil, "", ""},
		{building, nil, nil, nil, nil, "", ""},
	} {
		v := versions[c.code]
		in := v.ChoiceOf(v.firstCase(), Online, answers(c.answers...), day(t, "2026-11-25"))
		q, err := v.Quote(in)
		if err != nil || !slices.Equal(codes(q.Lines), c.lines) || !slices.Equal(codes(q.Free), c.free) ||
			!slices.Equal(codes(q.Unset), c.unset) || in.Exemption != c.exemption {
			t.Errorf("%s %v: charged %v, free %v, unset %v under %q, %v", c.code, c.answers, codes(q.Lines),
				codes(q.Free), codes(q.Unset), in.Exemption, err)
		}
		if len(c.lines) == 0 && (q.Total != 0 || q.Due != dueNever) {
			t.Errorf("%s %v charges %d, %s", c.code, c.answers, q.Total, q.Due)
		}
		for _, l := range q.Unset {
			if l.SetBy != SetByCouncil || l.Amount != 0 || l.Full != 0 {
				t.Errorf("%s: %+v", c.code, l)
			}
		}
		asked := slices.ContainsFunc(v.Required(in), func(r Requirement) bool {
			return r.ID == "chung_minh_mien"
		})
		if asked != (c.evidence != "") {
			t.Errorf("%s %v: the proof is asked: %v", c.code, c.answers, asked)
		}
	}
}

// TestPartlyExemptFromTheUnknown: less of an amount that is not known is not known either; a counted one of
// which nothing is asked for is in no list.
func TestPartlyExemptFromTheUnknown(t *testing.T) {
	t.Parallel()
	v := &Version{Definition: Definition{Fees: []FeeRule{{Code: "a", Unit: unitPer, Quantity: "q",
		SetBy: SetByCouncil}}, Quantities: []Quantity{{ID: "q", Max: 9}},
		Exemptions: []Exemption{{ID: "half", Percent: 50}, {ID: "fixed", Amount: new(dong.Amount(5))},
			{ID: "nothing", Amount: new(dong.Amount(0))}, {ID: "other", Percent: 100, Fees: []string{"b"}}}}}
	for exemption, want := range map[string][3]int{"": {0, 0, 1}, "half": {0, 0, 1}, "fixed": {0, 0, 1},
		"nothing": {0, 1, 0}, "other": {0, 0, 1}} {
		q, err := v.Quote(Choice{Exemption: exemption, Quantities: map[string]int64{"q": 2},
			On: workday.Date{Year: 2026, Month: 1, Day: 1}})
		if got := [3]int{len(q.Lines), len(q.Free), len(q.Unset)}; err != nil || got != want || q.Total != 0 {
			t.Errorf("%q: %v, %v; want %v", exemption, got, err, want)
		}
	}
	q, err := v.Quote(Choice{Quantities: map[string]int64{"q": 0}, On: workday.Date{Year: 2026, Month: 1,
		Day: 1}})
	if err != nil || len(q.Lines)+len(q.Free)+len(q.Unset) > 0 {
		t.Errorf("none of them: %+v, %v", q, err)
	}
}

// TestExemptions: who may claim what, where and when, and the proof that comes with it.
func TestExemptions(t *testing.T) {
	t.Parallel()
	v := starter(t)["3.000333"]
	asked := func(exemption string) bool {
		return slices.ContainsFunc(v.Asked(Choice{Case: "so_1", Channel: Counter, Exemption: exemption,
			On: day(t, "2026-11-24")}), func(a Asked) bool {
			return a.ID == "mien_giam"
		})
	}
	if asked("") || asked("khac") || !asked("giam") || !asked("mien") {
		t.Error("the proof is asked of others than who claims an exemption")
	}
	end := day(t, "2027-01-01")
	x := Exemption{ID: "x", Percent: 50, Cases: []string{"so_1"}, Channels: []string{Counter},
		From: day(t, "2026-01-01"), To: &end}
	v = &Version{Definition: Definition{Exemptions: []Exemption{x}}}
	for _, c := range []struct {
		caseID, channel, on string
		want                int
	}{{"so_1", Counter, "2026-01-01", 1}, {"so_1", Counter, "2026-12-31", 1},
		{"so_1", Counter, "2027-01-01", 0}, {"so_1", Counter, "2025-12-31", 0},
		{"so_2", Counter, "2026-01-01", 0}, {"so_1", Online, "2026-01-01", 0}} {
		if got := v.ExemptionsFor(c.caseID, c.channel, day(t, c.on)); len(got) != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
}
