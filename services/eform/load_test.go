package eform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// definition reads a definition from testdata.
func definition(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func loaded(t testing.TB, name string) *Form {
	t.Helper()
	f, err := Load(definition(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("form.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t testing.TB, s *jsonschema.Schema, raw []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestSchemaTakesWhatLoads(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, name := range []string{"birth.form.json", "everything.form.json", "person.form.json"} {
		raw := definition(t, name)
		if err := fits(t, s, raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Load(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// form makes a definition of one step and section from the JSON of its fields. The text x stands for T.
func form(fields ...string) []byte {
	all := fmt.Sprintf(`{"id":"f","steps":[{"id":"s","title":T,"sections":[{"id":"c","fields":[%s]}]}]}`,
		strings.Join(fields, ","))
	return []byte(strings.ReplaceAll(all, "T", `{"vi":"Mục","en":"Item"}`))
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	const a, b = `{"id":"a","type":"text","label":T}`, `{"id":"b","type":"date","label":T}`
	schema := schema(t)
	for _, c := range []struct {
		name   string
		raw    []byte
		want   string // in the error of Load
		schema bool   // the schema refuses it too
	}{
		{"unknown member", form(`{"id":"a","type":"text","label":T,"colour":"red"}`), "colour", true},
		{"unknown type", form(`{"id":"a","type":"tekst","label":T}`), "unknown type", true},
		{"no translation", form(`{"id":"a","type":"text","label":{"vi":"Mục"}}`), "in en is missing", true},
		{"text not NFC", form(`{"id":"a","type":"text","label":{"vi":"Mu\u0323c","en":"x"}}`), "not clean",
			false},
		{"text with spaces", form(`{"id":"a","type":"text","label":{"vi":"Mục ","en":"x"}}`), "not clean",
			true},
		{"id twice", form(a, a), "used twice", false},
		{"bad id", form(`{"id":"A","type":"text","label":T}`), "lower-case words", true},
		{"input taken", form(b, `{"id":"b.ngay","type":"text","label":T}`), "its input b.ngay", false},
		{"no fields", form(), "no fields", true},
		{"dangling condition", form(`{"id":"a","type":"text","label":T,"when":{"field":"x","op":"filled"}}`),
			"not a field", false},
		{"condition on itself", form(`{"id":"a","type":"text","label":T,"when":{"field":"a","op":"filled"}}`),
			"stands later", false},
		{"cycle", form(`{"id":"a","type":"text","label":T,"when":{"field":"c","op":"filled"}}`,
			`{"id":"c","type":"text","label":T,"when":{"field":"a","op":"filled"}}`), "stands later", false},
		{"condition of two kinds",
			form(a,
				`{"id":"c","type":"text","label":T,"when":{"field":"a","op":"filled","not":{"field":"a","op":"empty"}}}`), "one comparison", true},
		{"empty condition", form(a, `{"id":"c","type":"text","label":T,"when":{}}`), "one comparison", true},
		{"unknown op",
			form(a, `{"id":"c","type":"text","label":T,"when":{"field":"a","op":"like","value":"x"}}`),
			"unknown op", true},
		{"order of texts",
			form(a, `{"id":"c","type":"text","label":T,"when":{"field":"a","op":"lt","value":"x"}}`),
			"a date, a number", false},
		{"impossible value", form(`{"id":"y","type":"yes_no","label":T}`,
			`{"id":"c","type":"text","label":T,"when":{"field":"y","op":"eq","value":"maybe"}}`), "never be",
			false},
		{"one option", form(`{"id":"a","type":"choice","label":T,"options":[{"value":"x","label":T}]}`),
			"1 options", true},
		{"option twice",
			form(
				`{"id":"a","type":"choice","label":T,"options":[{"value":"x","label":T},{"value":"x","label":T}]}`), "there twice", false},
		{"option with a comma",
			form(
				`{"id":"a","type":"choice","label":T,"options":[{"value":"x,y","label":T},{"value":"z","label":T}]}`), "letters, digits", true},
		{"unknown dictionary", form(`{"id":"a","type":"choice","label":T,"dictionary":"x"}`),
			"unknown dictionary", true},
		{"options of a text", form(`{"id":"a","type":"text","label":T,"dictionary":"tinh"}`), "means nothing",
			true},
		{"min above max", form(`{"id":"a","type":"number","label":T,"min":5,"max":4}`), "min is above max",
			false},
		{"date bound of a number", form(`{"id":"a","type":"number","label":T,"min":"today"}`), "does not fit",
			true},
		{"too many rows", form(`{"id":"a","type":"table","label":T,"max":51,"columns":[` + a + `]}`),
			"does not fit", true},
		{"no columns", form(`{"id":"a","type":"table","label":T}`), "0 columns", true},
		{"table in a table",
			form(
				`{"id":"a","type":"table","label":T,"columns":[{"id":"b","type":"table","label":T,"columns":[` + a + `]}]}`), "cannot be of type", false},
		{"rule with nothing", form(`{"id":"b","type":"date","label":T,"rules":[{"op":"lt","message":T}]}`),
			"either right or value", true},
		{"rule of unlike things",
			form(a, `{"id":"b","type":"date","label":T,"rules":[{"op":"lt","right":"a","message":T}]}`),
			"cannot be compared", false},
		{"rule of a later question",
			form(
				`{"id":"b","type":"date","label":T,"rules":[{"op":"lt","right":"today","when":{"field":"a","op":"filled"},"message":T}]}`, a), "stands later", false},
		{"rule of a column with a condition",
			form(a,
				`{"id":"t","type":"table","label":T,"min":1,"max":2,"columns":[{"id":"b","type":"date","label":T,"rules":[{"op":"lt","right":"today","when":{"field":"a","op":"filled"},"message":T}]}]}`), "no condition", false},
		{"rule without message",
			form(`{"id":"b","type":"date","label":T,"rules":[{"op":"lt","right":"today"}]}`),
			"message: the text is missing", true},
		{"years of a text",
			form(a,
				`{"id":"c","type":"text","label":T,"rules":[{"op":"eq","right":"a","years":1,"message":T}]}`),
			"need a date", false},
		{"unknown compute", form(b, `{"id":"c","type":"computed","label":T,"compute":"magic","from":["b"]}`),
			"unknown compute", true},
		{"the same as a date", form(`{"id":"b","type":"date","label":T}`,
			`{"id":"c","type":"computed","label":T,"compute":"same","from":["b"]}`), "cannot be made", false},
		{"compute from a text",
			form(a, `{"id":"c","type":"computed","label":T,"compute":"age","from":["a"]}`), "cannot be made",
			false},
		{"compute from later", form(`{"id":"c","type":"computed","label":T,"compute":"age","from":["b"]}`, b),
			"stands later", false},
		{"matches a text", form(a, `{"id":"c","type":"citizen_id","label":T,"matches":{"born":"a"}}`),
			"not a date", false},
		{"prefill that does not fit", form(`{"id":"b","type":"date","label":T,"prefill":"person.name"}`),
			"prefill", false},
		{"search of options",
			form(
				`{"id":"a","type":"choice","display":"search","label":T,"options":[{"value":"x","label":T},{"value":"y","label":T}]}`), "can be searched", true},
		{"search of many",
			form(`{"id":"a","type":"choices","display":"search","label":T,"dictionary":"vsic"}`),
			"can be searched", true},
		{"person without parts", form(`{"id":"p","type":"person","label":T}`), "no parts", true},
		{"unknown part", form(`{"id":"p","type":"person","label":T,"parts":["mau_mat"]}`),
			"this part is unknown", true},
		{"part twice",
			form(`{"id":"p","type":"person","label":T,"parts":["ho_ten",{"part":"ho_ten","label":T}]}`),
			"there twice", false},
		{"part with the id of a field", form(`{"id":"p.ho_ten","type":"text","label":T}`,
			`{"id":"p","type":"person","label":T,"parts":["ho_ten"]}`), "p.ho_ten: this id is used twice",
			false},
		{"person with the id of a field", form(`{"id":"p","type":"text","label":T}`,
			`{"id":"p","type":"person","label":T,"parts":["ho_ten"]}`), "also that of a person", false},
		{"person twice", form(`{"id":"p","type":"person","label":T,"parts":["ho_ten"]}`,
			`{"id":"p","type":"person","label":T,"parts":["email"]}`), "person p: this id is used twice",
			false},
		{"part without a translation",
			form(`{"id":"p","type":"person","label":T,"parts":[{"part":"ho_ten","label":{"vi":"Mục"}}]}`),
			"p.ho_ten label: the text in en is missing", true},
		{"person without a translation",
			form(`{"id":"p","type":"person","label":{"vi":"Mục"},"parts":["ho_ten"]}`),
			"person p label: the text in en is missing", true},
		{"part of another type",
			form(`{"id":"p","type":"person","label":T,"parts":[{"part":"ho_ten","type":"text"}]}`),
			"cannot be of type", false},
		{"part with an unknown member",
			form(`{"id":"p","type":"person","label":T,"parts":[{"part":"ho_ten","colour":"red"}]}`), "colour",
			true},
		{"part with an id", form(`{"id":"p","type":"person","label":T,"parts":[{"part":"ho_ten","id":"x"}]}`),
			"its id is that of the part", true},
		{"person with a rule",
			form(`{"id":"p","type":"person","label":T,"optional":true,"parts":["ho_ten"]}`),
			"no other members", true},
		{"person with a strange prefill",
			form(`{"id":"p","type":"person","label":T,"prefill":"person.name","parts":["ho_ten"]}`),
			"is not \"person\"", true},
		{"part that asks about an absent one",
			form(
				`{"id":"p","type":"person","label":T,"parts":[{"part":"ho_ten","when":{"field":".email","op":"filled"}}]}`), "p.email", false},
		{"part that asks about a later one",
			form(`{"id":"p","type":"person","label":T,"parts":["giay_to","so_dinh_danh"]}`), "stands later",
			false},
		{"parts of a text", form(`{"id":"a","type":"text","label":T,"parts":["ho_ten"]}`),
			"parts means nothing", true},
		{"person in a table",
			form(
				`{"id":"a","type":"table","label":T,"columns":[{"id":"b","type":"person","label":T,"parts":["ho_ten"]}]}`), "cannot be of type", false},
		{"prefill of no part of a result",
			form(`{"id":"b","type":"text","label":T,"prefill":"result.KQ.G15.000038.name"}`), "prefill",
			true},
		{"prefill of a result that does not fit",
			form(`{"id":"b","type":"date","label":T,"prefill":"result.KQ.G15.000038.number"}`), "prefill",
			false},
		{"not JSON", []byte(`{`), "read definition", false},
		{"more after the end", append(form(a), '1'), "more after its end", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := Load(c.raw)
			if err == nil || f != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			if c.schema && fits(t, schema, c.raw) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

func TestLoadTellsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Load(form(`{"id":"a","type":"text","label":T,"min":3}`, `{"id":"a","type":"odd","label":T}`))
	for _, want := range []string{"min means nothing", "used twice", "unknown type"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestFieldOf(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	for input, want := range map[string]string{
		"ho_ten": "ho_ten", "ngay_sinh.ngay": "ngay_sinh", "noi_o.tinh": "noi_o", "qua_trinh": "qua_trinh",
		"qua_trinh.0.noi": "qua_trinh", "qua_trinh.12.tu.nam": "qua_trinh",
		"ngay_sinh.gio": "", "qua_trinh.01.noi": "", "qua_trinh.x.noi": "", "qua_trinh.0.khac": "",
		"khong": "", "": "",
	} {
		if id, ok := f.FieldOf(input); id != want && ok || ok != (want != "") {
			t.Errorf("FieldOf(%q) = %q, %v", input, id, ok)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	f := loaded(t, "birth.form.json")
	if f.Step(0) != nil || f.Step(3) != nil || f.Number(f.Step(2)) != 2 || f.Number(&Step{}) != 0 {
		t.Error("steps are counted from 1 to 2")
	}
	if got := f.Field("con.dan_toc").Display; got != displaySearch {
		t.Errorf("54 ethnicities are shown as %q", got)
	}
	if got := f.Field("con.gioi_tinh").Display; got != "radio" {
		t.Errorf("two genders are shown as %q", got)
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	// FIPS 180-2, appendix B.1.
	if got := Hash([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"birth.form.json", "everything.form.json"} {
		f.Add(definition(f, name))
	}
	f.Add(definition(f, "person.form.json"))
	f.Add(
		form(
			`{"id":"p","type":"person","label":T,"when":{"field":".x","op":"filled"},"parts":["ho_ten",{"part":"so_dinh_danh","matches":null,"rules":[{"op":"eq","right":".ho_ten","message":T}]}]}`))
	f.Add(
		form(
			`{"id":"a","type":"choice","label":T,"options":[{"value":"x|y","label":T},{"value":"z","label":T}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		form, err := Load(raw)
		if err != nil {
			return
		}
		// What loads can be used: nothing panics on no answers.
		form.Check(nil, today)
		form.Warnings(nil, today)
		form.Present(form.Compute(nil, today), "vi")
		_ = form.Unreachable()
		if schema, err := JSONSchema(form, "vi"); err != nil || !json.Valid(schema) {
			t.Errorf("its schema: %v", err)
		}
		for i := range form.Steps {
			form.WatchOf(&form.Steps[i])
			if _, err := form.DecodeStep(&form.Steps[i], func(string) []string {
				return []string{"x"}
			}); err != nil {
				continue
			}
		}
	})
}
