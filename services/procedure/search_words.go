package procedure

import (
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
)

// searchArgs gives the texts by which a definition is found: its names; what people call it, which is also
// compared when a query has typing errors; where it belongs; and what it is about. The keys of the filters
// are included.
func (d *Definition) searchArgs() pgx.StrictNamedArgs {
	names := strings.Join([]string{d.Name.Vi, d.Name.En}, " ; ")
	called := append([]string{}, d.Keywords...)
	called = append(called, synonymsOf(d.Name.Vi)...)
	for _, e := range allEvents() {
		if slices.Contains(e.Codes, d.Code) {
			called = append(called, e.Name.Vi, e.Name.En)
		}
	}
	field := fieldCode(d.Field)
	known, _ := knownField(field)
	belongs := append([]string{d.Field.Name.Vi, d.Field.Name.En, known.Name.En, d.AgencyText.Vi,
		d.AgencyText.En}, known.Aliases...)
	if d.Source != nil {
		belongs = append(belongs, d.Source.Executing)
	}
	about := []string{d.Code, d.Summary.Vi, d.Summary.En}
	for _, r := range d.Results {
		about = append(about, r.Name.Vi, r.Name.En)
	}
	knownAs := strings.Join(called, " ; ")
	return pgx.StrictNamedArgs{
		"names": names, "known_as": knownAs, "belongs": strings.Join(belongs, " ; "),
		"about": strings.Join(about, " ; "), "near": names + " ; " + knownAs, "field": field,
		"audience": append([]string{}, d.Audience...), "receivers": d.receivers(), "bodies": d.agencyKeys(),
	}
}

// communeCode is a commune's code by its last part, the number of its unit.
var communeCode = regexp.MustCompile(`\.[0-9]{5}$`)

// receivers are the kinds of agencies that take the dossiers, as the filter has them. The kinds of agencies
// that are named by code are included.
func (d *Definition) receivers() []string {
	kinds := []string{}
	add := func(kind agency.Kind) {
		if !slices.Contains(kinds, string(kind)) {
			kinds = append(kinds, string(kind))
		}
	}
	for _, kind := range d.ReceivedBy.Kinds {
		add(kind)
	}
	for _, code := range d.ReceivedBy.Agencies {
		if communeCode.MatchString(code) {
			add(agency.Commune)
		} else {
			add(agency.Department)
		}
	}
	return kinds
}
