package eform

import (
	"strings"
	"testing"

	"congdvc/i18n"
)

const searched = `{"id":"n","type":"choice","label":T,"dictionary":"quoc_tich","display":"search"}`

// TestEveryNameIsCertain: what a page shows of an entry, in either language, leads back to it.
func TestEveryNameIsCertain(t *testing.T) {
	t.Parallel()
	for name, d := range dictionaries() {
		n := namesOf(name)
		for _, o := range d.Entries {
			for _, text := range []string{o.Value, o.Label.Vi, o.Label.En} {
				if value, ok := n.named(text); !ok || value != o.Value {
					t.Errorf("%s: %q is read as %q and not as %s", name, text, value, o.Value)
				}
			}
		}
	}
}

// TestNamesAsTheyAreCopied: with other hyphens, in one piece, and with what stands around them elsewhere.
func TestNamesAsTheyAreCopied(t *testing.T) {
	t.Parallel()
	label := func(dictionary, value string) string {
		if o := entry(dictionary, value); o != nil {
			return o.Label.Vi
		}
		return ""
	}
	for _, c := range []struct{ dictionary, typed, label string }{
		{"vsic", "４５２０", label("vsic", "4520")}, {"vsic", "٤٥٢٠", label("vsic", "4520")},
		{"vsic", "4520.", label("vsic", "4520")}, {"vsic", "\"4520\"", label("vsic", "4520")},
		{"vsic", "mã ngành: 4520", label("vsic", "4520")}, {"vsic", "Mã 4520;", label("vsic", "4520")},
		{"vsic", "4520 - " + label("vsic", "4520"), label("vsic", "4520")}, {"vsic", "45", ""},
		{"vsic", "4520, 4530", ""}, {"vsic", "mã", ""}, {"vsic", "mã ngành", ""},
		{"dan_toc", "Kinh.", "Kinh"}, {"dan_toc", "“Kinh”", "Kinh"}, {"dan_toc", "Dân tộc Kinh", "Kinh"},
		{"dan_toc", "người kinh", "Kinh"}, {"dan_toc", "Ê Đê", "Ê-đê"}, {"dan_toc", "Êđê", "Ê-đê"},
		{"dan_toc", "Ê‑đê", "Ê-đê"}, {"dan_toc", "Cơ Ho", "Cơ-ho"},
		{"dan_toc", "Bru – Vân Kiều", "Bru-Vân Kiều"},
		{"dan_toc", "Mạ", "Mạ"}, {"dan_toc", "Dân tộc", ""},
		{"quan_he", "(Bản thân)", "Bản thân"}, {"quan_he", "Bản\u2011thân", "Bản thân"},
		{"quoc_tich", "VIỆT NAM.", "Việt Nam"}, {"quoc_tich", "Vietnam", "Việt Nam"},
		{"quoc_tich", "Quốc tịch: Việt Nam", "Việt Nam"}, {"quoc_tich", "vnm", "Việt Nam"},
		{"quoc_tich", "...", ""},
	} {
		value, ok := namesOf(c.dictionary).named(c.typed)
		if ok != (c.label != "") || ok && label(c.dictionary, value) != c.label {
			t.Errorf("%s: %q is %q (%s), not %q", c.dictionary, c.typed, value,
				label(c.dictionary, value), c.label)
		}
	}
	if label("vsic", "4520") == "" {
		t.Error("nothing was asked of the code 4520")
	}
}

