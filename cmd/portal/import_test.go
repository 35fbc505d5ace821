package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nationalRecord is a record of the smallest kind.
const nationalRecord = `{"MATTHC":"9.000001","TENTTHC":"Thủ tục thử","CAPTHUCHIEN":["Cấp xã"],"CACHTHUCTHUCHIEN":[{"KENH":"Trực tiếp","THOIGIANGIAIQUYET":3,"DONVITINH":"Ngày làm việc","PHILEPHI":[],"MOTA":""}],"KETQUATHUCHIEN":[{"MAKETQUA":"test","TENKETQUA":"Giấy phép"}]}`

func (p *program) input(text string) string {
	p.Helper()
	name := filepath.Join(p.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
	return name
}

func TestImportProcedures(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	file := p.input(nationalRecord + "\n" + strings.Replace(nationalRecord, "9.000001", "1.001193", 1) + "\n")
	p.has(p.must("import", "procedures", "--dry-run", file), "9.000001: added",
		"1.001193: kept out: differs in", "This was a dry run")
	p.refused("not found", "export", "procedures", "--code", "9.000001")
	out := p.must("import", "procedures", file)
	p.has(out, `line 1, 9.000001: added: left out the result's code "test"`, "line 2, 1.001193: kept out",
		"1      0        0     1         0")
	if strings.Contains(out, "\r") {
		t.Error("a bar is written where there is no terminal")
	}
	p.has(p.must("import", "procedures", file), "line 2, 1.001193: kept out",
		"0      0        1     1         0")
	p.has(p.must("export", "procedures", "--code", "9.000001,1.001193"), `"code":"1.001193"`, `"form":`,
		`"code":"9.000001"`)
	bad := p.input("{}\n" + strings.Replace(nationalRecord, "9.000001", "9.000002", 1))
	out, err := p.run("import", "procedures", bad)
	if err == nil || !strings.Contains(err.Error(), "1 line was refused") {
		t.Errorf("a bad record: %v", err)
	}
	p.has(out, "line 1, no code: refused: has no code", "line 2, 9.000002: added")
	p.refused("no such file", "import", "procedures", "/nowhere")
	p.refused("--from", "import", "procedures", file, "--from", "soon")
}

func TestImportCSV(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	communes := p.input("code,name,kind,province_code\n14999,Mới,Xã,37\n")
	p.refused("name one by --parent", "import", "communes", communes, "--province", "37")
	p.must("import", "starter")
	for range 2 {
		p.has(p.must("import", "communes", communes, "--province", "37", "--dry-run"),
			"agencies of communes   1      0        0", "communes in addresses  1      13       0",
			"This was a dry run")
	}
	p.has(p.must("import", "communes", communes, "--province", "37"),
		"agencies of communes   1      0        0", "communes in addresses  1      13       0")
	p.has(p.must("import", "communes", communes, "--province", "37"),
		"agencies of communes   0      0        1", "communes in addresses  0      0        1")
	p.refused("nothing was written", "import", "communes", communes, "--province", "38")
	agencies := p.input("code,kind,name,name_en,valid_from,parent\nH42.SXD,department,Sở Xây " +
		"dựng,Department of Construction,2025-07-01,H42\n")
	p.has(p.must("import", "agencies", agencies), "agencies  1      0        0")
	holidays := p.input("date,kind,name,name_en\n2028-01-03,off,Nghỉ bù,Substitute day\n")
	p.refused("--through makes it know more", "import", "holidays", holidays)
	p.has(p.must("import", "holidays", holidays, "--through", "2028-12-31"), "calendars  0      2        0")
	p.has(p.must("import", "holidays", holidays), "calendars  0      0        2")
}

// TestImportStarterKeepsWhatWasChanged: what an operator imported stays when the starter comes again, which
// says so.
func TestImportStarterKeepsWhatWasChanged(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	p.must("import", "agencies",
		p.input("code,kind,name,name_en,valid_from,parent,phone\nH42.STP,department,Sở Tư pháp,Department "+
			"of Justice,2025-07-01,H42,0229 000 000\n"))
	p.must("import", "holidays",
		p.input("date,kind,name,name_en,calendar\n2027-12-31,off,Nghỉ,Day off,hanh-chinh\n"))
	for range 2 {
		p.has(p.must("import", "starter"),
			"Left as they are, because they were changed or closed here: hanh-chinh, H42.STP")
	}
	var phone string
	var holiday bool
	err := p.pool.QueryRow(t.Context(), `select a.phone, c.definition->'off' @> '[{"date": "2027-12-31"}]'
from agency a join agency_calendar c on c.name = a.calendar where a.code = 'H42.STP'`).Scan(&phone, &holiday)
	if err != nil || phone != "0229 000 000" || !holiday {
		t.Errorf("telephone %q, holiday %t, %v", phone, holiday, err)
	}
}
