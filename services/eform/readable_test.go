package eform

import (
	"strings"
	"testing"

	"congdvc/i18n"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	a := f.Compute(whole(), today)
	a["noi_o"] = Value{Rows: []map[string]string{{PartProvince: "37", PartCommune: "14329",
		PartCommuneName: "Phường Hoa Lư", PartDetail: "Số 1", PartOld: "thành phố Hoa Lư"}}}
	a["que"] = Value{Rows: []map[string]string{{PartProvince: "01", PartCommune: "xã Thư Lâm"}}}
	want := map[i18n.Lang]map[string]string{
		i18n.Vi: {
			"ho_ten": "Nguyễn Thị Lan", "gioi_tinh": "Nữ", "ngay_sinh": "05/04/1990", "tuoi": "36",
			"ma_so_thue": "", "noi_o": "Số 1, Phường Hoa Lư, Ninh Bình (trước đây thuộc thành phố Hoa Lư)",
			"que": "xã Thư Lâm, Hà Nội", "co_nha": "Có", "dien_tich": "120,5\u00a0m²", "xay_nam": "2001",
			"tien_ich": "Điện\nNước", "von": "150.000.000\u00a0đ",
		},
		i18n.En: {
			"gioi_tinh": "Female", "ngay_sinh": "5 April 1990", "co_nha": "Yes", "dien_tich": "120.5\u00a0m²",
			"tien_ich": "Electricity\nWater", "von": "VND\u00a0150,000,000",
			"noi_o": "Số 1, Hoa Lư Ward, Ninh Binh (formerly in thành phố Hoa Lư)",
		},
	}
	for l, texts := range want {
		rows := map[string]Row{}
		for _, row := range f.Present(a, l) {
			rows[row.Field] = row
		}
		for id, text := range texts {
			if row, there := rows[id]; !there || row.Text != text || row.Label != f.Field(id).Label.In(l) {
				t.Errorf("%s %s: %q, want %q", l, id, row.Text, text)
			}
		}
		if _, there := rows["loi_dan"]; there {
			t.Error("an info field has a row")
		}
	}
}

func TestPresentTable(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for _, row := range f.Present(whole(), i18n.Vi) {
		if row.Field != "qua_trinh" {
			continue
		}
		if row.Table == nil || row.Step != 2 || row.Section != "Quá trình cư trú" {
			t.Fatalf("%+v", row)
		}
		if got := strings.Join(row.Table.Head, "|"); got != "Từ|Đến|Nơi ở|Tiền thuê" {
			t.Error(got)
		}
		if got := strings.Join(row.Table.Rows[1], "|"); got != "05/2010||Nam Định|500.000\u00a0đ" {
			t.Error(got)
		}
		return
	}
	t.Error("the table is not there")
}

func TestPresentOrderAndHidden(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	var ids []string
	for _, row := range f.Present(Answers{"co_nha": {Text: "no"}, "dien_tich": {Text: "5"},
		"ngay_sinh": {Text: "31/2/1990"}}, i18n.Vi) {
		ids = append(ids, row.Field)
		if row.Field == "ngay_sinh" && row.Text != "31/2/1990" {
			t.Errorf("a malformed date is shown as %q", row.Text)
		}
	}
	const want = "ho_ten gioi_tinh ngay_sinh so_dinh_danh ma_so_thue dien_thoai thu noi_o que co_nha " +
		"tien_ich von ly_do ghi_chu qua_trinh"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
