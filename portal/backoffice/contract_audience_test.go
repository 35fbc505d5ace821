package backoffice

import (
	"encoding/json"
	"testing"

	"congdvc/identity"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/procedure"

	schemas "github.com/pb33f/libopenapi-validator/schema_validation"
)

// TestContractSaysWhoMayFile: the schema of a revision refuses an organisation where only citizens may file,
// and a person without a capacity where citizens are not meant. What the desk accepts, it accepts.
func TestContractSaysWhoMayFile(t *testing.T) {
	t.Parallel()
	_, model := document(t)
	proxy, _ := model.Components.Schemas.Get("Revision")
	check := schemas.NewSchemaValidator()
	revision := dossier.Revision{Dossier: "H42.37.14329-261123-0007", Number: 1, Lang: "vi",
		Procedure:   dossier.ProcedureRef{Code: "2.000635", Version: 1, VersionID: "x", FormHash: "x"},
		SubmittedAt: desktest.Morning}
	sets := [][]string{nil, {"citizen"}, {"business"}, {"organisation"}, {"citizen", "business"},
		{"business", "organisation"}, {"citizen", "business", "organisation"}}
	for _, audience := range sets {
		version := procedure.Definition{Audience: audience}
		for _, kind := range []identity.Kind{identity.Person, identity.Organisation} {
			for _, told := range []procedure.Capacity{"", procedure.Founder} {
				r := revision
				r.Procedure.Audience, r.Owner.Kind, r.Capacity = audience, kind, told
				r.Person.Kind = identity.Person
				body, err := r.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				var said any
				if err := json.Unmarshal(body, &said); err != nil {
					t.Fatal(err)
				}
				want := version.CheckFiler(kind, told) == nil && version.CapacityOf(kind, told) == told
				if ok, _ := check.ValidateSchemaObject(proxy.Schema(), said); ok != want {
					t.Errorf("%s as %q for %v: the schema says %t", kind, told, audience, ok)
				}
			}
		}
	}
}
