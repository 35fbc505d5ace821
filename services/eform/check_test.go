package eform

import (
	"maps"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/workday"
)

var today = workday.Date{Year: 2026, Month: time.November, Day: 23}

// whole is a full and right set of answers to everything.form.json.
func whole() Answers {
	return Answers{
		"ho_ten": {Text: "Nguyễn Thị Lan"}, "gioi_tinh": {Text: "nu"}, "ngay_sinh": {Text: "1990-04-05"},
		"so_dinh_danh": {Text: "037190000123"}, "dien_thoai": {Text: "0912345678"},
		"noi_o": {Rows: []map[string]string{{PartProvince: "37", PartCommune: "14329",
			PartDetail: "Số 1 phố Lê Đại Hành"}}}, "co_nha": {Text: "yes"}, "dien_tich": {Text: "120.5"},
		"xay_nam": {Text: "2001"}, "tien_ich": {Many: []string{"dien", "nuoc"}}, "von": {Text: "150000000"},
		"ly_do": {Text: "Chuyển\nnơi ở"},
		"qua_trinh": {Rows: []map[string]string{{"tu": "1990", "den": "2010-05", "noi": "Hà Nam"},
			{"tu": "2010-05", "noi": "Nam Định", "tien": "500000"}}},
	}
}

// with returns the answers with some of them changed.
func with(a Answers, changes Answers) Answers {
	a = maps.Clone(a)
	maps.Copy(a, changes)
	return a
}

