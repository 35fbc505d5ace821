package browser

import (
	"strings"
	"testing"
)

// workFor logs somebody in and lets them act for an organisation.
func (v *visitor) workFor(person, party string) {
	v.t.Helper()
	v.open("/tai-khoan")
	v.login(person, "Đăng nhập bằng tài khoản định danh")
	v.worksFor(party)
}

// TestColleagueGoesOn hands a company's draft from the one who began it to a colleague, who is asked first
// and then declares it. What the first still types is refused, shown again and not lost. Each reads who read
// it.
func TestColleagueGoesOn(t *testing.T) {
	t.Parallel()
	const company = "Công ty TNHH Gạo Tám Xoan Hải Hậu"
	ha := newVisitor(t)
	ha.workFor("ha", company)
	ha.open("/thu-tuc/2.000635/nop")
	ha.choosePlace(hoaLu, "Bắt đầu điền")
	ha.fillForm(copies("1"), "Tiếp tục")
	draft, _, _ := strings.Cut(ha.path(), "/giay-to")
	ha.attach("tai_lieu_lien_quan", picture(t, "khai sinh cũ.png"), "Gửi tệp")
	step := draft + "/buoc/3"
	ha.open(step)

	bao := newVisitor(t)
	bao.workFor("bao", company)
	bao.open("/ho-so")
	bao.see("Phạm Thu Hà đang làm bản nháp này")
	bao.open(draft + "/kiem-tra")
	bao.see("Bản nháp do người khác bắt đầu. Bạn tiếp tục?", "Phạm Thu Hà bắt đầu bản nháp này")
	if text := bao.text(); strings.Contains(text, "035179002468") || strings.Contains(text, "Gia Viễn") {
		bao.fatal("the draft is shown before he goes on with it")
	}
	bao.picture("colleague is asked")
	bao.press("Tiếp tục với tên tôi")
	bao.see("Bạn làm tiếp bản nháp của Phạm Thu Hà", "Đã đổi thành thông tin của bạn")
	bao.picture("colleague went on")

	ha.typeInto("sk.noi", "UBND xã Ninh Tiến")
	ha.untilSays("Lê Quốc Bảo đang làm bản nháp này")
	ha.picture("first person's save is refused")
	ha.press("Tiếp tục")
	ha.see("Nội dung bạn vừa gửi chưa được lưu", "Lê Quốc Bảo làm tiếp bản nháp này", "UBND xã Ninh Tiến")
	ha.picture("first person's page is refused")
	ha.press("Tiếp tục với tên tôi")
	ha.untilSays("đã được gửi lên và lưu") // her device had kept it; the page comes anew
	if ha.path() != step || ha.value("sk.noi") != "UBND xã Ninh Tiến" {
		ha.fatal("on the way back to her page she lost what she typed: %q", ha.value("sk.noi"))
	}

	bao.open(draft)
	bao.see("Phạm Thu Hà làm tiếp bản nháp này")
	bao.press("Tiếp tục với tên tôi")
	bao.open(draft + "/buoc/1")
	bao.fillForm(copies("1"), "Tiếp tục")
	bao.press("Tiếp tục")
	bao.see("Lê Quốc Bảo")
	if strings.Contains(bao.text(), "Phạm Thu Hà") {
		bao.fatal("what he declares names her")
	}
	bao.picture("colleague's review")
	bao.press("Nộp hồ sơ")
	code := bao.confirmed()
	bao.see("4 số cuối mã số thuế của "+company, "4 số cuối số định danh của Lê Quốc Bảo")
	bao.picture("digits to track by")

	ha.open("/ho-so/" + code + "/giay-to")
	bao.open("/ho-so/" + code + "/da-xem")
	bao.see("Phạm Thu Hà", "làm hồ sơ cho "+company, "xem nội dung đã khai",
		"làm tiếp bản nháp của người khác")
	bao.picture("who read it")
	ha.open("/tai-khoan")
	ha.see("Thông tin của bạn", "Mã số thuế")
	ha.picture("account")
}
