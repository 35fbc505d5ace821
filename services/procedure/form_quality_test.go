package procedure

import (
	"strings"
	"testing"

	"congdvc/services/eform"
	"congdvc/services/pgtest"
)

// TestFormQuality loads a version whose form gives an id to another type of question.
func TestFormQuality(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	load(t, pool, starterSources(t))
	first, err := InForce(t.Context(), pool, "2.000635", day(t, "2026-11-23"))
	if err != nil {
		t.Fatal(err)
	}
	if wrong, err := first.FormQuality(t.Context(), pool); wrong != nil || err != nil {
		t.Errorf("the first version: %v, %v", wrong, err)
	}
	raw, err := data.ReadFile("data/procedures/2.000635.form.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), `"type": "name"`, `"type": "text"`, 1)
	next := *first
	next.ID = "another"
	if next.form, err = eform.Load([]byte(text)); err != nil {
		t.Fatal(err)
	}
	wrong, err := next.FormQuality(t.Context(), pool)
	if err != nil || wrong == nil ||
		!strings.Contains(wrong.Error(), "was of type name and is now of type text") {
		t.Errorf("%v, %v", wrong, err)
	}
}

func TestParseRefusesWhatIsNeverAsked(t *testing.T) {
	t.Parallel()
	definition, err := data.ReadFile("data/procedures/2.000635.json")
	if err != nil {
		t.Fatal(err)
	}
	form, err := data.ReadFile("data/procedures/2.000635.form.json")
	if err != nil {
		t.Fatal(err)
	}
	const added = `{"id": "khong_bao_gio", "type": "text", "label": {"vi": "x", "en": "x"},
		"when": {"all": [{"field": "nyc.loai", "op": "eq", "value": "ca_nhan"}, {"field": "nyc.loai", "op": "ne", "value": "ca_nhan"}]}}, `
	last := strings.LastIndex(string(form), `"fields": [`) + len(`"fields": [`)
	if _, err := Parse(definition, form); err != nil {
		t.Fatal(err)
	}
	_, err = Parse(definition, []byte(string(form[:last])+added+string(form[last:])))
	if err == nil || !strings.Contains(err.Error(), "khong_bao_gio can never be asked") {
		t.Error(err)
	}
}
