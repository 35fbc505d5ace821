package eform_test

import (
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// TestAbsurdDates holds that the starter forms refuse dates that cannot be, and ask about those that hardly
// are.
func TestAbsurdDates(t *testing.T) {
	t.Parallel()
	forms, err := eformtest.Starter("../..")
	if err != nil {
		t.Fatal(err)
	}
	on := workday.Date{Year: 2026, Month: 11, Day: 5}
	for _, c := range []struct {
		name, form, at, says string
		warned               bool
		answers              map[string]string
	}{
		{"death before birth", "1.000656", "nkt.ngay_chet", "trước ngày sinh", false,
			map[string]string{"nkt.ngay_sinh": "2026-11", "nkt.ngay_chet": "2026-10-31"}},
		{"in the month of birth", "1.000656", "nkt.ngay_chet", "", false,
			map[string]string{"nkt.ngay_sinh": "2026-11", "nkt.ngay_chet": "2026-11-02"}},
		{"birth in the future", "1.000656", "nkt.ngay_sinh", "tương lai", false,
			map[string]string{"nkt.ngay_sinh": "2027"}},
		{"a life of 121 years", "1.000656", "nkt.ngay_chet", "120 tuổi", true,
			map[string]string{"nkt.ngay_sinh": "1905", "nkt.ngay_chet": "2026-10-31"}},
		{"a life of 99 years", "1.000656", "nkt.ngay_chet", "", true,
			map[string]string{"nkt.ngay_sinh": "1927", "nkt.ngay_chet": "2026-10-31"}},
		{"notice before death", "1.000656", "gbt.ngay", "trước ngày mất", false,
			map[string]string{"nkt.ngay_chet": "2026-10-31", "gbt.ngay": "2026-10-30", "gbt.loai": "*"}},
		{"burial aid: death before birth", "1.001731", "nkt.ngay_chet", "trước ngày sinh", false,
			map[string]string{"nkt.ngay_sinh": "2026", "nkt.ngay_chet": "2025-12-31"}},
		{"mother who asks, younger than the child", "1.001193", "con.ngay_sinh",
			"trước ngày sinh của cha, mẹ", false, map[string]string{"nyc.quan_he": "me",
				"nyc.ngay_sinh": "2026-05-17", "con.ngay_sinh": "2026-01-01"}},
		{"relative who is younger than the child", "1.001193", "con.ngay_sinh", "", false,
			map[string]string{"nyc.quan_he": "than_thich", "nyc.ngay_sinh": "1990-05-17",
				"con.ngay_sinh": "1980-01-01"}},
		{"mother of eleven years who asks", "1.001193", "con.ngay_sinh", "12 tuổi", true,
			map[string]string{"nyc.quan_he": "me", "nyc.ngay_sinh": "2015-05-17",
				"con.ngay_sinh": "2026-11-01"}},
		{"mother younger than the child", "1.001193", "me.ngay_sinh", "phải trước", false,
			map[string]string{"con.loai_khai_sinh": "thuong", "nyc.quan_he": "cha", "me.khai": "yes",
				"me.ngay_sinh": "2027", "con.ngay_sinh": "2026-11-01"}},
		{"marriage before the birth of who asks", "1.001193", "cha_me.ngay_ket_hon",
			"trước ngày sinh của bạn", false, map[string]string{"con.loai_khai_sinh": "thuong",
				"nyc.quan_he": "me", "nyc.ngay_sinh": "1990-05-17", "cha.khai": "yes",
				"cha_me.dang_ky_ket_hon": "yes", "cha_me.ngay_ket_hon": "1989"}},
		{"marriage before the birth of the father", "1.001193", "cha_me.ngay_ket_hon",
			"trước ngày sinh của cha", false, map[string]string{"con.loai_khai_sinh": "thuong",
				"nyc.quan_he": "me", "nyc.ngay_sinh": "1980-05-17", "cha.khai": "yes",
				"cha.ngay_sinh": "1990", "cha_me.dang_ky_ket_hon": "yes", "cha_me.ngay_ket_hon": "1989"}},
		{"record before one's own birth", "1.004859", "gt.ngay", "trước ngày sinh của bạn", false,
			map[string]string{"nyc.quan_he": "ban_than", "nyc.ngay_sinh": "1990-05-17", "gt.ngay": "1989"}},
		{"record before the birth of another", "1.004859", "gt.ngay", "trước ngày sinh của người ấy", false,
			map[string]string{"nyc.quan_he": "con", "ng.ngay_sinh": "1990", "gt.ngay": "1989"}},
		{"residence before birth", "1.004873", "xn.tu_nam", "trước ngày sinh của bạn", false,
			map[string]string{"nyc.quan_he": "ban_than", "nyc.ngay_sinh": "1990-05-17", "xn.tu_nam": "1989"}},
		{"divorce before birth", "1.004873", "tt.ban_an_ngay", "trước ngày sinh của bạn", false,
			map[string]string{"nyc.quan_he": "ban_than", "nyc.ngay_sinh": "1990-05-17",
				"tt.hien_tai": "ly_hon", "tt.ban_an_ngay": "1989-01-01"}},
		{"copy of a record from before birth", "2.000635", "sk.ngay", "trước ngày sinh của bạn", false,
			map[string]string{"nyc.loai": "ca_nhan", "nyc.quan_he": "ban_than", "nyc.ngay_sinh": "1990-05-17",
				"sk.ngay": "1989"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := forms[slices.IndexFunc(forms, func(f *eform.Form) bool { return f.ID == c.form })]
			answers := eform.Answers{}
			for id, text := range c.answers {
				if text == "*" {
					text = f.Field(id).Entries()[0].Value
				}
				answers[id] = eform.Value{Text: text}
			}
			faults := f.Check(answers, on)
			if c.warned {
				faults = nil
				for _, w := range f.Warnings(answers, on) {
					faults.Add(w.Fault)
				}
			}
			var said []string
			for _, bad := range faults {
				if id, _ := f.FieldOf(bad.Field); id == c.at && bad.Key == eform.ErrRule.Key {
					said = append(said, message(bad))
				}
			}
			if got := strings.Join(said, "; "); c.says == "" && got != "" || !strings.Contains(got, c.says) {
				t.Errorf("of %s: %q, want %q", c.at, got, c.says)
			}
			if !f.Shown(answers)[c.at] {
				t.Errorf("%s is not asked", c.at)
			}
		})
	}
}

func message(f *fault.Fault) string { return i18n.Fault(i18n.Vi, f) }
