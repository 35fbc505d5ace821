package static

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/services/eform"
)

// TestTheScriptHasEveryEditor compares the script's table of editors with those that types of fields name,
// both ways.
func TestTheScriptHasEveryEditor(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("files/app.js")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(script), "const editors = {\n")
	table, _, ends := strings.Cut(after, "\n    };\n")
	if !found || !ends {
		t.Fatal("the script has no table of editors")
	}
	var has []eform.Editor
	for _, m := range regexp.MustCompile(`(?m)^ {6}([a-z]+): `).FindAllStringSubmatch(table, -1) {
		has = append(has, eform.Editor(m[1]))
	}
	if rows := len(regexp.MustCompile(`(?m)^ {6}\S`).FindAllString(table, -1)); rows != len(has) {
		t.Errorf("%d editors in %d rows", len(has), rows)
	}
	for _, editor := range eform.Editors() {
		if !slices.Contains(has, editor) {
			t.Errorf("the script has no editor %s", editor)
		}
	}
	for _, editor := range has {
		if !slices.Contains(eform.Editors(), editor) {
			t.Errorf("no type of field has the script's editor %s", editor)
		}
	}
}
