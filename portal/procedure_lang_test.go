package portal_test

import (
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"
)

// TestRecordInEnglish: what a record says in Vietnamese only is marked as Vietnamese on the English page, and
// a name of a paragraph's length is set smaller.
func TestRecordInEnglish(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	paper := func(heading, name string) string {
		return `{"TRUONGHOP":"` + heading + `","GIAYTO":[{"TENGIAYTO":"` + name +
			`","SOBANCHINH":1,"SOBANSAO":0}]}`
	}
	record := func(code, name string, papers ...string) string {
		return `{"MATTHC":"` + code + `","TENTTHC":"` + name +
			`","CAPTHUCHIEN":["Cấp xã"],"CACHTHUCTHUCHIEN":[{"KENH":"Trực tiếp","THOIGIANGIAIQUYET":3,"DONVITINH":"Ngày làm việc","PHILEPHI":[],"MOTA":""}],"THANHPHANHOSO":[` + strings.Join(papers, ",") + `]}`
	}
	file := record("9.000003", strings.Repeat("Thủ tục dài ", 20), paper("Trường hợp thứ nhất", "Đơn một"),
		paper("Trường hợp thứ hai", "Đơn hai")) + "\n" +
		record("9.000004", "Thủ tục ngắn", paper("Hồ sơ của cơ sở", "Đơn ba"),
			paper("Hồ sơ kèm theo", "Đơn bốn"))
	must(t, national.Import(t.Context(), s.Pool, strings.NewReader(file), national.ImportIn{
		On: workday.DateOf(s.Clock.Now()), Tell: func(i national.Imported) error { return i.Reason },
	}))
	b := s.visitor(t)
	for code, wants := range map[string][]string{
		"9.000003": {`<h1 class="long" lang="vi">`, `<span lang="vi">Trường hợp thứ nhất`,
			`<summary lang="vi">Trường hợp thứ hai`, `<span lang="vi">Đơn một</span>`},
		"9.000004": {`<h1 lang="vi">`, `<h3 lang="vi">Hồ sơ của cơ sở</h3>`},
	} {
		p := b.get(address.Procedure("en", code))
		checkPage(t, s, p)
		for _, want := range wants {
			if !strings.Contains(p.body, want) {
				t.Errorf("%s: no %s", code, want)
			}
		}
		if p := b.get(address.Procedure("vi", code)); strings.Contains(p.body, `<h1 lang`) ||
			strings.Contains(p.body, `<span lang="vi">`) {
			t.Errorf("%s: the Vietnamese page marks its own language", code)
		}
	}
}
