package national

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// fixture is a small record; members replace or add to it.
func fixture(t testing.TB, members map[string]any) []byte {
	t.Helper()
	record := map[string]any{
		"MATTHC": "9.000001", "TENTTHC": " Thủ tục  thử ", "SOQUYETDINH": "1/QĐ-ABC",
		"CAPTHUCHIEN": []string{"Cấp tỉnh", "Cấp xã"}, "LINHVUCTHUCHIEN": "Hộ tịch, cư trú", "LOAITTHC": "",
		"DOITUONGTHUCHIEN": []string{"Doanh nghiệp", "Công dân Việt Nam"}, "COQUANTHUCHIEN": "Sở A, Sở B",
		"COQUANCOTHAMQUYEN": "", "COQUANPHOIHOP": "", "TRINHTUTHUCHIEN": "Bước 1: Nộp.\n- Bước 2: Nhận.",
		"YEUCAU": "Không", "CACHTHUCTHUCHIEN": []any{}, "THANHPHANHOSO": []any{}, "KETQUATHUCHIEN": []any{},
		"CANCUPHAPLY": []any{},
	}
	for name, value := range members {
		record[name] = value
	}
	raw, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func readFixture(t *testing.T, members map[string]any) procedure.Definition {
	t.Helper()
	d, _, err := read(fixture(t, members))
	if err != nil {
		t.Fatal(err)
	}
	s, err := procedure.FromRecord(d, day(t, "2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	return s.Definition
}

type object = map[string]any

func filed(channel string, number any, unit any, note string, fees ...any) object {
	if fees == nil {
		fees = []any{}
	}
	return object{"KENH": channel, "THOIGIANGIAIQUYET": number, "DONVITINH": unit, "MOTA": note,
		"PHILEPHI": fees}
}

func fee(amount any, kind any, note string) object {
	return object{"SOTIEN": amount, "LOAI": kind, "MOTA": note}
}

func TestRead(t *testing.T) {
	t.Parallel()
	d := readFixture(t, nil)
	if d.Code != "9.000001" || d.Name.Vi != "Thủ tục  thử" || d.Name.En != "" ||
		d.Level != procedure.Information || d.AgencyText.Vi != "Sở A, Sở B" {
		t.Errorf("read %+v", d)
	}
	if !slices.Equal(d.Audience, []string{"citizen", "business"}) || len(d.ReceivedBy.Kinds) != 2 ||
		len(d.Conditions) != 0 {
		t.Errorf("audience %v, receivers %v, conditions %v", d.Audience, d.ReceivedBy, d.Conditions)
	}
	if len(d.Steps) != 2 || d.Steps[0].Vi != "Nộp." || d.Steps[1].Vi != "Nhận." ||
		d.Source.Decision != "1/QĐ-ABC" {
		t.Errorf("steps %q, source %+v", d.Steps, d.Source)
	}
	for _, whole := range []string{"Nộp rồi nhận.", "Trước hết\nBước 1: a\nBước 2: b", "Bước 1: a\nBước 3: b",
		"a) Xã\nBước 1: a\nb) Tỉnh\nBước 1: b"} {
		if d := readFixture(t, object{"TRINHTUTHUCHIEN": whole}); len(d.Steps) != 1 ||
			d.Steps[0].Vi != whole {
			t.Errorf("%q became %q", whole, d.Steps)
		}
	}
	_, left, err := read(fixture(t,
		object{"KETQUATHUCHIEN": []any{object{"MAKETQUA": "dsfas", "TENKETQUA": "Giấy\u0000 phép"}}}))
	if err != nil || len(left) != 1 {
		t.Errorf("a test code: left %v, %v", left, err)
	}
}

func TestReadTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rows  []any
		term  workday.Term // of the counter
		texts []string
	}{
		{"certain", []any{filed("Trực tiếp", 7, "Ngày làm việc", "")},
			workday.Term{Amount: 7, Unit: workday.WorkingDay}, nil},
		{"the same twice", []any{filed("Trực tiếp", 2, "Tháng", "a"), filed("Trực tiếp", 2, "Tháng", "b")},
			workday.Term{Amount: 2, Unit: workday.Month}, nil},
		{"no unit", []any{filed("Trực tiếp", 1, nil, "")}, workday.Term{},
			[]string{"1 (nguồn không ghi đơn vị thời gian)"}},
		{"no number", []any{filed("Trực tiếp", nil, nil, "Không quy định")}, workday.Term{},
			[]string{"Không quy định"}},
		{"nothing", []any{filed("Trực tiếp", nil, nil, "")}, workday.Term{}, nil},
		{"a half", []any{filed("Trực tiếp", 1.5, "Ngày", "")}, workday.Term{}, []string{"1,5 ngày"}},
		{"zero", []any{filed("Trực tiếp", 0, "Ngày làm việc", "")}, workday.Term{},
			[]string{"0 ngày làm việc"}},
		{"hours of what", []any{filed("Trực tiếp", 48, "Giờ", "")}, workday.Term{}, []string{"48 giờ"}},
		{"two times", []any{filed("Trực tiếp", 1, "Ngày", "dễ"), filed("Trực tiếp", 5, "Ngày", "khó")},
			workday.Term{}, []string{"1 ngày: dễ", "5 ngày: khó"}},
	} {
		d := readFixture(t, object{"CACHTHUCTHUCHIEN": c.rows})
		v := &procedure.Version{Definition: d}
		term, _ := v.Term("", procedure.Counter)
		var texts []string
		for _, text := range d.Channels[0].TimeText {
			texts = append(texts, text.Vi)
		}
		if term != c.term || !slices.Equal(texts, c.texts) {
			t.Errorf("%s: %+v, %q", c.name, term, texts)
		}
	}
}

func TestReadFees(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fees   []any
		amount int64 // -1 when none is certain
		texts  []string
	}{
		{"no note", []any{fee(20_000, "Lệ phí", "")}, 20_000, nil},
		{"for each", []any{fee(100_000, nil, "100.000 đồng/Giấy chứng nhận.")}, 100_000, nil},
		{"for each, another sum", []any{fee(20_000, nil, "20 VNĐ (20.000 vnđ /tờ khai)")}, -1,
			[]string{"20.000\u00a0đ: 20 VNĐ (20.000 vnđ /tờ khai)"}},
		{"free", []any{fee(0, nil, "Không có.")}, 0, nil},
		{"reduced for a time", []any{fee(800_000, "Phí", "400.000 đồng đến hết 2026")}, -1,
			[]string{"Phí: 800.000\u00a0đ: 400.000 đồng đến hết 2026"}},
		{"dollars", []any{fee(nil, nil, "10 USD (10 USD/người.)")}, -1, []string{"10 USD (10 USD/người.)"}},
		{"free with a note", []any{fee(nil, nil, "Miễn phí (theo nghị quyết)")}, -1,
			[]string{"Miễn phí (theo nghị quyết)"}},
		{"two", []any{fee(1000, nil, ""), fee(2000, nil, "")}, -1, []string{"1.000\u00a0đ", "2.000\u00a0đ"}},
		{"none", nil, -1, nil},
		{"a half", []any{fee(0.5, nil, "nửa đồng")}, -1, []string{"nửa đồng"}},
	} {
		d := readFixture(t, object{"CACHTHUCTHUCHIEN": []any{filed("Trực tuyến", 1, "Ngày", "", c.fees...)}})
		amount := int64(-1)
		if len(d.Fees) == 1 {
			amount = int64(*d.Fees[0].Amount)
		}
		var texts []string
		for _, text := range d.Channels[0].FeeText {
			texts = append(texts, text.Vi)
		}
		if amount != c.amount || !slices.Equal(texts, c.texts) {
			t.Errorf("%s: %d, %q", c.name, amount, texts)
		}
	}
}

