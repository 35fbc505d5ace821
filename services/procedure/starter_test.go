package procedure

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/unicode/norm"

	"congdvc/identity/number"
	"congdvc/services/eform"
)

// starterSize is how many procedures the starter catalogue has; filable is how many of them have an
// electronic form.
const (
	starterSize = 20
	filable     = 10
)

// unrecorded are the procedures of ministries that the national records at hand do not cover.
var unrecorded = []string{"1.001731", "2.000033", "2.001628"}

// nationalSample is where the national records are, outside the clone.
const nationalSample = "../../../shared/data/national-procedures.sample.ndjson"

// nationalRecordsOf reads the national records; the test is skipped where the clone stands without them.
func nationalRecordsOf(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile(nationalSample)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the national records are not beside this clone")
	}
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func starter(t testing.TB) map[string]*Version {
	t.Helper()
	sources, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]*Version{}
	for _, s := range sources {
		var form *eform.Form
		if len(s.form) > 0 {
			if form, err = eform.Load(s.form); err != nil {
				t.Fatal(err)
			}
		}
		versions[s.Definition.Code] = &Version{Definition: s.Definition, State: Published,
			FormHash: s.formHash, form: form}
	}
	return versions
}

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("procedure.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile("procedure.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStarterFollowsTheSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	if got := starterCodes(); len(got) != starterSize {
		t.Fatalf("starter has %d procedures: %v", len(got), got)
	}
	for _, code := range starterCodes() {
		raw, err := data.ReadFile("data/procedures/" + code + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if !norm.NFC.IsNormal(raw) {
			t.Errorf("%s is not in NFC", code)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	raw, err := data.ReadFile("data/procedures/1.001612.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		"unknown member":      func(d map[string]any) { d["unknown"] = true },
		"old level":           func(d map[string]any) { d["level"] = "4" },
		"one language":        func(d map[string]any) { d["name"] = map[string]any{"vi": "a"} },
		"space around a text": func(d map[string]any) { d["name"] = map[string]any{"vi": " a", "en": "a"} },
		"negative fee": func(d map[string]any) {
			d["fees"].([]any)[0].(map[string]any)["amount"] = -1
		},
		"per without count": func(d map[string]any) { d["fees"].([]any)[0].(map[string]any)["unit"] = "per" },
		"executable": func(d map[string]any) {
			d["requirements"].([]any)[0].(map[string]any)["accept"] = []any{"text/html"}
		},
	} {
		var d map[string]any
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		change(d)
		if schema.Validate(d) == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// inBrackets is the list of cases that some names of the national records carry in their middle.
var inBrackets = regexp.MustCompile(` \([^)]*\)`)

// misprinted are numbers of documents that the national records have with an error.
var misprinted = map[string]bool{"118/2025/NĐ-C": true}

// TestStarterAgreesWithTheNationalRecords compares what can be compared with the national database.
func TestStarterAgreesWithTheNationalRecords(t *testing.T) {
	t.Parallel()
	raw := nationalRecordsOf(t)
	versions := starter(t)
	seen := 0
	for line := range strings.Lines(string(raw)) {
		var record struct {
			MATTHC         string
			TENTTHC        string
			KETQUATHUCHIEN []struct{ MAKETQUA string }
			CANCUPHAPLY    []struct{ SOVANBAN string }
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		v := versions[record.MATTHC]
		if v == nil {
			continue
		}
		seen++
		if named := number.Fold(inBrackets.ReplaceAllString(record.TENTTHC, "")); !strings.Contains(named,
			number.Fold(v.Name.Vi)) && !strings.Contains(named, "ban sao trich luc") {
			t.Errorf("%s is named %q, the record says %q", v.Code, v.Name.Vi, record.TENTTHC)
		}
		results, basis := map[string]bool{}, map[string]bool{}
		for _, r := range v.Results {
			results[r.Code] = true
		}
		for _, b := range v.Basis {
			basis[b.Number] = true
		}
		for _, r := range record.KETQUATHUCHIEN {
			if !results[r.MAKETQUA] {
				t.Errorf("%s lacks the result %s", v.Code, r.MAKETQUA)
			}
		}
		for _, b := range record.CANCUPHAPLY {
			words := strings.Fields(b.SOVANBAN) // "Thông tư số 03/2023/TT-BTP"
			if number := words[len(words)-1]; !basis[number] && !misprinted[number] {
				t.Errorf("%s lacks the basis %s", v.Code, number)
			}
		}
	}
	for _, code := range unrecorded {
		if versions[code] != nil {
			seen++
		}
	}
	if seen != len(versions) {
		t.Errorf("the records have %d of %d procedures", seen, len(versions))
	}
}

// TestEveryFormCanBeFiled: what has a form can be filed online, takes its papers, and says what is not
// confirmed. What has none is information, and says that too.
func TestEveryFormCanBeFiled(t *testing.T) {
	t.Parallel()
	forms := 0
	for code, v := range starter(t) {
		if len(v.Provisional) == 0 {
			t.Errorf("%s claims that everything is confirmed", code)
		}
		if v.Form() == nil {
			if v.Online() || v.Level != Information {
				t.Errorf("%s has no form but level %s", code, v.Level)
			}
			continue
		}
		forms++
		if !v.Online() {
			t.Errorf("%s cannot be filed online", code)
		}
		if n := len(v.Form().Steps); n < 4 || n > 6 {
			t.Errorf("%s has %d steps", code, n)
		}
		if _, ok := v.Term("", Online); !ok {
			t.Errorf("%s has no time", code)
		}
		uploads := 0
		for _, r := range v.Requirements {
			if r.Mode == Submit {
				uploads++
			}
		}
		if none := code == marriage; (uploads == 0) != none {
			// the record of marriage lists nothing to hand in
			t.Errorf("%s takes %d files", code, uploads)
		}
	}
	if forms != filable {
		t.Errorf("%d forms, want %d", forms, filable)
	}
}

func TestParseTellsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte(`{
		"code": "1", "effective_from": "2026-01-01", "name": {"vi": "a", "en": ""}, "summary": {"vi": "a", "en": "b"},
		"field": {"code": "f", "name": {"vi": "a", "en": "b"}}, "level": "3", "agency": {"vi": "a", "en": "b"},
		"received_by": {"kinds": ["district"]}, "cases": [{"id": "x", "name": {"vi": "a", "en": "b"}}, {"id": "x", "name": {"vi": "a", "en": "b"}}],
		"channels": [{"id": "fax", "times": [{"case": "y", "term": {"amount": 0, "unit": "month"}}]}],
		"requirements": [{"id": "r", "name": {"vi": "a", "en": "b"}, "mode": "bring", "accept": ["text/html"], "when": {"field": "f", "op": "filled"}}],
		"fees": [
			{"code": "l", "name": {"vi": "a", "en": "b"}, "kind": "le_phi", "amount": -1, "unit": "per", "quantity": "q", "from": "2026-01-01", "due": "later", "basis": ""},
			{"code": "l", "name": {"vi": "a", "en": "b"}, "kind": "le_phi", "amount": 1, "unit": "flat", "from": "2026-06-01", "due": "at_counter", "basis": "b"}],
		"steps": [], "results": [], "basis": []}`), nil)
	for _, want := range []string{"needs a code", "name needs a text", "unknown level", "no form", "district",
		"receivers", `case "x"`, `"fax"`, `unknown case "y"`, "no term", "bring", "text/html",
		"has a condition", "below zero", `unknown quantity "q"`, "unknown kind or due",
		"beside another rule"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("fault %q is not told: %v", want, err)
		}
	}
	if _, err := Parse([]byte(`{"unknown": 1}`), nil); err == nil {
		t.Error("an unknown member is taken")
	}
}

func FuzzParse(f *testing.F) {
	for _, code := range starterCodes() {
		definition, _ := data.ReadFile("data/procedures/" + code + ".json")
		form, _ := data.ReadFile("data/procedures/" + code + ".form.json")
		f.Add(definition, form)
	}
	f.Fuzz(func(t *testing.T, definition, form []byte) {
		source, err := Parse(definition, form)
		if err != nil {
			return
		}
		// Whatever was taken computes without a panic, and never to a sum too large.
		v := &Version{Definition: source.Definition}
		if len(form) > 0 {
			if v.form, err = eform.Load(form); err != nil {
				t.Fatal(err)
			}
		}
		v.Questions(v.firstCase())
		for _, id := range v.caseIDs() {
			for _, channel := range []string{Online, Counter, Post} {
				c := v.ChoiceOf(id, channel, nil, v.EffectiveFrom)
				v.Asked(c)
				if _, err := v.Quote(c); err != nil && !errors.Is(err, ErrFeeGap) {
					t.Fatal(err)
				}
			}
		}
	})
}

// TestStarterResultsThatAreNamed holds that what a requirement takes in a paper's place, and what a form is
// filled in from, is a result of one of the procedures.
func TestStarterResultsThatAreNamed(t *testing.T) {
	t.Parallel()
	versions, known, named := starter(t), map[string]bool{}, 0
	for _, v := range versions {
		for _, k := range v.Results {
			known[k.Code] = true
		}
	}
	for code, v := range versions {
		var kinds []string
		for _, r := range v.Requirements {
			kinds = append(kinds, r.Substitute.Results...)
		}
		if v.Form() != nil {
			for _, field := range v.Form().Fields() {
				if kind, _, ok := eform.ResultPrefill(field.Prefill); ok {
					kinds = append(kinds, kind)
				}
			}
		}
		for _, kind := range kinds {
			if named++; !known[kind] {
				t.Errorf("%s names the result %s, in which no procedure ends", code, kind)
			}
		}
	}
	if named < 5 {
		t.Errorf("only %d results are named", named)
	}
}
