package backoffice

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// tree reads a contract as generators do: maps, lists and plain values.
func tree(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var root map[string]any
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// pointerTo is the path of a node, as a JSON Pointer in a fragment.
func pointerTo(path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var b strings.Builder
	for _, step := range path {
		b.WriteString("/" + url.PathEscape(escape.Replace(step)))
	}
	return b.String()
}

// walkTree calls see for every node, parents first.
func walkTree(path []string, node any, see func(path []string, node any)) {
	see(path, node)
	step := func(name string) []string { return append(slices.Clone(path), name) }
	switch node := node.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			walkTree(step(name), node[name], see)
		}
	case []any:
		for i, item := range node {
			walkTree(step(fmt.Sprint(i)), item, see)
		}
	}
}

// contractFaults says what in a contract stops generators that read it: a member that is null, which an
// unquoted comma in a flow mapping makes, and a list of values without a type.
func contractFaults(root map[string]any) (faults []string) {
	walkTree(nil, root, func(path []string, node any) {
		at := pointerTo(path)
		if node == nil {
			faults = append(faults, at+" is null")
		}
		schema, is := node.(map[string]any)
		if !is || slices.Contains(path, "example") || slices.Contains(path, "value") ||
			len(path) > 0 && path[len(path)-1] == "properties" {
			return
		}
		for _, member := range []string{"enum", "const"} {
			if _, has := schema[member]; has && schema["type"] == nil {
				faults = append(faults, at+" has "+member+" and no type")
			}
		}
	})
	return faults
}

func TestContractTree(t *testing.T) {
	t.Parallel()
	for _, fault := range contractFaults(tree(t, contract)) {
		t.Error(fault)
	}
	for text, want := range map[string]string{
		"a: {description: Yours, as told.}":          "/a/as told. is null",
		"a: {properties: {enum: {enum: [b]}}}":       "/a/properties/enum has enum and no type",
		"a: [{const: b}]":                            "/a/0 has const and no type",
		"a: {type: string, enum: [b]}":               "",
		"a: {properties: {const: {type: string}}}":   "",
		"a: {description: 'Yours, as told.', b: []}": "",
	} {
		got, _ := url.PathUnescape(strings.Join(contractFaults(tree(t, []byte(text))), " "))
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestContractExamples holds every example to its schema.
func TestContractExamples(t *testing.T) {
	t.Parallel()
	root := tree(t, contract)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("contract.json", root); err != nil {
		t.Fatal(err)
	}
	held := 0
	walkTree(nil, root, func(path []string, node any) {
		place, is := node.(map[string]any)
		if !is || place["schema"] == nil {
			return
		}
		examples, _ := place["examples"].(map[string]any)
		all := map[string]any{}
		for name := range examples {
			all[name] = resolved(root, examples[name]).(map[string]any)["value"]
		}
		if example, has := place["example"]; has {
			all["example"] = example
		}
		for name, example := range all {
			held++
			schema, err := compiler.Compile("contract.json#" + pointerTo(append(path, "schema")))
			if err == nil {
				err = schema.Validate(example)
			}
			if err != nil {
				t.Errorf("%s, %s: %v", pointerTo(path), name, err)
			}
		}
	})
	if held < 40 {
		t.Errorf("only %d examples were found", held)
	}
}

// resolved follows a reference within a contract.
func resolved(root map[string]any, node any) any {
	named, _ := node.(map[string]any)
	ref, is := named["$ref"].(string)
	if !is {
		return node
	}
	var at any = root
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		at = at.(map[string]any)[step]
	}
	return resolved(root, at)
}

// TestContractShowsEvents: the webhook has an example of each type of event.
func TestContractShowsEvents(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	item, _ := model.Webhooks.Get("event")
	content, _ := item.Post.RequestBody.Content.Get("application/cloudevents+json")
	var shown []string
	for _, example := range content.Examples.FromOldest() {
		var event struct{ Type string }
		if err := example.Value.Decode(&event); err != nil {
			t.Fatal(err)
		}
		shown = append(shown, event.Type)
	}
	types := enum(t, model, "EventType")
	slices.Sort(shown)
	slices.Sort(types)
	if !slices.Equal(shown, types) {
		t.Errorf("shown %q, told %q", shown, types)
	}
}