func TestReadPapers(t *testing.T) {
	t.Parallel()
	paper := func(name string, originals, copies int, form any) object {
		return object{"TENGIAYTO": name, "MAUDON": form, "SOBANCHINH": originals, "SOBANSAO": copies}
	}
	group := func(heading any, papers ...any) object { return object{"TRUONGHOP": heading, "GIAYTO": papers} }
	d := readFixture(t, object{"THANHPHANHOSO": []any{
		group("Trường hợp cấp mới:", paper("Đơn", 1, 0, "a.doc; b.doc"), paper("Ảnh", 2, 0, nil),
			paper("Nộp một trong hai", 0, 0, nil)),
		group("(2) Đối với trường hợp cấp lại", paper("Đơn", 1, 0, "a.doc; b.doc"),
			paper("Đơn", 1, 0, "a.doc; b.doc")),
	}})
	if len(d.Cases) != 2 || d.Cases[0].Name.Vi != "Trường hợp cấp mới" || len(d.Requirements) != 2 ||
		len(d.Notes) != 1 {
		t.Fatalf("cases %+v, papers %+v, notes %+v", d.Cases, d.Requirements, d.Notes)
	}
	if r := d.Requirements[0]; !slices.Equal(r.Cases, []string{"truong_hop_1", "truong_hop_2"}) ||
		!slices.Equal(r.Forms, []string{"a.doc", "b.doc"}) {
		t.Errorf("shared paper %+v", r)
	}
	d = readFixture(t, object{"THANHPHANHOSO": []any{
		group("Giấy tờ phải nộp:", paper("Đơn", 1, 0, nil)),
		group("Giấy tờ phải xuất trình:", paper("Thẻ căn cước", 1, 0, nil)),
		group("Trường hợp ủy quyền:", paper("Văn bản ủy quyền", 0, 1, nil)),
		group("Lưu ý:", paper("Bản sao phải chứng thực", 0, 0, nil)),
	}})
	if len(d.Cases) != 0 || len(d.Requirements) != 3 || len(d.Notes) != 1 {
		t.Fatalf("headings: cases %+v, papers %+v, notes %+v", d.Cases, d.Requirements, d.Notes)
	}
	if d.Requirements[0].Mode != procedure.Submit || d.Requirements[1].Mode != procedure.Show ||
		d.Requirements[2].Help.Vi != "Trường hợp ủy quyền:" || d.Requirements[0].Help.Vi != "" {
		t.Errorf("headings: %+v", d.Requirements)
	}
}

