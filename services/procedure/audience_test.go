package procedure_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"congdvc/identity"
	"congdvc/services/procedure"
)

// TestWhoMayFile ranges over every set of audiences: an organisation is refused where only citizens may file,
// a person is asked in what capacity where citizens are not meant, and nobody else is kept from anything.
func TestWhoMayFile(t *testing.T) {
	t.Parallel()
	const citizen, business, organisation = "citizen", "business", "organisation"
	all := []procedure.Capacity{procedure.Household, procedure.Founder, procedure.Representative,
		procedure.OtherCapacity}
	for name, test := range map[string]struct {
		audience []string
		refused  bool // an organisation
		asked    []procedure.Capacity
	}{
		"nobody is said":           {nil, false, nil},
		"citizens":                 {[]string{citizen}, true, nil},
		"businesses":               {[]string{business}, false, all},
		"organisations":            {[]string{organisation}, false, all[1:]},
		"businesses and the other": {[]string{business, organisation}, false, all},
		"citizens and businesses":  {[]string{citizen, business}, false, nil},
		"citizens and others":      {[]string{organisation, citizen}, false, nil},
		"everybody":                {[]string{citizen, business, organisation}, false, nil},
	} {
		d := &procedure.Definition{Audience: test.audience}
		err := d.CheckFiler(identity.Organisation, "")
		if errors.Is(err, procedure.ErrCitizensOnly) != test.refused || (err == nil) == test.refused {
			t.Errorf("%s: an organisation: %v", name, err)
		}
		if got := d.Capacities(); !slices.Equal(got, test.asked) {
			t.Errorf("%s: asked %v", name, got)
		}
		for _, told := range append([]procedure.Capacity{"", "x"}, all...) {
			want := len(test.asked) == 0 || slices.Contains(test.asked, told)
			if err := d.CheckFiler(identity.Person, told); (err == nil) != want ||
				err != nil && !errors.Is(err, procedure.ErrNoCapacity) {
				t.Errorf("%s: a person as %q: %v", name, told, err)
			}
			kept := d.CapacityOf(identity.Person, told)
			if kept != "" && (kept != told || !slices.Contains(test.asked, told)) ||
				d.CapacityOf(identity.Organisation, told) != "" {
				t.Errorf("%s: %q is kept as %q", name, told, kept)
			}
		}
	}
}

// TestStarterAudiences: who may file under each procedure of the starter, by the national records. Those of
// household businesses (1.001612) and of land (1.013831) name businesses too, which the records count among
// the others.
func TestStarterAudiences(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for audience, codes := range map[string]string{
		"citizen": "1.000656 1.000894 1.001193 1.004859 1.004873 2.000884 3.000333 " +
			"3.000347",
		"citizen business organisation": "1.001612 1.004194 1.013225 1.013831 2.001583 2.001827",
		"citizen organisation":          "1.001731 2.000635 2.000815 2.000908",
		"business":                      "2.000033 2.001628",
	} {
		for code := range strings.FieldsSeq(codes) {
			want[code] = audience
		}
	}
	sources, err := procedure.Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		if got := strings.Join(s.Definition.Audience, " "); got != want[s.Definition.Code] {
			t.Errorf("%s is for %q", s.Definition.Code, got)
		}
	}
}
