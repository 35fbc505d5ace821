package eform

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestARowWithoutAPieceIsRefused takes each piece from each row in turn.
func TestARowWithoutAPieceIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range kinds {
		if err := row.complains(name); err != nil {
			t.Error(err)
		}
		for i := range reflect.TypeFor[kind]().NumField() {
			lacking, piece := *row, reflect.TypeFor[kind]().Field(i)
			clear := map[string]func(){
				"shape": func() { lacking.shape = nil }, "answered": func() { lacking.answered = "" },
				"boxes": func() { lacking.boxes = nil }, "posted": func() { lacking.posted = nil },
				"canonical": func() { lacking.canonical = nil }, "tag": func() { lacking.tag = nil },
				"missing": func() { lacking.missing = "" }, "compared": func() { lacking.compared = "" },
				"bounded": func() { lacking.bounded = nil }, "show": func() { lacking.show = nil },
				"schema": func() { lacking.schema = nil }, "unsaid": func() { lacking.unsaid = nil },
				"members": func() { lacking.members = nil }, "prefills": func() { lacking.prefills = nil },
				"inTable": func() { lacking.inTable = "" }, "complete": func() { lacking.complete = nil },
				"entries": func() { lacking.entries = nil }, "control": func() { lacking.control = nil },
				"keyboard": func() { lacking.keyboard = "" }, "editor": func() { lacking.editor = "" },
				"browser": func() { lacking.browser = "" }, "examples": func() { lacking.examples = nil },
			}[piece.Name]
			if clear == nil {
				t.Fatalf("this test does not take away the piece %s", piece.Name)
			}
			clear()
			if err := lacking.complains(name); err == nil || !strings.HasSuffix(err.Error(), " "+piece.Name) {
				t.Errorf("%s without its %s: %v", name, piece.Name, err)
			}
		}
		misspelt := *row
		if misspelt.members = []string{"lenght"}; misspelt.complains(name) == nil {
			t.Errorf("%s may have a member that there is not", name)
		}
		misspelt = *row
		if misspelt.unsaid = []string{"clean"}; misspelt.complains(name) == nil {
			t.Errorf("%s may have a rule that there is not", name)
		}
	}
	if (*kind)(nil).complains("x") == nil {
		t.Error("a type may have no row")
	}
}

// TestTypesAreThoseOfTheSchema compares the rows with the schema of definitions, both ways.
func TestTypesAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("form.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs struct {
			Field struct {
				Properties struct{ Type struct{ Enum []Type } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	enum := doc.Defs.Field.Properties.Type.Enum
	for _, name := range Types() {
		if !slices.Contains(enum, name) {
			t.Errorf("form.schema.json does not have the type %s", name)
		}
	}
	for _, name := range enum {
		if name != PersonBlock && kinds[name] == nil {
			t.Errorf("form.schema.json has the type %s, which has no row", name)
		}
	}
}

// TestMembersAreThoseOfTheSchema sets each member that only some types have in a field of each type, and asks
// the schema of definitions whether it may be.
func TestMembersAreThoseOfTheSchema(t *testing.T) {
	t.Parallel()
	s := schema(t)
	values := map[string][]string{
		"options":    {`[{"value":"x","label":T},{"value":"y","label":T}]`},
		"dictionary": {`"gioi_tinh"`}, "display": {`"radio"`},
		"min": {`1`, `"2026-01-02"`}, "max": {`1`, `"2026-01-02"`}, "decimals": {`1`}, "unit": {`T`},
		"max_length": {`9`}, "need_detail": {`true`}, "matches": {`{"born":"b"}`},
		"ground": {`{"self":["x"]}`}, "columns": {`[{"id":"b","type":"text","label":T}]`},
		"compute": {`"age"`}, "from": {`["b"]`}, "parts": {`["ho_ten"]`},
	}
	needed := map[string]bool{"columns": true, "compute": true, "from": true}
	for _, m := range onlySome {
		if values[m.name] == nil {
			t.Fatalf("this test does not set the member %s", m.name)
		}
		for name, row := range kinds {
			var others strings.Builder
			for other := range needed {
				if other != m.name && slices.Contains(row.members, other) {
					others.WriteString(`,"` + other + `":` + values[other][0])
				}
			}
			if slices.Contains(row.members, "options") && m.name != "options" && m.name != "dictionary" {
				others.WriteString(`,"options":` + values["options"][0])
			}
			takes := slices.ContainsFunc(values[m.name], func(value string) bool {
				member := `"` + m.name + `":` + value + others.String()
				return fits(t, s, form(`{"id":"a","label":T,"type":"`+string(name)+`",`+member+`}`)) == nil
			})
			if want := slices.Contains(row.members, m.name); takes != want {
				t.Errorf("%s of a %s: the row says %v, form.schema.json %v", m.name, name, want, takes)
			}
		}
	}
}

// TestExamplesAreRight: what a row gives as examples is canonical, and taken.
func TestExamplesAreRight(t *testing.T) {
	t.Parallel()
	for name, row := range kinds {
		f := &Field{ID: "a", Type: name, Dictionary: "gioi_tinh"}
		row.complete(&loader{form: &Form{}}, "", f)
		f.tag = row.tag(f)
		if row.shape == oneText && len(row.examples)+len(f.entries()) == 0 && row.answered == byPerson {
			t.Errorf("%s has no example", name)
		}
		for _, text := range append(f.Examples(func(int) int {
			return 0
		}), f.Examples(func(n int) int { return n - 1 })...) {
			got, bad := f.Canonical(text), f.badText(text)
			if got != text || bad != nil || f.outside(text, today) != nil {
				t.Errorf("%s: the example %q is read as %q: %v", name, text, got, bad)
			}
		}
	}
}
