package national

import (
	"fmt"
	"slices"

	"congdvc/services/procedure"
)

// readResults reads results and legal basis. A code that is not one of the national catalogue is left out:
// some records have test input there.
func readResults(d *procedure.Definition, r *record) (left []string) {
	for _, k := range r.KETQUATHUCHIEN {
		code, name := tidy(k.MAKETQUA), vi(k.TENKETQUA)
		if code != "" && !procedure.IsResultCode(code) {
			left = append(left, fmt.Sprintf("the result's code %.40q", code))
			code = ""
		}
		result := procedure.ResultKind{Code: code, Name: name}
		if name.Vi != "" && !slices.Contains(d.Results, result) {
			d.Results = append(d.Results, result)
		}
	}
	for _, b := range r.CANCUPHAPLY {
		basis := procedure.LegalBasis{Number: tidy(b.SOVANBAN), Name: vi(b.TENVANBAN)}
		if (basis.Number != "" || basis.Name.Vi != "") && !slices.Contains(d.Basis, basis) {
			d.Basis = append(d.Basis, basis)
		}
	}
	return left
}