// TestSampleIsReadable reads every record and looks that the facts that have a place are there.
func TestSampleIsReadable(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	records, papers := 0, 0
	for line := range bytes.Lines(raw) {
		d, _, err := read(line)
		if err != nil {
			t.Errorf("%s: %v", d.Code, err)
			continue
		}
		again, _, err := read(line)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%s reads otherwise the second time", d.Code)
		}
		if _, err := procedure.FromRecord(d, day(t, "2026-11-23")); err != nil {
			t.Error(err)
		}
		records++
		papers += len(d.Requirements)
		if said := wholeText(t, d); !keepsNames(t, line, said) {
			t.Errorf("%s lost a paper", d.Code)
		}
	}
	if records != 200 || papers < 1000 {
		t.Errorf("%d records with %d papers", records, papers)
	}
}

func wholeText(t *testing.T, d procedure.Definition) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// keepsNames reports whether the name of every paper and every heading with its own words is somewhere in a
// definition.
func keepsNames(t *testing.T, line []byte, said string) bool {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		t.Fatal(err)
	}
	for _, g := range r.THANHPHANHOSO {
		for _, p := range g.GIAYTO {
			quoted := wholeText(t, procedure.Definition{Name: vi(p.TENGIAYTO)})
			quoted = quoted[strings.Index(quoted, `"vi":`):strings.Index(quoted, `,"en"`)]
			if !strings.Contains(said, quoted) {
				return false
			}
		}
	}
	return true
}

// TestCutKeepsEveryWord cuts the headings of the real records: what was between name and rest is nowhere but
// the end of a sentence, or stands in the name.
func TestCutKeepsEveryWord(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	ends := strings.NewReplacer(".", "", ":", "", "\n", "", " ", "", "…", "")
	cuts, clauses := 0, 0
	for line := range bytes.Lines(raw) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		for _, g := range r.THANHPHANHOSO {
			heading := tidy(g.TRUONGHOP)
			name, rest := cut(heading)
			if rest == "" {
				continue
			}
			cuts++
			if ends.Replace(name+rest) != ends.Replace(heading) {
				t.Errorf("%s: %q is cut into %q and %q", r.MATTHC, heading, name, rest)
			}
			inside := strings.HasSuffix(name, ", …") || strings.HasSuffix(name, "; …")
			if inside != strings.HasPrefix(rest, "… ") {
				t.Errorf("%s: only one of %q and %q says that it is a part", r.MATTHC, name, rest)
			}
			if inside {
				clauses++
			}
		}
	}
	if cuts < 20 || clauses < 10 {
		t.Errorf("%d headings are cut, %d of them between clauses", cuts, clauses)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(fixture(f, nil))
	f.Add(fixture(f,
		object{"CACHTHUCTHUCHIEN": []any{filed("Trực tiếp", 1.5, "Giờ", "x",
			fee(1e300, "Phí", "1 đồng/a"))}}))
	f.Add(fixture(f,
		object{"THANHPHANHOSO": []any{object{"TRUONGHOP": "Đối với a",
			"GIAYTO": []any{object{"TENGIAYTO": "b", "SOBANCHINH": -1}}}}}))
	f.Add([]byte(`{"MATTHC":"1.000001","TENTTHC":"\u0000\ud800 x","TRINHTUTHUCHIEN":"Bước 1: \nBước 2:"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		d, _, err := read(line)
		if err != nil {
			return
		}
		s, err := procedure.FromRecord(d, workday.Date{Year: 2026, Month: 11, Day: 23})
		if err != nil {
			t.Fatalf("was read, but: %v", err)
		}
		raw, err := json.Marshal(s.Definition)
		if err != nil || strings.Contains(string(raw), `\u0000`) {
			t.Fatalf("cannot be stored: %v", err)
		}
	})
}
