package desktest

import (
	"bytes"
	"encoding/json"
	"testing"

	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// Redefine changes members of a procedure's definition as an operator does: the export is edited and brought
// back.
func (p *Province) Redefine(t testing.TB, code string, members map[string]any) {
	t.Helper()
	var exported bytes.Buffer
	_, err := procedure.Export(t.Context(), p.Pool, &exported, workday.DateOf(p.Desk.Now()), code)
	must(t, err)
	var line struct {
		Definition map[string]any `json:"definition"`
		Form       string         `json:"form,omitempty"`
	}
	must(t, json.Unmarshal(exported.Bytes(), &line))
	for name, value := range members {
		line.Definition[name] = value
	}
	edited, err := json.Marshal(line)
	must(t, err)
	source, err := procedure.ParseExported(edited)
	must(t, err)
	brought, err := procedure.Bring(t.Context(), p.Pool, source, procedure.BringIn{Vault: p.Vault})
	must(t, err)
	if brought.Outcome != procedure.Changed {
		t.Fatalf("%s was not changed: %s %v", code, brought.Outcome, brought.Reason)
	}
}
