package browser

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// hoaLu is where people hand in.
const hoaLu = "UBND phường Hoa Lư"

// newborn is what a mother fills in for her child, born the day before.
func newborn(name string) answers {
	born := time.Now().AddDate(0, 0, -1)
	return answers{
		"nyc.quan_he":     "me",
		"nyc.cu_tru.tinh": "37", "nyc.cu_tru.xa": "Phường Hoa Lư",
		"nyc.cu_tru.chi_tiet": "Số 12 đường Vân Giang", "con.loai_khai_sinh": "thuong",
		"con.ho_ten":         name,
		"con.gioi_tinh":      "nu",
		"con.ngay_sinh.ngay": born.Format("02"), "con.ngay_sinh.thang": born.Format("01"),
		"con.ngay_sinh.nam": born.Format("2006"), "con.dan_toc": "01", "con.quoc_tich": "VNM",
		"con.noi_sinh":              "Bệnh viện Sản Nhi tỉnh Ninh Bình",
		"con.noi_sinh_dia_chi.tinh": "37", "con.noi_sinh_dia_chi.xa": "Phường Hoa Lư",
		"con.que_quan.tinh": "37", "con.que_quan.xa": "Phường Tây Hoa Lư",
		"gcs.loai": "giay", "gcs.so": "118/2026",
		"me.dan_toc": "01", "me.quoc_tich": "VNM",
		"cha.khai": "yes", "cha.ho_ten": "Trần Văn Đức", "cha.ngay_sinh.nam": "1989",
		"cha.cu_tru.tinh": "37", "cha.cu_tru.xa": "Phường Hoa Lư",
		"cha.cu_tru.chi_tiet": "Số 12 đường Vân Giang", "cha.dan_toc": "01", "cha.quoc_tich": "VNM",
		"cha_me.dang_ky_ket_hon": "yes", "cha_me.noi_ket_hon": "UBND phường Hoa Lư",
		"nhan.hinh_thuc": "tai_co_quan",
	}
}

// TestJourneyBirth is a mother with a telephone who registers her child, from the first page to the signed
// result.
func TestJourneyBirth(t *testing.T) {
	t.Parallel()
	lan := newVisitor(t)
	lan.open("/")
	lan.tap("the search", `document.querySelector(".search input")`)
	lan.insert("dang ky khai sinh")
	lan.press("Tìm")
	lan.see("Đăng ký khai sinh")
	lan.press("Đăng ký khai sinh")
	lan.see("Toàn trình", "1.001193", "Giấy chứng sinh")
	lan.press("Nộp hồ sơ trực tuyến")
	lan.login("lan", "Đăng nhập bằng tài khoản định danh")
	if path := lan.path(); path != "/thu-tuc/1.001193/nop" {
		t.Errorf("the login leads to %s, not back to where she was going", path)
	}
	lan.choosePlace(hoaLu, "Bắt đầu điền")
	lan.fillWithFault()
	lan.fillForm(newborn("Trần Nguyễn Minh An"), "Tiếp tục")
	lan.attach("giay_chung_sinh", picture(t, "giấy chứng sinh.png"), "Gửi tệp")
	lan.see("giấy chứng sinh.png")
	lan.press("Tiếp tục")
	lan.reviewAndChange()
	lan.press("Nộp hồ sơ")
	code := lan.confirmed()
	lan.wantPDF(lan.href("Xác nhận đã nộp (PDF)"), code, "Đăng ký khai sinh", "Nguyễn Thị Lan")
	lan.press("Theo dõi hồ sơ")
	lan.see(code, "Diễn biến", "Hồ sơ đã được nộp")

	officer := lan.officerFor(code)
	lan.receivedBy(officer)
	lan.supplementedFor(officer)
	lan.resultFrom(officer)
	lan.afterwards(code)
}

// choosePlace answers where the dossier is handed in.
func (v *visitor) choosePlace(agency, button string) {
	v.t.Helper()
	var id string
	v.eval(`([...document.querySelectorAll("#agency option")].find(o => o.textContent === `+quote(agency)+
		`) || {}).value || ""`, &id)
	if id == "" {
		v.fatal("%s is not among the agencies", agency)
	}
	v.fill(answers{"agency": id})
	v.press(button)
}

