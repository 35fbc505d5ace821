package portal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"congdvc/services/procedure"
	"congdvc/services/procedure/national"
	"congdvc/services/workday"
)

// importNational brings records in and returns the codes of those that were taken.
func importNational(t *testing.T, s *site, records []byte) (codes []string) {
	t.Helper()
	must(t, national.Import(t.Context(), s.Pool, bytes.NewReader(records),
		national.ImportIn{On: workday.DateOf(time.Now()), Tell: func(i national.Imported) error {
			if i.Outcome == procedure.Refused {
				t.Errorf("line %d, %s: %v", i.Line, i.Code, i.Reason)
			}
			if i.Outcome == procedure.Added {
				codes = append(codes, i.Code)
			}
			return nil
		}}))
	return codes
}

// TestImportedProcedure: what a record leaves open is said in its own words or left out, never made up.
func TestImportedProcedure(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	importNational(t, s, []byte(`{"MATTHC":"9.000001","TENTTHC":"Thủ tục trống"}
{"MATTHC":"9.000002","TENTTHC":"Thủ tục <b>thử</b>","SOQUYETDINH":"1/QĐ-A","LINHVUCTHUCHIEN":"Hộ tịch","COQUANPHOIHOP":"Sở B","TRINHTUTHUCHIEN":"Nộp hồ sơ.\nNhận kết quả.","CACHTHUCTHUCHIEN":[{"KENH":"Trực tiếp","THOIGIANGIAIQUYET":1.5,"DONVITINH":"Ngày","PHILEPHI":[{"SOTIEN":null,"MOTA":"10 USD"}],"MOTA":""}],"THANHPHANHOSO":[{"TRUONGHOP":"Lưu ý:","GIAYTO":[{"TENGIAYTO":"Bản sao phải rõ","SOBANCHINH":0,"SOBANSAO":0}]}]}`))
	b := s.visitor(t)
	empty := b.get("/thu-tuc/9.000001")
	full := b.get("/en/thu-tuc/9.000002")
	checkPage(t, s, empty)
	checkPage(t, s, full)
	for _, lie := range []string{"Miễn phí", "0 phút", "Không phải nộp giấy tờ nào", "<li></li>", "<p></p>"} {
		if empty.StatusCode != http.StatusOK || strings.Contains(empty.body, lie) {
			t.Errorf("%d, the empty record says %q", empty.StatusCode, lie)
		}
	}
	for _, said := range []string{"1,5 ngày", "10 USD", "Bản sao phải rõ", "Nộp hồ sơ.<br>Nhận kết quả.",
		"1/QĐ-A", "Sở B", "Information only", "&lt;b&gt;thử"} {
		if !strings.Contains(full.body, said) {
			t.Errorf("the page lacks %q", said)
		}
	}
}

// TestPagesOfNationalRecords looks at every page of the national records.
func TestPagesOfNationalRecords(t *testing.T) {
	t.Parallel()
	records, err := os.ReadFile("../../shared/data/national-procedures.sample.ndjson")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the national records are not beside this clone")
	}
	must(t, err)
	s := newSite(t)
	codes := importNational(t, s, records)
	if len(codes) < 150 {
		t.Errorf("only %d were taken", len(codes))
	}
	b := s.visitor(t)
	for i, code := range codes {
		if i%15 != 0 {
			continue
		}
		for _, path := range []string{"/thu-tuc/", "/en/thu-tuc/"} {
			p := b.get(path + code)
			if p.StatusCode != http.StatusOK || strings.Contains(p.body, "<li></li>") ||
				strings.Contains(p.body, "⟦") {
				t.Errorf("%s%s: %d", path, code, p.StatusCode)
			}
			checkPage(t, s, p)
		}
	}
}
