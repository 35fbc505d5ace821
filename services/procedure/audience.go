package procedure

import (
	"slices"

	"congdvc/identity"
	"congdvc/services/fault"
)

// The audiences of a procedure, as Definition.Audience has them.
const (
	ForCitizens      = "citizen"
	ForBusinesses    = "business"
	ForOrganisations = "organisation"
)

// audiences lists every audience.
var audiences = []string{ForCitizens, ForBusinesses, ForOrganisations}

// Faults about who files.
var (
	// ErrCitizensOnly refuses an organisation where only citizens may file.
	ErrCitizensOnly = fault.New(fault.Conflict, "procedure.citizens_only")
	// ErrNoCapacity asks a person in what capacity they file where a procedure is not for citizens.
	ErrNoCapacity = fault.New(fault.Invalid, "procedure.no_capacity")
)

// A Capacity is in what capacity a person files under a procedure that is not for citizens. Its text is
// procedure.capacity.<capacity>.
type Capacity string

// The capacities.
const (
	Household      Capacity = "household"      // owner or member of a household business
	Founder        Capacity = "founder"        // founds the business or the organisation
	Representative Capacity = "representative" // represents it, or is authorised by it
	OtherCapacity  Capacity = "other"          // none of these; the agency judges
)

// capacities says for which audiences each capacity is offered; in the order in which people are asked.
var capacities = []struct {
	capacity  Capacity
	audiences []string
}{
	{Household, []string{ForBusinesses}},
	{Founder, []string{ForBusinesses, ForOrganisations}},
	{Representative, []string{ForBusinesses, ForOrganisations}},
	{OtherCapacity, []string{ForBusinesses, ForOrganisations}},
}

// Capacities are those in which a person may file; none where a person is not asked, because the procedure is
// for citizens too or does not say for whom it is. Households and founders have no account of an
// organisation, so a person is asked and never shut out.
func (d *Definition) Capacities() []Capacity {
	if len(d.Audience) == 0 || slices.Contains(d.Audience, ForCitizens) {
		return nil
	}
	var offered []Capacity
	for _, c := range capacities {
		if slices.ContainsFunc(c.audiences, func(a string) bool { return slices.Contains(d.Audience, a) }) {
			offered = append(offered, c.capacity)
		}
	}
	return offered
}

// ForOrganisation reports whether an organisation may file. The portal knows organisations by their tax code,
// which does not tell a business from another organisation: where one of them may file, both may.
func (d *Definition) ForOrganisation() bool {
	if len(d.Audience) == 0 {
		return true
	}
	return slices.ContainsFunc(d.Audience, func(a string) bool { return a != ForCitizens })
}

// CheckFiler says whether a party of a kind may file, and in the capacity that was told; "" is none. Errors:
// ErrCitizensOnly; ErrNoCapacity where one has to be told and is not, or is none of Capacities.
func (d *Definition) CheckFiler(kind identity.Kind, told Capacity) error {
	if kind == identity.Organisation {
		if !d.ForOrganisation() {
			return ErrCitizensOnly.At("party")
		}
		return nil
	}
	if offered := d.Capacities(); len(offered) > 0 && !slices.Contains(offered, told) {
		return ErrNoCapacity.At("capacity")
	}
	return nil
}

// CapacityOf is the capacity that a filing by a party of a kind has: what was told where it is asked, else
// none.
func (d *Definition) CapacityOf(kind identity.Kind, told Capacity) Capacity {
	if kind == identity.Organisation || !slices.Contains(d.Capacities(), told) {
		return ""
	}
	return told
}
