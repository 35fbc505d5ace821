package browser

import "testing"

// TestConfirmedWarning hands in an identity number and a year of birth that do not go together: only after
// the box is ticked, which is saved at once and stays in the other language; the officer reads that it was
// confirmed, and why.
func TestConfirmedWarning(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t)
	lan.begin("lan", "2.000635")
	want := copies("1")
	want["nyc.ngay_sinh.nam"], want["__why.nyc.ngay_sinh"] = "1993", "Giấy khai sinh ghi nhầm"
	lan.fillForm(want, "Tiếp tục")
	lan.press("Tiếp tục")
	review := lan.path()
	lan.press("Nộp hồ sơ")
	if !lan.has("#xac-nhan-1[aria-invalid]") || !lan.has("#errors:focus") {
		lan.fatal("the box has no error, or the summary no focus")
	}
	lan.tap("the box", `document.querySelector("#xac-nhan-1")`)
	lan.pressAt(`button[name="__lang"]`)
	if !lan.has("#xac-nhan-1:checked") {
		lan.fatal("the tick is gone in English")
	}
	lan.open(review)
	lan.press("Nộp hồ sơ")
	code := lan.confirmed()
	lan.press("Theo dõi hồ sơ")
	lan.see("Nộp cho bản thân")
	officer := lan.officerFor(code)
	officer.see("Người nộp xác nhận đã kiểm tra", "Giấy khai sinh ghi nhầm", "Nộp cho bản thân")
}