// fillWithFault makes a mistake on the first step and sees how the portal takes it.
func (v *visitor) fillWithFault() {
	v.t.Helper()
	wrong := newborn("")
	wrong["nyc.dien_thoai"], wrong["nyc.email"] = "12ab", "lan@example.vn"
	v.fill(wrong)
	v.press("Tiếp tục")
	var at struct{ Title, Focus, Described, Message string }
	v.eval(`({Title: document.title, Focus: document.activeElement.className,
		Described: document.getElementById("nyc.dien_thoai").getAttribute("aria-describedby") || "",
		Message: (document.getElementById("nyc.dien_thoai-err") || {}).textContent || ""})`, &at)
	if !strings.HasPrefix(at.Title, "Lỗi: ") || at.Focus != "errors" || at.Message == "" ||
		!strings.Contains(at.Described, "nyc.dien_thoai-err") {
		v.t.Errorf("after a mistake: %+v", at)
	}
	v.tap("the link of the summary", `document.querySelector('.errors a[href="#nyc.dien_thoai"]')`)
	v.until("the link of the summary leads to the input", `document.activeElement.id === "nyc.dien_thoai"`)
	for name, want := range map[string]string{"nyc.dien_thoai": "12ab", "nyc.email": "lan@example.vn",
		"nyc.quan_he": "me", "nyc.ho_ten": "Nguyễn Thị Lan"} {
		if is := v.value(name); is != want {
			v.t.Errorf("after a mistake %s holds %q, not %q", name, is, want)
		}
	}
	v.fillStep(answers{"nyc.dien_thoai": "0912345678"}, "Tiếp tục")
}

// reviewAndChange looks at the answers, changes one and comes back to them.
func (v *visitor) reviewAndChange() {
	v.t.Helper()
	v.see("Kiểm tra trước khi nộp", "Trần Nguyễn Minh An", "Số 12 đường Vân Giang", "giấy chứng sinh.png")
	v.press("Sửa Thông tin của trẻ")
	v.fillStep(answers{"con.ho_ten": "Trần Nguyễn Minh Ánh"}, "Tiếp tục")
	v.open(strings.Split(v.path(), "/buoc/")[0] + "/kiem-tra")
	v.see("Trần Nguyễn Minh Ánh")
}

var dossierCode = regexp.MustCompile(`H42\.[0-9A-Z.]+-\d{6}-\d{4}`)

// confirmed reads the code on the page that confirms a submission.
func (v *visitor) confirmed() string {
	v.t.Helper()
	if !strings.HasSuffix(v.path(), "/da-nop") {
		v.fatal("this is not the confirmation")
	}
	code := dossierCode.FindString(v.text())
	if code == "" {
		v.fatal("the confirmation has no code")
	}
	return code
}

// receivedBy has the officer receive the dossier; the citizen reads so.
func (v *visitor) receivedBy(officer *visitor) {
	v.t.Helper()
	officer.pressAt("#tiep-nhan")
	v.waitFor("Cơ quan đã tiếp nhận hồ sơ")
	v.see("Hẹn trả kết quả", "Của cơ quan")
	v.wantPDF(v.href("Giấy tiếp nhận hồ sơ và hẹn trả kết quả (PDF)"), "Giấy chứng sinh")
}

// supplementedFor has the officer ask for a better picture, and the citizen send one.
func (v *visitor) supplementedFor(officer *visitor) {
	v.t.Helper()
	const reason = "Ảnh giấy chứng sinh bị mờ, không đọc được số."
	officer.tap("the supplement", named("Yêu cầu bổ sung"))
	officer.tap("the requirement", `document.querySelector('input[value="giay_chung_sinh"]')`)
	officer.tap("its reason", `document.querySelector('[name="reason.giay_chung_sinh"]')`)
	officer.insert(reason)
	officer.press("Gửi yêu cầu bổ sung")
	v.waitFor("Cần bạn bổ sung 1 mục")
	v.see(reason, "Của bạn")
	v.press("Bổ sung ngay")
	v.see(reason)
	v.press("Giấy chứng sinh")
	v.attach("giay_chung_sinh", picture(v.t, "chứng sinh rõ nét.png"), "Gửi tệp")
	v.press("Tiếp tục")
	v.press("Kiểm tra và nộp")
	v.press("Gửi bổ sung")
	v.confirmed()
	v.press("Theo dõi hồ sơ")
	v.see("Hồ sơ đã được bổ sung")
	officer.waitFor("Đã bổ sung")
	officer.see("chứng sinh rõ nét.png")
}

