package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProcedures: an operator exports a definition, edits it, brings it back as a draft, publishes and later
// closes it.
func TestProcedures(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	now, later := today().String(), today().AddDays(30).String()
	line := p.must("export", "procedures", "--code", "2.001583")
	file := p.input(strings.Replace(line, "Thành lập công ty", "Đăng ký thành lập công ty", 1))
	p.has(p.must("import", "procedures", "--draft", "--dry-run", "--from", later, file),
		"line 1, 2.001583: changed: differs in effective_from, summary", "nothing was written")
	p.must("import", "procedures", "--draft", file)
	p.has(p.must("procedures", "list", "--state", "draft"), "2.001583  2        draft", "operator")
	p.refused("has passed", "procedures", "publish", "2.001583", "--from", "2026-01-01")
	p.refused("no such draft", "procedures", "publish", "1.001193")
	p.refused("--from", "procedures", "publish", "2.001583", "--from", "soon")
	p.has(p.must("procedures", "publish", "2.001583", "--from", later), "in force from "+later)
	p.has(p.must("procedures", "show", "2.001583"), "closed", later, "published", "received by: ")
	p.has(p.must("import", "starter"), "Left as they are", "2.001583")
	p.refused("cannot end", "procedures", "close", "2.001583", "--on", now)
	p.refused("9.999999", "procedures", "close", "2.001583", "--on", later, "--successor", "9.999999")
	p.has(p.must("procedures", "close", "2.001583", "--on", today().AddDays(60).String(), "--successor",
		"1.001612"), "closed from")
	p.has(p.must("procedures", "list", "--code", "2.001583"), "closed", later, "1.001612")
	p.refused("procedure.not_found", "procedures", "show", "9.999999")
	p.refused("state", "procedures", "list", "--state", "gone")
}

func TestImportTemplates(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	named := `"GIAYTO":[{"TENGIAYTO":"Đơn","MAUDON":"Mẫu số 01.pdf","SOBANCHINH":1,"SOBANSAO":0}]`
	record := strings.Replace(nationalRecord, `"KETQUATHUCHIEN"`, `"THANHPHANHOSO":[{"TRUONGHOP":null,`+named+
		`}],"KETQUATHUCHIEN"`, 1)
	p.must("import", "procedures", p.input(record))
	folder := t.TempDir()
	for name, content := range map[string]string{"Mẫu số 01.pdf": "%PDF-1.7",
		"9.000001/Mẫu số 01.pdf": "%PDF-1.7", "Mẫu số 02.pdf": "%PDF-1.7", "Mẫu số 01.docx": "PK"} {
		file := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700),
			os.WriteFile(file, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := p.run("import", "templates", folder)
	if err == nil || !strings.Contains(err.Error(), "2 of 4 files were refused") {
		t.Errorf("%v", err)
	}
	p.has(out, "9.000001/Mẫu số 01.pdf: added (9.000001)", "Mẫu số 01.docx: refused", "Mẫu số 01.pdf: same",
		"Mẫu số 02.pdf: refused")
	p.refused("no such file", "import", "templates", "/nowhere")
}

func TestProceduresGeneral(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("import", "starter")
	p.must("import", "procedures", p.input(nationalRecord))
	p.refused("of the portal's own", "procedures", "allow-general", "1.001193")
	p.has(p.must("procedures", "allow-general", "9.000001"), "9.000001: can be filed")
	p.has(p.must("procedures", "allow-general", "9.000001"), "already")
	p.refused("no agency", "procedures", "allow-general", "9.000001", "--agency", "H42.KHAC")
	p.has(p.must("procedures", "list", "--code", "9.000001", "--state", "published"), "mot_phan", "general",
		"national")
	out, err := p.run("procedures", "disallow-general", "9.999999", "9.000001")
	if err == nil || !strings.Contains(err.Error(), "9.999999") {
		t.Errorf("an unknown code: %v", err)
	}
	p.has(out, "9.000001: is for information only")
}
