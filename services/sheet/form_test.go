package sheet_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/sheet"
	"congdvc/services/workday"
)

// everyType is a form with every type of field.
func everyType(t testing.TB) *eform.Form {
	t.Helper()
	raw, err := os.ReadFile("testdata/to-khai.form.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := eform.Load(raw)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// filedForm is a revision of everyType with so many rows in its table.
func filedForm(t testing.TB, rows int) *dossier.Revision {
	t.Helper()
	filer := dossier.Party{Kind: identity.Person, Name: person.Name, Number: person.Number,
		Profile: identity.Profile{Phone: person.Phone, Email: person.Email, Address: person.Address}}
	table := eform.Value{}
	for i := range rows {
		table.Rows = append(table.Rows, map[string]string{"ten": fmt.Sprintf("Trần Quốc Thứ %d", i+1),
			"sinh": "2001", "gioi": "nam", "ghi": strings.Repeat("ghi chú dài ", i%12)})
	}
	answers := everyType(t).Compute(eform.Answers{
		"ten": {Text: "Nguyễn Thị Hồng Ánh"}, "sinh": {Text: "1990-05-17"}, "nam": {Text: "1962"},
		"thang": {Text: "2020-04"}, "so": {Text: "037190001234"}, "dan_toc": {Text: "01"},
		"ly_do": {Many: []string{"hoc", "lam"}}, "tien": {Text: "150000000"},
		"o": {Rows: []map[string]string{{eform.PartProvince: "37", eform.PartCommune: "14329",
			eform.PartCommuneName: "Phường Hoa Lư", eform.PartDetail: "Số nhà 12, ngõ 45, đường Lê Đại Hành",
			eform.PartOld: "thành phố Hoa Lư"}}},
		"dien_tich": {Text: "120.5"}, "cam_doan": {Text: eform.No}, "ghi_chu": {Text: "Dòng một.\nDòng hai."},
		"nguoi_cung": table,
	}, workday.DateOf(submitted))
	return &dossier.Revision{Dossier: "H42.37.14329-260302-0001", Number: 1, Lang: "vi", Owner: filer,
		Person: filer, Answers: answers, SubmittedAt: submitted}
}

func document(t testing.TB, r *dossier.Revision) sheet.FormData {
	t.Helper()
	return sheet.FormOfRevision(r, sheet.FormSubmission{Form: everyType(t),
		To: "Ủy ban nhân dân phường Hoa Lư", SHA256: hash, TrackURL: track})
}

func draftForm(t testing.TB, rows int) sheet.FormData {
	t.Helper()
	d := document(t, filedForm(t, rows))
	d.Draft, d.Code, d.SHA256, d.TrackURL = true, "", "", ""
	return d
}

func forms(t testing.TB) map[string]sheet.FormData {
	t.Helper()
	english, again := filedForm(t, 3), filedForm(t, 3)
	english.Lang = "en"
	english.Owner = dossier.Party{Kind: identity.Organisation, Name: company.Name, Number: company.Number}
	again.Number = 2
	for _, r := range []*dossier.Revision{english, again} {
		r.Confirmed = []dossier.Confirmed{{Rule: "same_year_of_birth",
			Message: "Số định danh này là của người sinh năm 1990. Hãy xem lại số định danh và năm sinh " +
				"của người yêu cầu, kể cả khi cả hai đã đúng như trên giấy tờ"},
			{Rule: "compare", Message: "Người cùng đăng ký lớn hơn bạn 40 tuổi"}}
	}
	return map[string]sheet.FormData{
		"form_submitted": document(t, filedForm(t, 3)), "form_english": document(t, english),
		"form_supplement": document(t, again), "form_draft": draftForm(t, 40),
	}
}

// TestFormSays holds that every answer stands on the page as people read it.
func TestFormSays(t *testing.T) {
	t.Parallel()
	text := printed(t, document(t, filedForm(t, 3)))
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "TỜ KHAI MỌI LOẠI CÂU TRẢ LỜI",
		"Kính gửi: Ủy ban nhân dân phường Hoa Lư", "1. Người yêu cầu", "1.1. Thông tin của bạn",
		"2. Nội dung yêu cầu", "2.1. Người cùng đăng ký", "17/05/1990",
		"Ngày mười bảy tháng năm năm một nghìn chín trăm chín mươi", "1962", "04/2020",
		"Số nhà 12, ngõ 45, đường Lê Đại Hành, Phường Hoa Lư, ", "Kinh", "Đi học", "Đi làm", "150.000.000",
		"Một trăm năm mươi triệu đồng", "120,5", "(không kê khai)", "Trần Quốc Thứ 3",
		"Ninh Bình, ngày 02 tháng 03 năm 2026", "NGƯỜI NỘP HỒ SƠ", "Trang 1/", hash, track,
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	for _, foreign := range []string{"Câu hỏi bị ẩn", "BẢN NHÁP", "Full name", "□"} {
		if strings.Contains(flat, foreign) {
			t.Errorf("%q is on the page:\n%s", foreign, text)
		}
	}
}

func printed(t testing.TB, d sheet.FormData) string {
	t.Helper()
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return textOf(t, pdf)
}

// TestFormDraft holds that each page of a draft is marked, over a table of more than ten pages whose head is
// repeated.
func TestFormDraft(t *testing.T) {
	t.Parallel()
	pages := strings.Split(strings.TrimSuffix(printed(t, draftForm(t, 200)), "\f"), "\f")
	if len(pages) < 10 {
		t.Fatalf("%d pages", len(pages))
	}
	rows := 0
	for i, page := range pages {
		// The mark across the page reads letter by letter; the foot says it too.
		if !strings.Contains(page, "BẢN NHÁP – chưa nộp, không có giá trị pháp lý") ||
			!strings.Contains(page, fmt.Sprintf("Trang %d/%d", i+1, len(pages))) {
			t.Errorf("page %d is not marked:\n%s", i+1, page)
		}
		if strings.Contains(page, "Trần Quốc Thứ") && !strings.Contains(page, "Giới tính") {
			t.Errorf("page %d has rows and no head:\n%s", i+1, page)
		}
		rows += strings.Count(page, "Trần Quốc Thứ")
	}
	if rows != 200 {
		t.Errorf("%d rows of 200", rows)
	}
	if strings.Contains(strings.Join(pages, ""), "Mã hồ sơ") {
		t.Error("a draft has a code")
	}
}

// TestFormWatermark holds that the mark is drawn on each page of a draft and on none of what was submitted.
func TestFormWatermark(t *testing.T) {
	t.Parallel()
	count := func(d sheet.FormData) (marks, pages int) {
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		plain := inflated(t, pdf)
		return len(regexp.MustCompile(`0\.894 0\.894 0\.894 rg|0\.894 g`).FindAll(plain, -1)),
			bytes.Count(plain, []byte("/Type /Page\n"))
	}
	if marks, pages := count(draftForm(t, 200)); pages < 10 || marks != pages {
		t.Errorf("%d marks on %d pages of a draft", marks, pages)
	}
	if marks, _ := count(document(t, filedForm(t, 3))); marks != 0 {
		t.Errorf("%d marks on what was submitted", marks)
	}
}

// TestFormHostile prints what no typeface has, and what could hide or turn text around.
func TestFormHostile(t *testing.T) {
	t.Parallel()
	r := filedForm(t, 0)
	r.Answers["ten"] = eform.Value{Text: "Nguyễn\u202eVăn\u2066 A\x00n\x1b[31m"}
	r.Answers["ghi_chu"] = eform.Value{Text: "😀 王 שלום " + strings.Repeat("khongcokhoangtrang", 200) +
		" \xff"}
	r.Answers["trong"] = eform.Value{Text: "\\(x\\) (( ))) <script> %PDF endobj"}
	text := printed(t, document(t, r))
	foot := regexp.MustCompile(`Mã hồ sơ: .*Trang \d+/\d+`) // it stands within what goes over pages
	flat := strings.Join(strings.Fields(foot.ReplaceAllString(text, "")), "")
	for _, want := range []string{"NguyễnVănAn[31m", "□□□□□□", "khongcokhoangtrang□",
		`\(x\)(()))<script>%PDFendobj`, "màphôngchữcủabảninnàykhôngcó"} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if n := strings.Count(flat, "khongcokhoangtrang"); n != 200 {
		t.Errorf("%d of 200 words without a blank", n)
	}
}

// TestFormLetters prints every letter of Vietnamese as a label, an answer, a head and a title, and finds each
// again.
func TestFormLetters(t *testing.T) {
	t.Parallel()
	all := letters + " " + strings.ToUpper(letters)
	text := printed(t, sheet.FormData{Title: i18n.Text{Vi: letters}, To: all, At: submitted, Code: "X",
		Revision: 1,
		Steps: []sheet.FormStep{{Title: i18n.Text{Vi: all},
			Sections: []sheet.FormSection{{Rows: []sheet.FormRow{
				{Label: i18n.Text{Vi: all}, Text: all, Note: all},
				{Label: i18n.Text{Vi: "x"}, Grid: &sheet.FormGrid{Head: []i18n.Text{{Vi: all}},
					Rows: [][]string{{all}}}},
			}}}}}})
	for _, letter := range strings.Fields(all) {
		if strings.Count(text, letter) < 7 {
			t.Errorf("%s is on the page %d times", letter, strings.Count(text, letter))
		}
	}
}

func BenchmarkForm(b *testing.B) {
	for name, d := range map[string]sheet.FormData{"submitted": document(b, filedForm(b, 3)),
		"draft": draftForm(b, 3)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.PDF(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
