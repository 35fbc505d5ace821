package portal

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
)

// TestEveryControlIsDrawn compares the controls that the template draws with those that there are, both ways.
func TestEveryControlIsDrawn(t *testing.T) {
	t.Parallel()
	raw, err := templateFiles.ReadFile("templates/parts/question.html")
	if err != nil {
		t.Fatal(err)
	}
	var drawn []eform.Control
	for _, m := range regexp.MustCompile(`eq \.Control "([a-z]+)"`).FindAllStringSubmatch(string(raw), -1) {
		drawn = append(drawn, eform.Control(m[1]))
	}
	for _, control := range eform.Controls() {
		if !slices.Contains(drawn, control) {
			t.Errorf("question.html does not draw the control %s", control)
		}
	}
	for _, control := range drawn {
		if !slices.Contains(eform.Controls(), control) {
			t.Errorf("question.html draws the control %s, which there is not", control)
		}
	}
}

// TestEveryTypeIsDrawn draws a question of each type and looks for the input that a fault of it leads to.
func TestEveryTypeIsDrawn(t *testing.T) {
	t.Parallel()
	all, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range eform.Types() {
		_, form, err := eformtest.OfType(of)
		if err != nil {
			t.Fatal(err)
		}
		field := form.Field("a")
		if !slices.Contains(eform.Controls(), field.Control()) {
			t.Errorf("%s has the control %s, which there is not", of, field.Control())
		}
		view := formView{lang: i18n.Vi}.input(field, field.ID, eform.Value{}, nil)
		var page bytes.Buffer
		if err := all["draft_step"].ExecuteTemplate(&page, "question", view); err != nil {
			t.Fatal(err)
		}
		wanted := `id="a"`
		if field.Asks() && field.Shape() != eform.TableRows {
			wanted = `name="` + field.FirstInput() + `"`
		}
		if !strings.Contains(page.String(), wanted) || !strings.Contains(page.String(), field.Label.Vi) {
			t.Errorf("%s is drawn without %s: %s", of, wanted, page.String())
		}
	}
}