func TestCheckTakesWhatIsRight(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	if faults := f.Check(whole(), today); faults != nil {
		t.Error(faults)
	}
	if warnings := f.Warnings(whole(), today); warnings != nil {
		t.Error(warnings)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	text := func(id, text string) Answers { return Answers{id: {Text: text}} }
	row := func(cells ...string) map[string]string {
		r := map[string]string{}
		for i := 0; i < len(cells); i += 2 {
			r[cells[i]] = cells[i+1]
		}
		return r
	}
	for _, c := range []struct {
		change Answers
		input  string
		vi, en string
	}{
		{text("ho_ten", ""), "ho_ten", "Hãy nhập họ và tên", "Enter full name"},
		{text("gioi_tinh", ""), "gioi_tinh", "Hãy chọn giới tính", "Choose sex"},
		{text("gioi_tinh", "male"), "gioi_tinh", "Hãy chọn giới tính trong danh sách",
			"Choose sex from the list"},
		{text("ngay_sinh", ""), "ngay_sinh.ngay", "Hãy nhập ngày sinh", "Enter date of birth"},
		{text("ngay_sinh", "5//1990"), "ngay_sinh.thang", "Ngày sinh còn thiếu tháng. Hãy nhập thêm cho đủ",
			"Date of birth needs a month too"},
		{text("ngay_sinh", "//1990"), "ngay_sinh.ngay",
			"Ngày sinh còn thiếu ngày và tháng. Hãy nhập thêm cho đủ",
			"Date of birth needs a day and a month too"},
		{text("ngay_sinh", "32/1/1990"), "ngay_sinh.ngay",
			"Ngày phải là số từ 1 đến 31. Hãy sửa lại ngày sinh",
			"The day must be a number from 1 to 31. Please correct date of birth"},
		{text("ngay_sinh", "1/13/1990"), "ngay_sinh.thang",
			"Tháng phải là số từ 1 đến 12. Hãy sửa lại ngày sinh",
			"The month must be a number from 1 to 12. Please correct date of birth"},
		{text("ngay_sinh", "1/1/90"), "ngay_sinh.nam",
			"Năm phải ghi đủ bốn chữ số, ví dụ 1990. Hãy sửa lại ngày sinh",
			"The year needs four digits, such as 1990. Please correct date of birth"},
		{text("ngay_sinh", "30/2/1990"), "ngay_sinh.ngay",
			"Ngày này không có trong lịch. Hãy sửa lại ngày sinh",
			"There is no such day in the calendar. Please correct date of birth"},
		{text("ngay_sinh", "2026-11-24"), "ngay_sinh.ngay", "Ngày sinh phải là hôm nay hoặc ngày đã qua",
			"Date of birth must be today or in the past"},
		{text("ngay_sinh", "2008-11-24"), "ngay_sinh.ngay", "Người khai phải đủ 18 tuổi",
			"The person must be 18"},
		{text("so_dinh_danh", "12345"), "so_dinh_danh",
			"Số định danh cá nhân gồm đúng 12 chữ số, ví dụ 087084000999.", ""},
		{text("ma_so_thue", "0100233489"), "ma_so_thue", "", ""},
		{text("dien_thoai", "1234"), "dien_thoai", "", ""},
		{text("thu", "a@"), "thu", "", ""},
		{Answers{"noi_o": {}}, "noi_o.tinh", "Hãy nhập nơi ở", "Enter place of living"},
		{Answers{"noi_o": {Rows: []map[string]string{row(PartCommune, "x", PartDetail, "y")}}}, "noi_o.tinh",
			"Hãy chọn tỉnh, thành phố của nơi ở", "Choose the province or city of place of living"},
		{Answers{"noi_o": {Rows: []map[string]string{row(PartProvince, "37", PartDetail, "y")}}}, "noi_o.xa",
			"Hãy nhập xã, phường, đặc khu của nơi ở", "Enter the commune or ward of place of living"},
		{Answers{"noi_o": {Rows: []map[string]string{row(PartProvince, "37", PartCommune, "x")}}},
			"noi_o.chi_tiet", "", ""},
		{Answers{"noi_o": {Rows: []map[string]string{row("street", "37")}}}, "noi_o.tinh",
			"Chưa đọc được nơi ở. Hãy nhập lại", ""},
		{text("dien_tich", "rộng"), "dien_tich", "Diện tích phải là một số, ví dụ 1.500 hoặc 85,5",
			"Area must be a number, such as 1,500 or 85.5"},
		{text("dien_tich", "1000.5"), "dien_tich", "Diện tích không được quá 1.000\u00a0m²",
			"Area must be 1,000\u00a0m² or less"},
		{text("dien_tich", "0.25"), "dien_tich", "Diện tích phải từ 0,5\u00a0m² trở lên",
			"Area must be 0.5\u00a0m² or more"},
		{text("von", "12.5"), "von", "Vốn phải là số tiền tính bằng đồng, ví dụ 150.000", ""},
		{text("von", "999"), "von", "Vốn phải từ 1.000\u00a0đ trở lên",
			"Capital must be VND\u00a01,000 or more"},
		{Answers{"von": {Many: []string{"1"}}}, "von", "Chưa đọc được vốn. Hãy nhập lại", ""},
		{text("ly_do", strings.Repeat("ữ", 21)), "ly_do", "Lý do dài quá 20 ký tự. Hãy viết ngắn lại",
			"Reason is longer than 20 characters. Please shorten it"},
		{text("ghi_chu", "a\u200bb"), "ghi_chu", "Ghi chú có ký tự không đọc được. Hãy gõ lại bằng bàn phím",
			""},
		{Answers{"tien_ich": {Many: []string{"dien", "nuoc", "mang"}}}, "tien_ich",
			"Tiện ích: chỉ chọn nhiều nhất 2 mục", "Comforts: choose at most 2 items"},
		{Answers{"tien_ich": {Many: []string{"dien", "dien"}}}, "tien_ich",
			"Hãy chọn tiện ích trong danh sách", ""},
		{Answers{"qua_trinh": {}}, "qua_trinh", "Quá trình cư trú: hãy khai ít nhất 1 dòng",
			"Places of residence: at least 1 row is needed"},
		{Answers{"qua_trinh": {Rows: []map[string]string{row("tu", "1990", "noi", "a"), {},
			row("tu", "1990")}}}, "qua_trinh.2.noi", "Hãy nhập nơi ở (dòng 3)", "Enter place (row 3)"},
		{Answers{"qua_trinh": {Rows: []map[string]string{row("noi", "a")}}}, "qua_trinh.0.tu.ngay",
			"Hãy nhập từ (dòng 1)", ""},
		{Answers{"qua_trinh": {Rows: []map[string]string{row("tu", "1990", "den", "1989", "noi", "a")}}},
			"qua_trinh.0.den.ngay", "Thời điểm đến phải sau thời điểm từ", "The end must be after the start"},
		{Answers{"qua_trinh": {Rows: []map[string]string{row("tu", "1", "noi", "a")}}}, "qua_trinh.0.tu.nam",
			"Năm phải ghi đủ bốn chữ số, ví dụ 1990. Hãy sửa lại từ (dòng 1)", ""},
	} {
		faults := f.Check(with(whole(), c.change), today)
		if len(faults) != 1 {
			t.Errorf("%v: %d faults: %v", c.change, len(faults), faults)
			continue
		}
		got, vi, en := faults[0], i18n.Fault(i18n.Vi, faults[0]), i18n.Fault(i18n.En, faults[0])
		if got.Field != c.input || c.vi != "" && vi != c.vi || c.en != "" && en != c.en {
			t.Errorf("%v:\n at %s: %s / %s\nwant %s: %s / %s", c.change, got.Field, vi, en, c.input, c.vi,
				c.en)
		}
		if strings.ContainsAny(vi+en, "⟦<") {
			t.Errorf("%v: a gap in %q or %q", c.change, vi, en)
		}
		if id, ok := f.FieldOf(got.Field); !ok || c.change[id].Text != "" && f.Field(id) == nil {
			t.Errorf("the input %s belongs to no field", got.Field)
		}
	}
}

func TestCheckHidden(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	// Without a house neither its area nor, in turn, the year that hangs on the area is asked, whatever they
	// hold.
	a := with(whole(), Answers{"co_nha": {Text: "no"}, "dien_tich": {Text: "rộng"}, "xay_nam": {Text: "x"}})
	if faults := f.Check(a, today); faults != nil {
		t.Error(faults)
	}
	a = with(whole(), Answers{"dien_tich": {Text: "50"}, "xay_nam": {Text: "x"}})
	if faults := f.Check(a, today); faults != nil {
		t.Error(faults)
	}
}

func TestCheckStep(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	first, second := f.CheckStep(f.Step(1), nil, today), f.CheckStep(f.Step(2), nil, today)
	if all := f.Check(nil, today); len(first) == 0 || len(second) == 0 || len(first)+len(second) != len(all) {
		t.Errorf("%d and %d of %d faults", len(first), len(second), len(all))
	}
	if first[0].Field != "ho_ten" || second[0].Field != "co_nha" {
		t.Errorf("they begin with %s and %s", first[0].Field, second[0].Field)
	}
}

// TestRequiredOnly: on no answers the only fault of a field is that it is missing, and optional fields have
// none.
func TestRequiredOnly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"birth.form.json", "everything.form.json"} {
		f := loaded(t, name)
		for _, bad := range f.Check(nil, today) {
			id, _ := f.FieldOf(bad.Field)
			if f.Field(id).Optional {
				t.Errorf("%s: optional, and %v", name, bad)
			}
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for _, c := range []struct {
		change Answers
		input  string
		vi     string
	}{
		{Answers{"gioi_tinh": {Text: "nam"}}, "so_dinh_danh",
			"Giới tính đã khai khác với giới tính trong số định danh. Hãy kiểm tra lại cả hai"},
		{Answers{"ngay_sinh": {Text: "1991-04-05"}}, "so_dinh_danh",
			"Số định danh này là của người sinh năm 1990, khác với năm sinh đã khai. Hãy kiểm tra lại " +
				"cả hai"},
		{Answers{"xay_nam": {Text: "1989"}}, "xay_nam.ngay",
			"Nhà xây trước khi bạn sinh ra, xin kiểm tra lại"},
		{Answers{"xay_nam": {Text: "1990"}}, "", ""}, // perhaps after the birthday
		{Answers{"xay_nam": {Text: "1989"}, "co_nha": {Text: "no"}}, "", ""},
		{Answers{"ngay_sinh": {Text: "1/13/1991"}}, "", ""}, // a fault, not a warning
	} {
		warnings := f.Warnings(with(whole(), c.change), today)
		if c.input == "" && len(warnings) == 0 {
			continue
		}
		if len(warnings) != 1 || warnings[0].Field != c.input ||
			i18n.Fault(i18n.Vi, warnings[0].Fault) != c.vi {
			t.Errorf("%v: %v", c.change, warnings)
		}
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	a := with(whole(), Answers{"co_nha": {Text: "no"}, "la": {Text: "x"}, "loi_dan": {Text: "x"},
		"ghi_chu": {}})
	kept, dropped := f.Prune(a)
	if got := strings.Join(dropped, " "); got != "dien_tich la loi_dan xay_nam" {
		t.Errorf("dropped %s", got)
	}
	if len(kept)+len(dropped)+1 != len(a) {
		t.Errorf("kept %v", kept)
	}
	if again, more := f.Prune(kept); len(more) != 0 || len(again) != len(kept) {
		t.Errorf("pruned again it drops %v", more)
	}
}

func TestVisibleSteps(t *testing.T) {
	t.Parallel()
	raw := strings.Replace(string(definition(t, "birth.form.json")), `"id": "co_cha",`,
		`"id": "co_cha", "when": {"field": "con.dan_toc", "op": "filled"},`, 1)
	f, err := Load([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.VisibleSteps(nil); len(got) != 1 || got[0] != 1 {
		t.Errorf("without answers: %v", got)
	}
	if got := f.VisibleSteps(Answers{"con.dan_toc": {Text: "01"}}); len(got) != 2 {
		t.Errorf("with an answer: %v", got)
	}
	if shown := f.Shown(Answers{"cha.khai": {Text: "yes"}}); shown["cha.ho_ten"] || !shown["con.ho_ten"] {
		t.Error("a hidden field opens a section")
	}
}