func TestWhatIsTypedIsAnEntryOrNone(t *testing.T) {
	t.Parallel()
	f, err := Load(form(searched,
		`{"id":"t","type":"table","label":T,"columns":[{"id":"ma","type":"choice","label":T,"dictionary":"vsic","display":"search"},{"id":"ghi","type":"text","label":T,"optional":true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ typed, value, fault string }{
		{"VNM", "VNM", ""}, {" viet  nam ", "VNM", ""}, {"VIỆT NAM", "VNM", ""},
		{"Vie\u0302\u0323t Nam", "VNM", ""}, {"Republic of Korea", "KOR", ""},
		{"xyz", "xyz", "eform.no_entry"}, {"viet", "viet", "eform.some_entry"}, {"-", "-", "eform.no_entry"},
		{"", "", "eform.required_choice"},
	} {
		a, err := f.DecodeStep(f.Step(1), posted("n="+c.typed, "t.0.ma="+c.typed, "t.0.ghi=x"))
		if err != nil || a["n"].Text != c.value {
			t.Errorf("%q is read as %q: %v", c.typed, a["n"].Text, err)
		}
		key := ""
		for _, bad := range f.Check(a, today) {
			if bad.Field == "n" {
				key = bad.Key
			}
		}
		if key != c.fault {
			t.Errorf("%q has the fault %q", c.typed, key)
		}
		kept, all := f.Field("n").Storable(a["n"])
		if (c.fault == "") != (kept.Text == c.value && kept.Text != "") || c.fault != "" && !kept.Empty() ||
			all != (c.fault == "" || c.typed == "") {
			t.Errorf("of %q is kept %q, and all of it: %v", c.typed, kept.Text, all)
		}
		table, all := f.Field("t").Storable(a["t"])
		if rows := table.Rows; len(rows) != 1 || rows[0]["ma"] != "" || rows[0]["ghi"] != "x" ||
			all != (c.typed == "") {
			t.Errorf("of the row is kept %v, and all of it: %v", rows, all)
		}
	}
	a, err := f.DecodeStep(f.Step(1), posted("t.0.ma=ban le luong thuc", "t.1.ma=Xây dựng nhà để ở",
		"t.1.ghi=x"))
	if err != nil || a["t"].Rows[1]["ma"] != "4101" {
		t.Errorf("%v %v", a["t"].Rows, err)
	}
	kept, all := f.Field("t").Storable(a["t"])
	if all || kept.Rows[0]["ma"] != "" || kept.Rows[1]["ma"] != "4101" ||
		a["t"].Rows[0]["ma"] != "ban le luong thuc" {
		t.Errorf("of the table is kept %v of %v", kept.Rows, a["t"].Rows)
	}
}

// TestTheLongDictionariesAreSearched: a form need not say so, and may say otherwise.
func TestTheLongDictionariesAreSearched(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ about, display string }{
		{`"dictionary":"quoc_tich"`, displaySearch}, {`"dictionary":"quan_he"`, displaySearch},
		{`"dictionary":"giay_to"`, displaySelect}, {`"dictionary":"gioi_tinh"`, displayRadio},
		{`"dictionary":"vsic","display":"select"`, displaySelect}, {`"dictionary":"giay_to","display":"search"`,
			displaySearch},
	} {
		f, err := Load(form(`{"id":"a","type":"choice","label":T,` + c.about + `}`))
		if err != nil || f.Field("a").Display != c.display {
			t.Errorf("%s is shown as %q: %v", c.about, f.Field("a").Display, err)
		}
	}
}

func TestFoundWithoutDiacritics(t *testing.T) {
	t.Parallel()
	f, err := Load(form(searched, strings.Replace(strings.Replace(searched, `"n"`, `"v"`, 1), "quoc_tich",
		"vsic", 1)))
	if err != nil {
		t.Fatal(err)
	}
	found := f.Field("v").Found("xay dung")
	if len(found) == 0 || len(found) > mostFound {
		t.Fatalf("%d entries", len(found))
	}
	for _, o := range found {
		if !strings.Contains(strings.ToLower(o.Label.Vi), "xây dựng") {
			t.Errorf("%q is like “xay dung”", o.Label.In(i18n.Vi))
		}
	}
	if got := f.Field("n").Found("a"); got != nil {
		t.Errorf("%d are offered for one letter", len(got))
	}
	if got := f.Field("n").Found("VNM"); got != nil {
		t.Errorf("an entry is offered %v", got)
	}
}
