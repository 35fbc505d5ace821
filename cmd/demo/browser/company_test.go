package browser

import (
	"strings"
	"testing"
)

// riceFirm is the company of ha and bao.
const riceFirm = "Công ty TNHH Gạo Tám Xoan Hải Hậu"

// TestCompanyWalk is a company's representative who registers her child with the company's account: asked for
// whom, refused, switched, filed as a person, and unseen by her colleague.
func TestCompanyWalk(t *testing.T) {
	t.Parallel()
	ha := newVisitor(t)
	ha.resize(phoneWidth, phoneHeight)
	ha.open("/thu-tuc/1.001193")
	ha.press("Nộp hồ sơ trực tuyến")
	ha.login("ha", "Đăng nhập bằng tài khoản định danh")
	ha.see("Bạn đang làm việc cho ai?", riceFirm, "Cho bản thân: Phạm Thu Hà")
	ha.worksFor(riceFirm)
	if path := ha.path(); path != "/thu-tuc/1.001193/nop" {
		ha.fatal("the answer leads to %s", path)
	}
	ha.see("Thủ tục này chỉ dành cho công dân", riceFirm+" · người thực hiện: Phạm Thu Hà")
	ha.press("Nộp với tư cách cá nhân")
	if path := ha.path(); path != "/thu-tuc/1.001193/nop" {
		ha.fatal("the switch leads to %s", path)
	}
	ha.see("Nộp cho: Phạm Thu Hà")
	ha.choosePlace(hoaLu, "Bắt đầu điền")
	ha.see("Nộp cho: Phạm Thu Hà")
	draft := strings.Split(ha.path(), "/buoc/")[0]
	child := newborn("Trần Phạm An Nhiên")
	child["nyc.dien_thoai"] = "0903456789"
	ha.fillForm(child, "Tiếp tục")
	ha.attach("giay_chung_sinh", picture(t, "giấy chứng sinh.png"), "Gửi tệp")
	ha.press("Tiếp tục")
	ha.see("Kiểm tra trước khi nộp", "Chủ hồ sơ", "Phạm Thu Hà")
	for ha.has(`input[name="__confirm"]:not(:checked)`) {
		ha.tap("a box", `document.querySelector('input[name="__confirm"]:not(:checked)')`)
	}
	ha.press("Nộp hồ sơ")
	code := ha.confirmed()
	ha.see("Nộp cho: Phạm Thu Hà")

	bao := newVisitor(t)
	bao.open("/ho-so")
	bao.login("bao", "Đăng nhập bằng tài khoản định danh")
	bao.worksFor(riceFirm)
	if text := bao.text(); strings.Contains(text, code) || strings.Contains(text, "Đăng ký khai sinh") {
		bao.fatal("the colleague sees the birth among the company's dossiers")
	}
	for _, path := range []string{"/ho-so/" + code, draft, "/ho-so/" + code + "/giay-to"} {
		bao.open(path)
		if status := bao.watch.documentStatus(); status != 404 {
			bao.fatal("%s is answered with %d", path, status)
		}
	}

	ha.open("/tai-khoan")
	ha.actFor(riceFirm)
	ha.open("/ho-so/" + code)
	ha.see("Hồ sơ này thuộc về Phạm Thu Hà, còn bạn đang làm việc cho " + riceFirm)
	ha.press("Chuyển sang làm việc cho Phạm Thu Hà")
	ha.see(code)
}

// worksFor answers for whom the person works who just logged in.
func (v *visitor) worksFor(party string) {
	v.t.Helper()
	v.tap(party, `[...document.querySelectorAll("label.radio")].find(e => e.textContent.includes(`+
		quote(party)+`))`)
	v.press("Tiếp tục")
}
