package browser

import (
	"strings"
	"testing"
)

// maritalStatus is what somebody fills in for a certificate of the own marital status.
func maritalStatus(purpose string) answers {
	return answers{
		"nyc.quan_he":     "ban_than",
		"nyc.cu_tru.tinh": "37", "nyc.cu_tru.xa": "Phường Hoa Lư",
		"nyc.cu_tru.chi_tiet": "Số 12 đường Vân Giang", "xn.gioi_tinh": "nu", "xn.dan_toc": "01",
		"xn.quoc_tich": "VNM", "xn.tu_nam.nam": "2015", "tt.hien_tai": "chua_ket_hon",
		"md.loai": "khac", "md.ly_do": purpose, "md.so_ban": "1", "md.cap_lai": "no",
		"cam_doan.dung": "yes", "mien.dien": "khong", "nhan.hinh_thuc": "tai_co_quan",
	}
}

// TestReusedResult files for a certificate, and gives the e-result for the next one instead of sending it: it
// is offered to nobody else, says where it comes from up to the officer, and whether it still holds can be
// seen there.
func TestReusedResult(t *testing.T) {
	t.Parallel()
	const procedure, number = "1.004873", "85/XNTTHN"
	lan := newVisitor(t)
	lan.begin("lan", procedure)
	lan.fillForm(maritalStatus("Bán nhà đất tại phường Hoa Lư"), "Tiếp tục")
	lan.press("Tiếp tục")
	lan.press("Nộp hồ sơ")
	first := lan.confirmed()
	lan.wantPDF(lan.href("Xác nhận đã nộp (PDF)"), "Do Hội đồng nhân dân tỉnh quyết định. Chưa thu")
	lan.press("Theo dõi hồ sơ")
	lan.certified(first, number)

	lan.open("/thu-tuc/" + procedure + "/nop")
	lan.choosePlace(hoaLu, "Bắt đầu điền")
	lan.fillForm(maritalStatus("Vay vốn ngân hàng"), "Tiếp tục")
	files := lan.path()
	lan.pressAt(`a[hreflang="en"]`)
	if !lan.has(`main details [lang="vi"]`) {
		lan.fatal("the Vietnamese name of the result is not said to be Vietnamese")
	}
	lan.open(files)
	lan.offered(number)
	lan.press("Dùng giấy tờ này")
	from := []string{"Kết quả điện tử", number, "theo hồ sơ " + first}
	lan.see(from...)
	lan.picture("paper chosen")
	lan.press("Tiếp tục")
	lan.see(from...)
	lan.picture("where a paper comes from")
	lan.press("Nộp hồ sơ")
	second := lan.confirmed()
	lan.open("/ho-so/" + second + "/giay-to")
	lan.see(from...)
	lan.readByOfficer(second, first, number)

	minh := newVisitor(t)
	minh.begin("minh", procedure)
	minh.open(strings.Split(minh.path(), "/buoc/")[0] + "/giay-to")
	minh.see("Giấy tờ chứng minh tình trạng hôn nhân tại nơi thường trú trước đây")
	if text := minh.text(); strings.Contains(text, "Dùng giấy tờ đã có") || strings.Contains(text, number) {
		minh.fatal("another person's result is offered")
	}
}

// certified has the officer issue the certificate of a dossier; the citizen reads so.
func (v *visitor) certified(code, number string) {
	v.t.Helper()
	officer := v.officerFor(code)
	officer.pressAt("#tiep-nhan")
	v.waitFor("Hẹn trả kết quả")
	v.wantPDF(v.href("Giấy tiếp nhận hồ sơ và hẹn trả kết quả (PDF)"), "Phí, lệ phí chưa có mức")
	officer.waitFor("Chuyển xử lý")
	officer.pressAt("#dang-xu-ly")
	officer.waitFor("Trả kết quả")
	officer.tap("the number", `document.querySelector("#so")`)
	officer.insert(number)
	officer.pressAt("#ket-qua")
	v.waitFor("Đã có kết quả")
}

// offered unfolds what the portal holds already for a paper.
func (v *visitor) offered(number string) {
	v.t.Helper()
	v.see("Dùng giấy tờ đã có (1)")
	v.tap("the papers that are there", named("Dùng giấy tờ đã có"))
	v.see("Giấy xác nhận tình trạng hôn nhân", number, hoaLu)
	v.picture("papers there already")
}

// readByOfficer has the officer read where a file comes from, and follow the link to whether it still holds.
func (v *visitor) readByOfficer(code, from, number string) {
	v.t.Helper()
	officer := v.officerFor(code)
	officer.see("Kết quả điện tử của hồ sơ "+from, number, "còn hiệu lực khi nộp",
		"cơ quan báo mức và cách nộp")
	officer.resize(deskWidth, deskHeight)
	officer.picture("officer reads the source")
	officer.resize(phoneWidth, phoneHeight)
	officer.press("Kiểm tra hiệu lực hiện nay")
	officer.see("Kết quả có hiệu lực", number, hoaLu)
}
