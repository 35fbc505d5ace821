package national

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"congdvc/services/pgtest"
	"congdvc/services/procedure"
)

// fullRecord is a record with something in every place that the portal reads.
func fullRecord(t *testing.T, code string) string {
	paper := func(name, forms string, originals any) object {
		return object{"TENGIAYTO": name, "MAUDON": forms, "SOBANCHINH": originals, "SOBANSAO": 0}
	}
	return string(fixture(t, object{
		"MATTHC": code, "LOAITTHC": "TTHC được luật giao quy định chi tiết", "YEUCAU": "Đủ 18 tuổi",
		"COQUANCOTHAMQUYEN": "UBND tỉnh", "COQUANPHOIHOP": "Công an", "CACHTHUCTHUCHIEN": []any{
			filed("Trực tiếp", 5, "Ngày làm việc", "kể từ ngày nhận", fee(100000, "Phí", "100.000 đồng/giấy"),
				fee(0, "Lệ phí", "Theo Nghị quyết của HĐND")),
			filed("Trực tuyến", 5, nil, "Sớm nhất", fee(50000, "Lệ phí", "")),
			filed("Dịch vụ bưu chính", nil, nil, "Như trên"),
		},
		"THANHPHANHOSO": []any{
			object{"TRUONGHOP": "Trường hợp cấp mới", "GIAYTO": []any{paper("Đơn", "Mẫu số 01.docx", 1),
				paper("Lưu ý: nộp đủ", "", 0)}},
			object{"TRUONGHOP": "Trường hợp cấp lại", "GIAYTO": []any{paper("Bản khai", "", 2)}},
		},
		"KETQUATHUCHIEN": []any{object{"MAKETQUA": "KQ.G15.000031", "TENKETQUA": "Giấy phép"}},
		"CANCUPHAPLY": []any{object{"SOVANBAN": "60/2014/QH13", "TENVANBAN": "Luật Hộ tịch"},
			object{"SOVANBAN": "1/2020/TT-BTP", "TENVANBAN": nil}},
	}))
}

// validates holds every line of an export against the schema, and counts them.
func validates(t *testing.T, schema *jsonschema.Schema, pool *pgxpool.Pool) (n int) {
	t.Helper()
	for line := range strings.Lines(exportAll(t, pool, "2026-11-25")) {
		var e struct{ Definition json.RawMessage }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(e.Definition))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%.60s: %v", e.Definition, err)
		}
		n++
	}
	return n
}

// TestEveryExportFollowsTheSchema: own definitions, imported ones, and those with the general form.
func TestEveryExportFollowsTheSchema(t *testing.T) {
	t.Parallel()
	pool, schema := pgtest.New(t), compiled(t)
	load(t, pool, starter(t))
	bare := object{"MATTHC": "9.000002", "CAPTHUCHIEN": []any{}, "COQUANTHUCHIEN": nil,
		"LINHVUCTHUCHIEN": nil, "TRINHTUTHUCHIEN": nil, "DOITUONGTHUCHIEN": []any{}}
	records := []string{fullRecord(t, "9.000001"), string(fixture(t, bare)), fullRecord(t, "9.000003"),
		string(fixture(t, object{"MATTHC": "9.000004"}))}
	told, _ := imported(t, pool, strings.Join(records, "\n"), "2026-11-01")
	for _, line := range told {
		if !strings.HasSuffix(line, "added") {
			t.Fatal(line)
		}
	}
	for code, agencies := range map[string][]string{"9.000003": {"H42.STP"}, "9.000004": {"H42.STP"}} {
		inTx(t, pool, func(tx pgx.Tx) error {
			_, err := procedure.AllowGeneral(t.Context(), tx,
				procedure.AllowIn{Code: code, Agencies: agencies, On: day(t, "2026-11-24")})
			return err
		})
	}
	if n := validates(t, schema, pool); n != len(starter(t))+4 {
		t.Errorf("%d definitions", n)
	}
}

// TestNationalExportFollowsTheSchema does the same with the real records.
func TestNationalExportFollowsTheSchema(t *testing.T) {
	t.Parallel()
	raw := sample(t)
	pool := pgtest.New(t)
	imported(t, pool, string(raw), "2026-11-01")
	if n := validates(t, compiled(t), pool); n < 150 {
		t.Errorf("%d definitions", n)
	}
}

func TestSchemaRefusesInRecords(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	record, _, err := read([]byte(fullRecord(t, "9.000001")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := procedure.FromRecord(record, day(t, "2026-11-01"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(s.Definition)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(map[string]any)
		fine   bool
	}{
		"as it is": {func(map[string]any) {}, true},
		"allowed": {func(d map[string]any) {
			d["general"], d["level"] = object{}, "mot_phan"
		}, true},
		"no source": {func(d map[string]any) { delete(d, "source") }, false},
		"another source": {func(d map[string]any) {
			d["source"].(object)["service"] = "other"
		}, false},
		"online by itself":      {func(d map[string]any) { d["level"] = "mot_phan" }, false},
		"allowed but not filed": {func(d map[string]any) { d["general"] = object{} }, false},
		"no name":               {func(d map[string]any) { d["name"] = object{"vi": "", "en": ""} }, false},
		"a fee's due": {func(d map[string]any) {
			d["fees"].([]any)[0].(object)["due"] = "at_submission"
		}, false},
		"a basis of nothing": {func(d map[string]any) {
			d["basis"].([]any)[1].(object)["number"] = ""
		}, false},
		"unknown member": {func(d map[string]any) { d["unknown"] = true }, false},
	} {
		var d map[string]any
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		c.change(d)
		if err := schema.Validate(d); (err == nil) != c.fine {
			t.Errorf("%s: %v", name, err)
		}
	}
}
