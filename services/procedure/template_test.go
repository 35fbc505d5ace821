package procedure

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/i18n"
	"congdvc/services/pgtest"
	"congdvc/services/postgres"
)

// archive is a zip file with members of these names and contents.
func archive(t testing.TB, members ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(members); i += 2 {
		f, err := w.Create(members[i])
		if err == nil {
			_, err = f.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCheckTemplate(t *testing.T) {
	t.Parallel()
	docx := archive(t, "[Content_Types].xml", "", "word/document.xml", "<w/>")
	for name, c := range map[string]struct {
		content []byte
		fine    bool
	}{
		"Mẫu số 01.docx": {docx, true},
		"Mẫu số 01.DOCX": {docx, true},
		"a.xlsx":         {archive(t, "xl/workbook.xml", ""), true},
		"a.odt":          {archive(t, "mimetype", openDocumentText), true},
		"a.doc":          {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1…"), true},
		"a.rtf":          {[]byte(`{\rtf1 x}`), true},
		"a.pdf":          {[]byte("%PDF-1.7"), true},
		"b.pdf":          {docx, false},
		"b.odt":          {docx, false},
		"b.docx":         {[]byte("PK\x03\x04"), false},
		"macro.docx": {archive(t, "word/document.xml", "", "word/vbaProject.bin", ""),
			false},
		"a.exe":                            {[]byte("MZ"), false},
		"a.docm":                           {docx, false},
		"../a.docx":                        {docx, false},
		".docx":                            {docx, false},
		"a\u202exslx.docx":                 {docx, false},
		"a\n.docx":                         {docx, false},
		strings.Repeat("a", 161) + ".docx": {docx, false},
		"large.pdf":                        {append([]byte("%PDF-"), make([]byte, MostTemplate)...), false},
		"":                                 {docx, false},
	} {
		if _, err := checkTemplate(name, c.content); (err == nil) != c.fine {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// bringRecord brings in what could be a record whose only paper has these forms.
func bringRecord(t *testing.T, pool *pgxpool.Pool, code string, forms ...string) {
	t.Helper()
	s, err := FromRecord(Definition{
		Code: code, Name: i18n.Text{Vi: "Thủ tục thử"}, Level: Information,
		Source: &Origin{Service: National},
		Requirements: []Requirement{{ID: "giay_to_1", Name: i18n.Text{Vi: "Đơn"}, Mode: Submit, Originals: 1,
			Forms: forms}},
	}, day(t, "2026-11-01"))
	if err != nil {
		t.Fatal(err)
	}
	if told, err := Bring(t.Context(), pool, s, BringIn{}); err != nil || told.Outcome != Added {
		t.Fatalf("%s: %+v, %v", code, told, err)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	bringRecord(t, pool, "9.000001", "Mẫu số 01.pdf", "Đơn riêng.pdf")
	bringRecord(t, pool, "9.000002", "Mẫu số 01.pdf")
	put := func(in NewTemplate) (o Outcome, code string, err error) {
		in.Content = append([]byte("%PDF-1.7 "), in.Content...)
		err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			o, code, err = PutTemplate(ctx, tx, in)
			return err
		})
		return o, code, err
	}
	_, _, err := put(NewTemplate{Name: "Mẫu số 01.pdf"})
	refused(t, "a name that two procedures use", err, "named by 2 procedures")
	_, _, err = put(NewTemplate{Name: "Không ai dùng.pdf"})
	refused(t, "a name that none uses", err, "names")
	_, _, err = put(NewTemplate{Name: "Đơn riêng.pdf", Code: "9.000002"})
	refused(t, "a name that the procedure does not use", err, "no requirement of 9.000002")
	for _, want := range []Outcome{Added, Same} {
		if o, code, err := put(NewTemplate{Name: "Đơn riêng.pdf"}); o != want || code != "9.000001" ||
			err != nil {
			t.Errorf("%s %s %v, want %s", o, code, err, want)
		}
	}
	for _, in := range []NewTemplate{{Name: "Mẫu số 01.pdf", Shared: true},
		{Name: "Mẫu số 01.pdf", Code: "9.000002", Content: []byte("own")}} {
		if o, _, err := put(in); o != Added || err != nil {
			t.Errorf("%+v: %s %v", in, o, err)
		}
	}
	if o, _, err := put(NewTemplate{Name: "Mẫu số 01.pdf", Code: "9.000002", Content: []byte("other")}); o !=
		Changed || err != nil {
		t.Errorf("changed: %s %v", o, err)
	}
	for code, want := range map[string]string{"9.000001": "%PDF-1.7 ", "9.000002": "%PDF-1.7 other",
		"9.999999": "%PDF-1.7 "} {
		m, content, err := readTemplate(ctx, pool, code, "Ma\u0302\u0303u so\u0302\u0301 01.pdf")
		if err != nil || string(content) != want || m.Bytes != int64(len(want)) ||
			m.MediaType != "application/pdf" || m.Kind() != "PDF" {
			t.Errorf("%s: %+v %q %v", code, m, content, err)
		}
	}
	for _, name := range []string{"", "x.pdf", "\x00", "\xff", "Đơn riêng.pdf"} {
		if _, _, err := OpenTemplate(ctx, pool, "9.000002", name); !errors.Is(err, ErrNoTemplate) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzCheckTemplate: no file makes the check panic, and what passes is one of the types.
func FuzzCheckTemplate(f *testing.F) {
	f.Add("a.docx", archive(f, "word/document.xml", ""))
	f.Add("a.odt", archive(f, "mimetype", openDocumentText))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if kind, err := checkTemplate(name, content); (kind == "") == (err == nil) {
			t.Errorf("%q, %v", kind, err)
		}
	})
}

// readTemplate reads a form file whole.
func readTemplate(ctx context.Context, db postgres.DB, code, name string) (Template, []byte, error) {
	t, content, err := OpenTemplate(ctx, db, code, name)
	if err != nil {
		return t, nil, err
	}
	all, err := io.ReadAll(content)
	return t, all, err
}
