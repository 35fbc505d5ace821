package eformtest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// Verdicts counts what came of answers: taken by both, refused by both, refused by the portal alone.
type Verdicts struct{ Taken, Refused, PortalAlone int }

// CheckSchema asks the form and a third party's validator about answers made from the form's definition, and
// fails the test where the validator refuses what the form takes, or where the form refuses what the
// validator takes without a rule of "x-rules" that says so.
func CheckSchema(t *testing.T, f *eform.Form, seed uint64, rounds int, on workday.Date) Verdicts {
	t.Helper()
	by := compiled(t, f)
	r := rand.New(rand.NewPCG(seed, 0))
	var v Verdicts
	for range rounds {
		right, err := Fill(f, r, on)
		if err != nil {
			t.Fatal(err)
		}
		v.ask(t, by, right, on)
		for range 20 {
			v.ask(t, by, f.Compute(Spoil(f, right, r, on), on), on)
		}
	}
	return v
}

// rule is what is read of an entry of "x-rules".
type rule struct {
	Fields  []string
	Problem string
	Warning bool
}

// judges are the two that are asked about answers: the form, and its schema with the rules beside it.
type judges struct {
	form   *eform.Form
	schema *jsonschema.Schema
	rules  []rule
}

func compiled(t *testing.T, f *eform.Form) judges {
	t.Helper()
	raw, err := eform.JSONSchema(f, i18n.Vi)
	if err != nil {
		t.Fatal(err)
	}
	var named struct {
		Rules []rule `json:"x-rules"`
	}
	if err := json.Unmarshal(raw, &named); err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:form", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("urn:form")
	if err != nil {
		t.Fatalf("%s: not a JSON Schema 2020-12: %v", f.ID, err)
	}
	return judges{form: f, schema: schema, rules: named.Rules}
}

func (v *Verdicts) ask(t *testing.T, by judges, a eform.Answers, on workday.Date) {
	t.Helper()
	f := by.form
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, dropped := f.Prune(a)
	faults := f.Check(a, on)
	taken, refusal := len(dropped)+len(faults) == 0, by.schema.Validate(document)
	switch {
	case taken && refusal == nil:
		v.Taken++
	case taken:
		t.Errorf("%s: the portal takes and the schema refuses %s\n%v", f.ID, raw, refusal)
	case refusal != nil:
		v.Refused++
	default:
		v.PortalAlone++
		if len(dropped) > 0 {
			t.Errorf("%s: the schema takes what the portal drops: %v of %s", f.ID, dropped, raw)
		}
		for _, bad := range faults {
			where := column(f, bad.Field)
			if !slices.ContainsFunc(by.rules, func(r rule) bool {
				return !r.Warning && r.Problem == bad.Key && slices.Contains(r.Fields, where)
			}) {
				t.Errorf("%s: no rule says that %s can have %s (%v): %s", f.ID, where, bad.Key, bad, raw)
			}
		}
	}
}

// column is the field of an input, or "table.column" of a cell's.
func column(f *eform.Form, input string) string {
	id, _ := f.FieldOf(input)
	field := f.Field(id)
	if field == nil || field.Shape() != eform.TableRows || input == id {
		return id
	}
	_, cell, _ := strings.Cut(strings.TrimPrefix(input, id+"."), ".")
	for k := range field.Columns {
		if c := field.Columns[k].ID; cell == c || strings.HasPrefix(cell, c+".") {
			return id + "." + c
		}
	}
	return id
}
