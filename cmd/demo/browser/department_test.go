package browser

import (
	"net/http"
	"testing"
)

const justice = "Sở Tư pháp tỉnh Ninh Bình"

// TestADepartmentWithItsOwnSystem files at Sở Tư pháp: its own software gets the dossier, delivers a result
// that the portal trusts, and that of the communes hears nothing of it.
func TestADepartmentWithItsOwnSystem(t *testing.T) {
	t.Parallel()
	minh := newVisitor(t)
	minh.open("/thu-tuc/2.000635/nop")
	minh.login("minh", "Đăng nhập bằng tài khoản định danh")
	minh.choosePlace(justice, "Bắt đầu điền")
	minh.fillForm(copies("1"), "Tiếp tục")
	minh.press("Tiếp tục")
	minh.see(justice, "8.000 đ")
	minh.press("Nộp hồ sơ")
	code := minh.confirmed()
	minh.press("Theo dõi hồ sơ")
	minh.see(code, justice)

	officer := newVisitor(t)
	officer.open(minh.sys.department + "/")
	officer.waitFor(code)
	officer.open(minh.sys.department + "/ho-so/" + code)
	officer.see("Phạm Thị Hà")
	officer.pressAt("#tiep-nhan")
	minh.waitFor("Hẹn trả kết quả")
	officer.press("Đã thu phí tại quầy")
	officer.waitFor("Chuyển xử lý")
	officer.pressAt("#dang-xu-ly")
	minh.waitFor("Hồ sơ được chuyển xử lý")
	officer.tap("the number", `document.querySelector("#so")`)
	officer.insert("7/2026")
	officer.pressAt("#ket-qua")
	minh.waitFor("Đã có kết quả")

	response, err := http.Get(minh.sys.office + "/ho-so/" + code)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("the communes' software knows the dossier: %s", response.Status)
	}
}
