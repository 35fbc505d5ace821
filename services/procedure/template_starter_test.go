package procedure

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"congdvc/services/pgtest"
)

// letterOfAuthorisation is the form file for whoever files for somebody else.
const letterOfAuthorisation = "Giấy ủy quyền (mẫu gợi ý, không bắt buộc).docx"

// authorised are the procedures that ask for an authorisation in writing, with the requirement.
var authorised = map[string]string{
	"1.000656": "van_ban_uy_quyen", "1.001193": "van_ban_uy_quyen", "1.001612": "van_ban_uy_quyen",
	"1.004859": "van_ban_uy_quyen", "1.004873": "van_ban_uy_quyen", "2.000635": "van_ban_uy_quyen",
	"2.001583": "uy_quyen", "3.000333": "van_ban_uy_quyen",
}

// wordsOf reads the text of a part of a document back, its paragraphs a line each.
func wordsOf(t *testing.T, part io.Reader) string {
	t.Helper()
	var words strings.Builder
	decoder := xml.NewDecoder(part)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return words.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			words.Write(token)
		case xml.EndElement:
			if token.Name.Local == "p" {
				words.WriteByte('\n')
			}
		}
	}
}

// TestStarterTemplatesAreDocuments opens each as a word processor does: every part is XML and the text is
// whole.
func TestStarterTemplatesAreDocuments(t *testing.T) {
	t.Parallel()
	entries, err := fs.ReadDir(data, starterTemplates)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d form files, %v", len(entries), err)
	}
	content, err := data.ReadFile(starterTemplates + "/" + letterOfAuthorisation)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, f := range archive.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text[f.Name] = wordsOf(t, part)
	}
	for _, part := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml",
		"word/styles.xml", "word/_rels/document.xml.rels", "docProps/core.xml"} {
		if _, ok := text[part]; !ok {
			t.Errorf("no %s", part)
		}
	}
	document := text["word/document.xml"]
	for _, said := range []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n", "Độc lập - Tự do - Hạnh phúc\n",
		"GIẤY ỦY QUYỀN\n", "(Mẫu gợi ý, không bắt buộc)\n", "not a required form", "I. BÊN ỦY QUYỀN\n",
		"II. BÊN ĐƯỢC ỦY QUYỀN\n", "III. NỘI DUNG ỦY QUYỀN\n", "IV. THỜI HẠN ỦY QUYỀN\n",
		"CHỨNG THỰC CHỮ KÝ (nếu thủ tục yêu cầu)\n", "Ghi chú: ", "Note: "} {
		if !strings.Contains(document, said) {
			t.Errorf("the letter lacks %q", said)
		}
	}
	if !norm.NFC.IsNormalString(document) || strings.ContainsRune(document, '\ufffd') {
		t.Error("the letter is not in NFC")
	}
}

// TestStarterNamesItsTemplates: exactly the papers that are a letter of authorisation offer it.
func TestStarterNamesItsTemplates(t *testing.T) {
	t.Parallel()
	named := 0
	for code, v := range starter(t) {
		for _, r := range v.Requirements {
			want := authorised[code] == r.ID
			if got := slices.Contains(r.Forms, letterOfAuthorisation); got != want || len(r.Forms) > 1 {
				t.Errorf("%s %s names %q", code, r.ID, r.Forms)
			}
			if want {
				named++
			}
		}
	}
	if named != len(authorised) {
		t.Errorf("%d papers, want %d", named, len(authorised))
	}
}

func TestLoadTemplates(t *testing.T) {
	t.Parallel()
	ctx, pool := t.Context(), pgtest.New(t)
	load(t, pool, starterSources(t))
	for _, want := range []int{1, 0} {
		inTx(t, pool, func(tx pgx.Tx) error {
			added, all, err := LoadTemplates(ctx, tx)
			if added != want || all != 1 {
				t.Errorf("added %d of %d, want %d", added, all, want)
			}
			return err
		})
	}
	own := archive(t, "word/document.xml", "<w/>")
	inTx(t, pool, func(tx pgx.Tx) error {
		_, _, err := PutTemplate(ctx, tx, NewTemplate{Name: letterOfAuthorisation, Shared: true,
			Content: own})
		if err == nil {
			_, _, err = LoadTemplates(ctx, tx)
		}
		return err
	})
	if _, content, err := readTemplate(ctx, pool, "1.001193", letterOfAuthorisation); err != nil ||
		!bytes.Equal(content, own) {
		t.Errorf("the operator's file is lost: %d bytes, %v", len(content), err)
	}
}
