package eform

import (
	"errors"
	"strings"
	"testing"

	"congdvc/services/typeface"
)

// TestOtherKeyboards types each kind of field with the digits, dashes, quotes and invisible characters that
// phones, word processors and chats give. Text that people write freely stays as it is.
func TestOtherKeyboards(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for _, c := range []struct{ field, typed, want string }{
		{"ho_ten", "Ravi S／O Kumar", "Ravi S/O Kumar"},
		{"ho_ten", "Tan Ah Kow @ Lim", "Tan Ah Kow @ Lim"},
		{"ho_ten", "K‘Brê", "K'Brê"},
		{"ho_ten", "Marie\u2010Claire\u00ad", "Marie-Claire"},
		{"ho_ten", "Y Ơ\u0306n", "Y Ơ\u0306n"},
		{"so_dinh_danh", "０８７０８４０００９９９", "087084000999"},
		{"so_dinh_danh", "087\u200b084\u00a0000\u202f999\ufeff", "087084000999"},
		{"ma_so_thue", "0100233488‑001", "0100233488-001"},
		{"dien_thoai", "0084912345678", "0912345678"},
		{"dien_thoai", "+84 (0) 912.345.678", "0912345678"},
		{"dien_thoai", "+49 151 23456789", "+4915123456789"},
		{"thu", "\u200blan＠example．vn", "lan@example.vn"},
		{"dien_tich", "１．２３４，５", "1234.5"},
		{"dien_tich", "1\u202f234,5", "1234.5"},
		{"dien_tich", "١٢٣٫٥", "123.5"},
		{"dien_tich", "25²", "25²"}, // not 252
		{"dien_tich", "½", "½"},
		{"von", "1’500’000", "1500000"},
		{"von", "１５０　０００", "150000"},
		{"ghi_chu", "25 m² – “tầng” ①\ufe0f", "25 m² – “tầng” ①"},
		{"ly_do", "½ thửa\nＡ", "½ thửa\nＡ"},
	} {
		a, err := f.DecodeStep(f.Step(f.Field(c.field).Step()), posted(c.field+"="+c.typed))
		if err != nil || a[c.field].Text != c.want {
			t.Errorf("%s: %q became %q (%v), want %q", c.field, c.typed, a[c.field].Text, err, c.want)
		}
	}
	a, err := f.DecodeStep(f.Step(f.Field("ngay_sinh").Step()), posted("ngay_sinh.ngay=１５",
		"ngay_sinh.thang=٠٣", "ngay_sinh.nam=\u200b1990\u00a0"))
	if err != nil || a["ngay_sinh"].Text != "1990-03-15" {
		t.Errorf("the date is read as %q (%v)", a["ngay_sinh"].Text, err)
	}
	if got := f.Field("ngay_sinh").Canonical("１５／３／１９９０"); got != "1990-03-15" {
		t.Errorf("the date is read as %q", got)
	}
}

// TestWhatPapersCannotShowIsSaid refuses a letter that the papers' type lacks in every kind of field that
// takes letters, and names it.
func TestWhatPapersCannotShowIsSaid(t *testing.T) {
	t.Parallel()
	f, err := Load(form(`{"id":"ten","type":"name","label":T}`, `{"id":"ngan","type":"text","label":T}`,
		`{"id":"dai","type":"long_text","label":T}`, `{"id":"o","type":"address","label":T}`,
		`{"id":"bang","type":"table","label":T,"min":1,"max":3,"columns":[{"id":"ten","type":"name","label":T},`+
			`{"id":"ghi","type":"text","label":T}]}`))
	if err != nil {
		t.Fatal(err)
	}
	answers := func(text string) Answers {
		return Answers{"ten": {Text: text}, "ngan": {Text: text}, "dai": {Text: "a\n" + text},
			"o": {Rows: []map[string]string{{PartProvince: "37", PartCommune: text, PartDetail: text,
				PartOld: text}}},
			"bang": {Rows: []map[string]string{{"ten": text, "ghi": text}}}}
	}
	for _, text := range []string{"Nguyễn Thị Lan", "Y Ơ\u0306n Niê Ƀuôn", "Əliyev", "Иван"} {
		if faults := f.Check(answers(text), today); len(faults) > 0 {
			t.Errorf("%s is refused: %v", text, faults)
		}
	}
	want := "ten ngan dai o.xa o.chi_tiet o.huyen_cu bang.0.ten bang.0.ghi"
	for _, letter := range []string{"金", "김", "ส", "ខ", "ע"} {
		var fields []string
		for _, bad := range f.Check(answers("Lan "+letter), today) {
			fields = append(fields, bad.Field)
			if !errors.Is(bad, ErrUndrawn) || bad.Args["Letter"] != letter {
				t.Errorf("%s: %v %v", letter, bad, bad.Args)
			}
		}
		if got := strings.Join(fields, " "); got != want {
			t.Errorf("%s is refused at %s, want %s", letter, got, want)
		}
	}
}

// TestDictionariesAreDrawn holds that papers can show every entry that people choose.
func TestDictionariesAreDrawn(t *testing.T) {
	t.Parallel()
	for name, d := range dictionaries() {
		for _, o := range d.Entries {
			if letter := typeface.Lacking(o.Label.Vi + o.Label.En); letter != "" {
				t.Errorf("%s: papers cannot show %q of %s", name, letter, o.Label.Vi)
			}
		}
	}
}

// TestNamesOfBeforeStay holds that a name with a curved mark, as it was once kept, is not held against it.
func TestNamesOfBeforeStay(t *testing.T) {
	t.Parallel()
	f, err := Load(form(`{"id":"ten","type":"name","label":T}`))
	if err != nil {
		t.Fatal(err)
	}
	for text, right := range map[string]bool{"K’Brê": true, "K'Brê": true, "K‘Brê": false, "Lan ": false} {
		if faults := f.Check(Answers{"ten": {Text: text}}, today); (len(faults) == 0) != right {
			t.Errorf("%q: %v", text, faults)
		}
	}
}

// FuzzCanonical: what a field makes of a text it makes of that again, for each type of one text, and what it
// then takes a paper can show.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"０９１２", "K‘Brê", "1’500", "25²", "金", "+49 (0) 151", "\ufe0fa"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for name, row := range kinds {
			if row.shape != oneText || row.answered != byPerson || row.compared == asDates {
				continue
			}
			field := &Field{ID: "a", Type: name, Dictionary: "dan_toc"}
			row.complete(&loader{form: &Form{}}, "", field)
			field.tag = row.tag(field)
			once := field.Canonical(typed)
			if twice := field.Canonical(once); twice != once {
				t.Errorf("%s: %q is read as %q, then as %q", name, typed, once, twice)
			}
			if field.badText(once) == nil && typeface.Lacking(once) != "" {
				t.Errorf("%s takes %q, which papers cannot show", name, once)
			}
		}
	})
}
