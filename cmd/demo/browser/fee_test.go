package browser

import (
	"maps"
	"strings"
	"testing"
)

// copies is what somebody fills in for copies of the own birth certificate.
func copies(number string) answers {
	return answers{
		"nyc.loai": "ca_nhan", "nyc.quan_he": "ban_than",
		"nyc.cu_tru.tinh": "37", "nyc.cu_tru.xa": "Phường Hoa Lư", "nyc.cu_tru.chi_tiet": "Thôn Thượng",
		"sk.loai": "khai_sinh", "sk.noi": "UBND xã Gia Viễn",
		"ban_sao.so_luong": number, "nhan.hinh_thuc": "tai_co_quan",
	}
}

// begin logs in on the way to a procedure and starts a draft of it.
func (v *visitor) begin(person, procedure string) {
	v.t.Helper()
	v.open("/thu-tuc/" + procedure + "/nop")
	v.login(person, "Đăng nhập bằng tài khoản định danh")
	v.choosePlace(hoaLu, "Bắt đầu điền")
}

// TestJourneyFee pays a fee on the provider's page, after the bank declined once.
func TestJourneyFee(t *testing.T) {
	t.Parallel()
	minh := newVisitor(t)
	minh.begin("minh", "2.000635")
	minh.fillForm(copies("3"), "Tiếp tục")
	minh.press("Tiếp tục")
	minh.see("24.000 đ", "Nộp trực tuyến ở bước sau")
	minh.press("Tiếp tục nộp phí, lệ phí")
	minh.see("24.000 đ", "281/2016/TT-BTC")
	code := minh.pay("24.000")
	minh.wantPDF(minh.href("Biên lai (PDF)"), "24.000", "Trần Văn Minh")
	minh.press("Theo dõi hồ sơ")
	minh.see(code, "Đã nộp phí, lệ phí")
	minh.wantMail("minh.tran@example.vn", "Đã nhận được khoản nộp phí, lệ phí của bạn")
}

// pay leads through the provider's page: first the bank declines, then it does not.
func (v *visitor) pay(amount string) string {
	v.t.Helper()
	v.press("Nộp tiền trực tuyến")
	v.see(amount)
	v.pressAt(`button[value="decline"]`)
	v.see("Ngân hàng đã từ chối thẻ của bạn")
	v.pressAt(`button[value="pay"]`)
	v.until("the payment is confirmed",
		`location.pathname.endsWith("/da-nop") && document.readyState === "complete"`)
	v.checkPage()
	return v.confirmed()
}

// TestSmallFee leaves a fee that the provider does not take for the counter.
func TestSmallFee(t *testing.T) {
	t.Parallel()
	minh := newVisitor(t)
	minh.begin("minh", "2.000635")
	minh.fillForm(copies("1"), "Tiếp tục")
	minh.press("Tiếp tục")
	minh.see("8.000 đ", "Khoản này bạn nộp tại quầy")
	minh.press("Nộp hồ sơ")
	code := minh.confirmed()
	minh.press("Theo dõi hồ sơ")
	minh.see(code, "Nộp phí, lệ phí tại quầy", "8.000 đ")

	officer := minh.officerFor(code)
	officer.pressAt("#tiep-nhan")
	officer.press("Đã thu phí tại quầy")
	minh.waitFor("Đã nộp phí, lệ phí")
	minh.wantPDF(minh.href("Biên lai (PDF)"), "8.000")
}

// household is what a company fills in that files for the owner of a household business.
func household() answers {
	want := answers{
		"nyc.vai_tro":      "to_chuc_uy_quyen",
		"hkd.chu_the":      "ca_nhan",
		"chu_ho.ho_ten":    "Trần Văn Minh",
		"chu_ho.gioi_tinh": "nam", "chu_ho.so_dinh_danh": "036086001357", "chu_ho.dien_thoai": "0987654321",
		"chu_ho.co_tai_khoan": "yes", "chu_ho.ngay_sinh.ngay": "2", "chu_ho.ngay_sinh.thang": "11",
		"chu_ho.ngay_sinh.nam": "1986", "hkd.ten": "Gạo quê Gia Viễn", "hkd.dien_thoai": "0987654321",
		"hkd.nganh_nghe.0.ma": "1061", "hkd.von": "50000000", "hkd.lao_dong": "2",
		"thue.nhu_tru_so": "yes", "nhan.hinh_thuc": "tai_co_quan",
	}
	for _, place := range []string{"nyc.cu_tru", "chu_ho.cu_tru", "hkd.tru_so"} {
		maps.Copy(want, answers{place + ".tinh": "37", place + ".xa": "Phường Hoa Lư",
			place + ".chi_tiet": "Số 5 đường Tràng An"})
	}
	return want
}

// TestCompany files for a company; a colleague sees the dossier, somebody else does not.
func TestCompany(t *testing.T) {
	t.Parallel()
	ha := newVisitor(t)
	ha.open("/tai-khoan")
	ha.login("ha", "Đăng nhập bằng tài khoản định danh")
	ha.worksFor(riceFirm)
	ha.open("/thu-tuc/1.001612/nop")
	ha.choosePlace(hoaLu, "Bắt đầu điền")
	ha.fillForm(household(), "Tiếp tục")
	ha.attach("hop_dong_dich_vu", picture(t, "hợp đồng.png"), "Gửi tệp")
	ha.attach("giay_gioi_thieu", picture(t, "giấy giới thiệu.png"), "Gửi tệp")
	ha.press("Tiếp tục")
	ha.see("150.000 đ", "Năm mươi triệu đồng", "Xay xát và sản xuất bột thô")
	ha.press("Tiếp tục nộp phí, lệ phí")
	code := ha.pay("150.000")

	bao := newVisitor(t)
	bao.open("/tai-khoan")
	bao.login("bao", "Đăng nhập bằng tài khoản định danh")
	bao.worksFor(riceFirm)
	bao.open("/ho-so")
	bao.see(code)
	bao.open("/ho-so/" + code)
	bao.see(code, "Công ty TNHH Gạo Tám Xoan Hải Hậu", "Phạm Thu Hà")

	minh := newVisitor(t)
	minh.open("/ho-so/" + code)
	minh.login("minh", "Đăng nhập bằng tài khoản định danh")
	if minh.watch.documentStatus() != 404 ||
		strings.Contains(minh.text(), "Đăng ký thành lập hộ kinh doanh") {
		minh.fatal("a stranger's dossier is answered with %d", minh.watch.documentStatus())
	}
}

// actFor chooses on the account page for whom one acts.
func (v *visitor) actFor(party string) {
	v.t.Helper()
	v.see(party)
	v.tap(party, `[...document.querySelectorAll("label.radio")].find(e => e.textContent.includes(`+
		quote(party)+`))`)
	v.press("Chuyển sang bên đã chọn")
	v.see(party)
}
