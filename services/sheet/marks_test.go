package sheet_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/sheet"
)

// Letters of the peoples of the Central Highlands and of passports, which Unicode composes of a letter and
// marks or which are not in Vietnamese.
const (
	highlands = "Ê̆ ê̆ Ô̆ ô̆ Ơ̆ ơ̆ Ư̆ ư̆ Ƀ ƀ Č č Ĕ ĕ Ĭ ĭ Ñ ñ Ŏ ŏ Ŭ ŭ B̆ b̆ C̆ c̆ D̆ d̆ J̆ j̆ N̆ n̆"
	elsewhere = "Əə Şş Ğğ İı Țț Łł Øø Ææ Þþ Ɖɖ Ǝǝ Ŋŋ Ѐ Иван Ґанна Ελένη M̄ m̄ Q̇ x̣ x̣̂ r̥ H̱ T̈ W̊"
)

func markedForm() sheet.FormData {
	all := highlands + " " + elsewhere
	return sheet.FormData{Title: i18n.Text{Vi: highlands}, To: all, At: submitted, Code: "X", Revision: 1,
		Person: sheet.Party{Name: "Y Ơ̆n Niê Ƀuôn Kdăm"}, Owner: sheet.Party{Name: "Y Ơ̆n Niê Ƀuôn Kdăm"},
		Steps: []sheet.FormStep{{Title: i18n.Text{Vi: highlands}, Sections: []sheet.FormSection{{
			Rows: []sheet.FormRow{{Label: i18n.Text{Vi: "Tên"}, Text: all, Note: all},
				{Label: i18n.Text{Vi: "Dài"}, Text: strings.Repeat("ơ̆", 200)},
				{Label: i18n.Text{Vi: "x"}, Grid: &sheet.FormGrid{Head: []i18n.Text{{Vi: all}},
					Rows: [][]string{{all}}}}}}}}},
	}
}

// TestMarks prints letters with marks of their own and finds each again, whole, as a title, an answer, a note
// and in a table.
func TestMarks(t *testing.T) {
	t.Parallel()
	pdf, err := markedForm().PDF()
	if err != nil {
		t.Fatal(err)
	}
	text := norm.NFC.String(textOf(t, pdf))
	if strings.Contains(text, "□") {
		t.Errorf("a letter is missing:\n%s", text)
	}
	for _, letter := range strings.Fields(highlands + " " + elsewhere) {
		if n := strings.Count(text, norm.NFC.String(letter)); n < 4 {
			t.Errorf("%s is on the page %d times", letter, n)
		}
	}
	if n := strings.Count(text, "Y Ơ̆n Niê Ƀuôn Kdăm"); n < 2 {
		t.Errorf("the name is on the page %d times:\n%s", n, text)
	}
	if n := strings.Count(text, "ơ̆"); n < 200 {
		t.Errorf("%d of 200 letters without a blank", n)
	}
}

// BenchmarkMarks prints a form that needs the font with every letter.
func BenchmarkMarks(b *testing.B) {
	r := filedForm(b, 3)
	r.Answers["ten"] = eform.Value{Text: "Y Ơ̆n Niê Ƀuôn Kdăm"}
	d := document(b, r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.PDF(); err != nil {
			b.Fatal(err)
		}
	}
}