// resultFrom has the officer deliver the result; the citizen saves it, and anybody can verify it.
func (v *visitor) resultFrom(officer *visitor) {
	v.t.Helper()
	officer.waitFor("Chuyển xử lý")
	officer.pressAt("#dang-xu-ly")
	v.waitFor("Hồ sơ được chuyển xử lý")
	officer.tap("the number", `document.querySelector("#so")`)
	officer.insert("118/2026")
	officer.pressAt("#ket-qua")
	v.waitFor("Đã có kết quả")
	link := v.href("Tải kết quả (PDF)")
	paper := v.fetch(link)
	if !bytes.HasPrefix(paper, []byte("%PDF-")) || !bytes.Contains(paper, []byte("/ByteRange")) {
		v.t.Errorf("the result is no signed PDF: %q", clip(string(paper), 20))
	}
	v.waitFor("Bạn đã nhận kết quả")
	stranger := newVisitor(v.t)
	stranger.open(strings.TrimPrefix(v.href("Trang kiểm tra kết quả này"), v.sys.portal))
	stranger.see("Kết quả có hiệu lực", hoaLu)
	if strings.Contains(stranger.text(), "Nguyễn Thị Lan") {
		v.t.Error("the public check names the citizen")
	}
}

// afterwards looks at what else the portal says of a dossier.
func (v *visitor) afterwards(code string) {
	v.t.Helper()
	v.open("/en/ho-so/" + code)
	v.see(code)
	v.open("/ho-so/" + code + "/da-xem")
	v.open("/ho-so/" + code + "/giay-to")
	v.see("Trần Nguyễn Minh Ánh", "chứng sinh rõ nét.png")
	v.open("/thong-bao")
	v.see("Hồ sơ của bạn đã có kết quả", "Hồ sơ của bạn cần bổ sung", code)
	v.open("/ho-so")
	v.see(code, "Đăng ký khai sinh")

	stranger := newVisitor(v.t)
	stranger.open("/tra-cuu")
	stranger.fill(answers{"code": code, "digits": "4821"})
	stranger.press("Tra cứu")
	stranger.see(code, "Đăng ký khai sinh")
	if strings.Contains(stranger.text(), "Nguyễn Thị Lan") {
		v.t.Error("the tracking page names the citizen")
	}
	v.wantMail("lan.nguyen@example.vn", "Hồ sơ của bạn đã có kết quả")
}

// officerFor opens the one-stop software at a dossier, once it has arrived there.
func (v *visitor) officerFor(code string) *visitor {
	v.t.Helper()
	officer := newVisitor(v.t)
	officer.open(v.sys.office + "/")
	officer.chooseOfficer(hoaLu)
	officer.waitFor(code)
	officer.open(v.sys.office + "/ho-so/" + code)
	officer.waitFor("Tiếp nhận")
	return officer
}

// chooseOfficer sits down as the first officer of an agency.
func (v *visitor) chooseOfficer(agency string) {
	v.t.Helper()
	v.eval(`(() => { const s = document.querySelector("#officer");
		s.value = [...s.options].find(o => o.textContent.endsWith(", " + `+quote(agency)+`)).value })()`, nil)
	v.press("Đổi")
}

// wantMail waits until the mailbox shows a mail to somebody.
func (v *visitor) wantMail(to, subject string) {
	v.t.Helper()
	var list string
	has := eventually(look, func() bool {
		list = string(v.fetch(v.sys.mailbox + "/"))
		return strings.Contains(list, to) && strings.Contains(list, subject)
	})
	if !has {
		v.t.Errorf("the mailbox has no mail %q to %s:\n%s", subject, to, clip(list, 2000))
	}
}

// wantPDF reads a paper of the portal as text and looks for words.
func (v *visitor) wantPDF(address string, words ...string) {
	v.t.Helper()
	path := filepath.Join(v.t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, v.fetch(address), 0o600); err != nil {
		v.t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		v.t.Fatalf("pdftotext (Debian's poppler-utils): %v", err)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			v.t.Errorf("the paper %s does not say %q:\n%s", address, w, clip(text, 1500))
		}
	}
}

// picture makes a picture file as a telephone's camera would.
func picture(t *testing.T, name string) string {
	t.Helper()
	var sheet bytes.Buffer
	photo := image.NewGray(image.Rect(0, 0, 300, 420))
	for i := range photo.Pix {
		photo.Pix[i] = name[i%len(name)] // no two papers look alike
	}
	if err := png.Encode(&sheet, photo); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, sheet.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
