package procedure

import (
	"testing"

	"congdvc/services/eform"
)

// given makes answers out of texts and the values that are not texts.
func given(texts map[string]string, rest eform.Answers) eform.Answers {
	a := eform.Answers{}
	for id, text := range texts {
		a[id] = eform.Value{Text: text}
	}
	for id, value := range rest {
		a[id] = value
	}
	return a
}

func place(detail string) eform.Value {
	return eform.Value{Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: "14329",
		eform.PartDetail: detail}}}
}

// me are the answers about the person who files, as the identity account gives them.
func me(texts map[string]string) map[string]string {
	for id, text := range map[string]string{
		"nyc.ho_ten": "Nguyễn Thị Lan", "nyc.ngay_sinh": "1995-03-12", "nyc.so_dinh_danh": "037195001234",
		"nyc.dien_thoai": "0912345678",
	} {
		texts[id] = text
	}
	return texts
}

// TestFormsCanBeFilled goes through each form as people would, and finds nothing to complain about.
func TestFormsCanBeFilled(t *testing.T) {
	t.Parallel()
	versions, home := starter(t), place("Số 5, đường Lê Hồng Phong")
	lived := eform.Answers{"nyc.cu_tru": home}
	for name, c := range map[string]struct {
		code    string
		answers eform.Answers
		pages   int
		warns   int
	}{
		"mother registers": {birth, given(me(map[string]string{
			"nyc.quan_he": "me", "con.loai_khai_sinh": "thuong", "con.ho_ten": "Trần Nguyễn Minh An",
			"con.gioi_tinh": "nam", "con.ngay_sinh": "2026-11-10", "con.dan_toc": "01",
			"con.quoc_tich": "VNM", "con.noi_sinh": "Bệnh viện Sản Nhi Ninh Bình", "gcs.loai": "giay",
			"me.dan_toc": "01", "me.quoc_tich": "VNM", "cha.khai": "yes", "cha.ho_ten": "Trần Văn Bình",
			"cha.ngay_sinh": "1993", "cha.dan_toc": "01", "cha.quoc_tich": "VNM",
			"cha_me.dang_ky_ket_hon": "yes", "cha_me.noi_ket_hon": "UBND phường Hoa Lư",
			"ban_sao.so_luong": "2", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "con.noi_sinh_dia_chi": home, "con.que_quan": home,
			"cha.cu_tru": home}), 6, 0},
		"late, father unknown": {birth, given(me(map[string]string{
			"nyc.quan_he": "me", "con.loai_khai_sinh": "thuong", "con.ho_ten": "Nguyễn Minh An",
			"con.gioi_tinh": "nu", "con.ngay_sinh": "2026-01-10", "con.dan_toc": "01", "con.quoc_tich": "VNM",
			"con.noi_sinh": "tại nhà", "gcs.loai": "cam_doan", "me.dan_toc": "01", "me.quoc_tich": "VNM",
			"cha.khai": "no", "nhan.hinh_thuc": "buu_chinh", "nhan.ve_noi_cu_tru": "no",
		}), eform.Answers{"nyc.cu_tru": home, "con.noi_sinh_dia_chi": home, "con.que_quan": home,
			"nhan.dia_chi": home}), 6, 1},
		"abandoned child": {birth, given(me(map[string]string{
			"nyc.quan_he": "nuoi_duong", "con.loai_khai_sinh": "bo_roi", "con.ho_ten": "Nguyễn Minh An",
			"con.gioi_tinh": "nu", "con.ngay_sinh": "2026-10-10", "con.dan_toc": "01", "con.quoc_tich": "VNM",
			"con.noi_sinh": "không rõ", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "con.noi_sinh_dia_chi": home, "con.que_quan": home}), 3, 0},
		"own birth certificate": {copies, given(me(map[string]string{
			"nyc.loai": "ca_nhan", "nyc.quan_he": "ban_than", "sk.loai": "khai_sinh",
			"sk.noi": "UBND xã Yên Mô", "ban_sao.so_luong": "3", "nhan.hinh_thuc": "tai_co_quan",
		}), lived), 4, 0},
		"record for an organisation": {copies, given(me(map[string]string{
			"nyc.loai": "co_quan", "nyc.co_quan": "Tòa án nhân dân khu vực 1",
			"nyc.ly_do": "Giải quyết vụ án", "sk.loai": "ket_hon", "sk.ho_ten": "Lê Văn Cường",
			"sk.ngay_sinh": "1980-05", "sk.ben_kia": "Phạm Thị Dung", "sk.noi": "UBND xã Nho Quan",
			"ban_sao.so_luong": "1", "nhan.hinh_thuc": "tai_co_quan",
		}), lived), 4, 0},
		"own business": {business, given(me(map[string]string{
			"nyc.vai_tro": "chu_ho", "nyc.gioi_tinh": "nu", "hkd.chu_the": "ca_nhan",
			"hkd.ten": "Tạp hóa Lan", "hkd.dien_thoai": "0912345678", "hkd.von": "50000000",
			"hkd.lao_dong": "1", "thue.nhu_tru_so": "yes", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "hkd.tru_so": home,
			"hkd.nganh_nghe": {Rows: []map[string]string{{"ma": "4711"}}}}), 6, 0},
		"household's business by proxy": {business, given(me(map[string]string{
			"nyc.vai_tro": "ca_nhan_uy_quyen", "nyc.gioi_tinh": "nu", "hkd.chu_the": "ho_gia_dinh",
			"chu_ho.ho_ten": "Trần Văn Bình", "chu_ho.ngay_sinh": "1993-02-01", "chu_ho.gioi_tinh": "nam",
			"chu_ho.so_dinh_danh": "037093004321", "chu_ho.dien_thoai": "0987654321",
			"chu_ho.co_tai_khoan": "yes", "hkd.ten": "Phở Minh An", "hkd.dien_thoai": "0912345678",
			"hkd.von": "200000000", "hkd.lao_dong": "4", "thue.nhu_tru_so": "no",
			"nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "chu_ho.cu_tru": home, "hkd.tru_so": home, "thue.dia_chi": home,
			"hkd.nganh_nghe": {Rows: []map[string]string{{"ma": "5610", "mo_ta": "Bán phở"}}},
			"hkd.thanh_vien": {Rows: []map[string]string{{"ho_ten": "Nguyễn Thị Lan",
				"ngay_sinh": "1995-03-12", "so_dinh_danh": "037195001234"}}}}), 6, 0},
		"wedding": {marriage, given(me(map[string]string{
			"nyc.ben": "nu", "nam.ho_ten": "Trần Văn Bình", "nam.ngay_sinh": "1993-02-01",
			"nam.so_dinh_danh": "037093004321", "nam.dan_toc": "01", "nam.quoc_tich": "VNM",
			"nam.loai_cu_tru": "thuong_tru", "nam.tinh_trang": "chua_ket_hon", "nam.lan_ket_hon": "1",
			"nu.ngay_sinh": "1995-03-12", "nu.dan_toc": "01", "nu.quoc_tich": "VNM",
			"nu.loai_cu_tru": "thuong_tru", "nu.tinh_trang": "ly_hon", "nu.lan_ket_hon": "2",
			"cam_doan.tu_nguyen": "yes", "cam_doan.khong_cam": "yes",
		}), eform.Answers{"nam.cu_tru": home, "nu.cu_tru": home}), 4, 0},
		"daughter declares a death": {death, given(me(map[string]string{
			"nyc.quan_he": "con", "nkt.ho_ten": "Nguyễn Văn Sơn", "nkt.gioi_tinh": "nam",
			"nkt.ngay_sinh": "1948", "nkt.dan_toc": "01", "nkt.quoc_tich": "VNM",
			"nkt.ngay_chet": "2026-11-20", "nkt.noi_chet": "tại nhà", "nkt.nguyen_nhan": "tuổi già",
			"gbt.loai": "giay", "gbt.so": "12", "gbt.ngay": "2026-11-20",
			"gbt.co_quan": "Trạm Y tế phường Hoa Lư", "ban_sao.so_luong": "3",
			"nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "nkt.cu_tru": home, "nkt.noi_chet_dia_chi": home}), 5, 0},
		"death long past": {death, given(me(map[string]string{
			"nyc.quan_he": "chau", "nkt.ho_ten": "Nguyễn Thị Mai", "nkt.gioi_tinh": "nu",
			"nkt.ngay_sinh": "1930", "nkt.giay_to": "cmnd", "nkt.so_giay_to": "161234567",
			"nkt.dan_toc": "01", "nkt.quoc_tich": "VNM", "nkt.ngay_chet": "2001-05-02",
			"nkt.noi_chet": "Bệnh viện đa khoa tỉnh", "nkt.nguyen_nhan": "không rõ", "gbt.loai": "khong",
			"nhan.hinh_thuc": "buu_chinh", "nhan.ve_noi_cu_tru": "yes",
		}), eform.Answers{"nyc.cu_tru": home, "nkt.cu_tru": home, "nkt.noi_chet_dia_chi": home}), 5, 1},
		"single, to marry": {single, given(me(map[string]string{
			"nyc.quan_he": "ban_than", "xn.gioi_tinh": "nu", "xn.dan_toc": "01", "xn.quoc_tich": "VNM",
			"xn.tu_nam": "2010", "tt.hien_tai": "chua_ket_hon", "md.loai": "ket_hon",
			"md.nguoi": "Trần Văn Bình", "md.nguoi_ngay_sinh": "1993-02-01", "md.nguoi_quoc_tich": "VNM",
			"md.noi_ket_hon": "UBND phường Hoa Lư", "md.cap_lai": "no", "cam_doan.dung": "yes",
			"nhan.hinh_thuc": "tai_co_quan",
		}), lived), 5, 0},
		"divorced brother sells land": {single, given(me(map[string]string{
			"nyc.quan_he": "em", "xn.ho_ten": "Nguyễn Văn Hải", "xn.ngay_sinh": "1988-07-09",
			"xn.so_dinh_danh": "037088007777", "xn.gioi_tinh": "nam", "xn.dan_toc": "01",
			"xn.quoc_tich": "VNM", "xn.tu_nam": "2015-03", "tt.hien_tai": "ly_hon",
			"tt.ban_an_so": "15/2022/QĐST-HNGĐ", "tt.ban_an_ngay": "2022-06-15",
			"tt.toa_an": "Tòa án nhân dân khu vực 1", "md.loai": "khac",
			"md.ly_do": "Chuyển nhượng quyền sử dụng đất", "md.so_ban": "2", "md.cap_lai": "yes",
			"md.nop_lai": "no", "md.ly_do_khong_nop": "Đã thất lạc", "cam_doan.dung": "yes",
			"nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "xn.cu_tru": home}), 5, 0},
		"own date of birth corrected": {correction, given(me(map[string]string{
			"nyc.quan_he": "ban_than", "ng.gioi_tinh": "nu", "ng.dan_toc": "01", "ng.quoc_tich": "VNM",
			"gt.loai": "khai_sinh", "gt.so": "101", "gt.ngay": "1995", "gt.noi": "UBND xã Yên Mô",
			"nd.loai": "cai_chinh", "nd.ly_do": "Ghi nhầm khi đăng ký", "ban_sao.so_luong": "1",
			"nhan.hinh_thuc": "tai_co_quan",
		}),
			eform.Answers{"nyc.cu_tru": home,
				"nd.muc": {Rows: []map[string]string{{"muc": "Ngày sinh", "cu": "21/3/1995",
					"moi": "12/3/1995"}}}}), 5, 0},
		"child's name changed": {correction, given(me(map[string]string{
			"nyc.quan_he": "me", "ng.ho_ten": "Trần Nguyễn Minh An", "ng.ngay_sinh": "2020-04-05",
			"ng.gioi_tinh": "nam", "ng.dan_toc": "01", "ng.quoc_tich": "VNM", "gt.loai": "khac",
			"gt.ten": "Trích lục nhận cha, con", "gt.ngay": "2020-05", "gt.noi": "UBND xã Nho Quan",
			"nd.loai": "thay_doi", "nd.ly_do": "Theo họ mẹ", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "ng.cu_tru": home,
			"nd.muc": {Rows: []map[string]string{{"muc": "Họ", "cu": "Trần", "moi": "Nguyễn"}}}}), 5, 0},
		"worker rents a room": {residence, given(me(map[string]string{
			"dk.cho": "ban_than", "nyc.gioi_tinh": "nu", "tt.tu_ngay": "2026-12-01",
			"tt.den_ngay": "2028-11-30", "tt.ly_do": "đi làm", "tt.cho_o": "thue", "tt.tra_cuu": "no",
			"ho.loai": "ho_moi", "so_huu.ten": "Lê Văn Cường", "so_huu.dong_y": "yes", "tv.co": "no",
			"cam_doan.dung": "yes",
		}), eform.Answers{"nyc.cu_tru": home, "ng.thuong_tru": home, "tt.dia_chi": home}), 5, 0},
		"child joins its grandmother": {residence, given(me(map[string]string{
			"dk.cho": "con", "nyc.gioi_tinh": "nu", "ng.ho_ten": "Trần Nguyễn Minh An",
			"ng.ngay_sinh": "2020-04-05", "ng.gioi_tinh": "nam", "ng.so_dinh_danh": "037220012345",
			"ng.cha_me": "Trần Văn Bình", "ng.cha_me_dong_y": "yes", "tt.tu_ngay": "2026-11-01",
			"tt.den_ngay": "2027-06-30", "tt.ly_do": "đi học", "tt.cho_o": "gia_dinh", "ho.loai": "ho_co_san",
			"ho.chu_ho": "Nguyễn Thị Mai", "ho.chu_ho_so": "037150001111", "ho.quan_he": "chau",
			"ho.chu_ho_dong_y": "yes", "so_huu.ten": "Nguyễn Thị Mai", "so_huu.dong_y": "yes", "tv.co": "yes",
			"cam_doan.dung": "yes",
		}), eform.Answers{"nyc.cu_tru": home, "ng.thuong_tru": home, "tt.dia_chi": home,
			"tv.danh_sach": {Rows: []map[string]string{
				{"ho_ten": "Nguyễn Thị Lan", "ngay_sinh": "1995-03-12", "gioi_tinh": "nu",
					"so_dinh_danh": "037195001234", "quan_he": "me"}}}}), 5, 0},
		"son asks for a funeral grant": {funeral, given(me(map[string]string{
			"nyc.loai": "ca_nhan", "nyc.quan_he": "con", "nkt.ho_ten": "Nguyễn Văn Sơn",
			"nkt.gioi_tinh": "nam", "nkt.ngay_sinh": "1940", "nkt.dan_toc": "01",
			"nkt.ngay_chet": "2026-11-20", "nkt.nguyen_nhan": "tuổi già", "nkt.doi_tuong": "tu_80",
			"mt.ngay": "2026-11-22", "mt.noi": "Nghĩa trang phường Hoa Lư", "mt.che_do_khac": "no",
			"tien.hinh_thuc": "chuyen_khoan", "tien.ngan_hang": "Agribank",
			"tien.so_tai_khoan": "3300205001234", "tien.chu_tai_khoan": "Nguyễn Thị Lan",
			"nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "nkt.thuong_tru": home}), 4, 0},
		"centre buries a resident": {funeral, given(me(map[string]string{
			"nyc.loai": "to_chuc", "nyc.to_chuc": "Trung tâm Bảo trợ xã hội tỉnh", "nyc.chuc_vu": "Giám đốc",
			"nkt.ho_ten": "Nguyễn Thị Mai", "nkt.gioi_tinh": "nu", "nkt.ngay_sinh": "1950-02",
			"nkt.dan_toc": "01", "nkt.ngay_chet": "2026-11-20", "nkt.nguyen_nhan": "bệnh",
			"nkt.doi_tuong": "tro_cap", "mt.ngay": "2026-11-21", "mt.noi": "Nghĩa trang thành phố",
			"mt.che_do_khac": "yes", "tien.hinh_thuc": "tien_mat", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "nyc.to_chuc_dia_chi": home, "nkt.thuong_tru": home}), 4, 1},
		"family builds a house": {building, given(me(map[string]string{
			"cdt.loai": "ca_nhan", "dat.thua": "152", "dat.to_ban_do": "17", "dat.dien_tich": "120.5",
			"dat.giay_to": "CS 01234", "ct.cap": "III", "ct.dien_tich": "80", "ct.so_tang": "3",
			"ct.tong_san": "240", "ct.chieu_cao": "11.8", "ct.cot_nen": "0.45", "ct.khoang_lui": "0",
			"ct.lien_ke": "yes", "ct.pccc": "no", "ct.tham_tra": "no",
			"tk.don_vi": "Công ty Kiến trúc Hoa Lư", "tk.chung_chi": "NIB-00012345", "tc.thang": "8",
			"cam_ket.dung_phep": "yes", "nhan.hinh_thuc": "tai_co_quan",
		}), eform.Answers{"nyc.cu_tru": home, "dat.dia_chi": home}), 5, 0},
		"company builds a house": {building, given(me(map[string]string{
			"cdt.loai": "to_chuc", "cdt.to_chuc": "Công ty TNHH Tràng An", "cdt.ma_so_thue": "0100109106",
			"cdt.chuc_vu": "Giám đốc", "dat.thua": "9", "dat.to_ban_do": "3", "dat.dien_tich": "300",
			"dat.giay_to": "CT 05555", "ct.cap": "IV", "ct.dien_tich": "150", "ct.so_tang": "1",
			"ct.tong_san": "100", "ct.chieu_cao": "4", "ct.cot_nen": "-0.2", "ct.khoang_lui": "2.5",
			"ct.lien_ke": "no", "ct.pccc": "yes", "ct.tham_tra": "yes",
			"tk.don_vi": "Công ty Kiến trúc Hoa Lư", "tc.thang": "6", "cam_ket.dung_phep": "yes",
			"nhan.hinh_thuc": "buu_chinh", "nhan.ve_noi_cu_tru": "no",
		}), eform.Answers{"nyc.cu_tru": home, "dat.dia_chi": home, "nhan.dia_chi": home}), 5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, on := versions[c.code].Form(), day(t, "2026-11-23")
			kept, _ := form.Prune(c.answers)
			for _, f := range form.Check(kept, on) {
				t.Errorf("%s %v", f, f.Args)
			}
			if got := form.Warnings(kept, on); len(got) != c.warns {
				t.Errorf("warnings %v, want %d", got, c.warns)
			}
			if got := len(form.VisibleSteps(kept)); got != c.pages {
				t.Errorf("%d pages, want %d", got, c.pages)
			}
		})
	}
}

// TestFormsRefuse: what the law does not allow is told.
func TestFormsRefuse(t *testing.T) {
	t.Parallel()
	versions := starter(t)
	for _, c := range []struct{ code, field, value string }{
		{birth, "con.ngay_sinh", "2026-11-24"},
		{birth, "ban_sao.so_luong", "21"},
		{copies, "ban_sao.so_luong", "0"},
		{business, "hkd.von", "0"},
		{marriage, "nam.ngay_sinh", "2006-11-24"}, // 20 years tomorrow
		{marriage, "nu.ngay_sinh", "2008-11-24"},  // 18 years tomorrow
		{marriage, "cam_doan.tu_nguyen", "no"},
		{death, "nyc.quan_he", "ban_than"},
		{death, "nkt.ngay_chet", "2026-11-24"},
		{single, "cam_doan.dung", "no"},
		{correction, "ban_sao.so_luong", "21"},
		{residence, "tt.den_ngay", "2026-11-23"},
		{residence, "cam_doan.dung", "no"},
		{funeral, "nkt.ngay_chet", "2026-11-24"},
		{building, "ct.so_tang", "0"},
	} {
		found := false
		for _, f := range versions[c.code].Form().Check(answers(c.field, c.value), day(t, "2026-11-23")) {
			if id, _ := versions[c.code].Form().FieldOf(f.Field); id == c.field {
				found = true
			}
		}
		if !found {
			t.Errorf("%s takes %s %q", c.code, c.field, c.value)
		}
	}
	for field, value := range map[string]string{"nam.ngay_sinh": "2006-11-23", "nu.ngay_sinh": "2008-11-23"} {
		for _, f := range versions[marriage].Form().Check(answers(field, value), day(t, "2026-11-23")) {
			if id, _ := versions[marriage].Form().FieldOf(f.Field); id == field {
				t.Errorf("refuses %s %s: %v", field, value, f)
			}
		}
	}
}
