package procedure

import (
	"slices"

	"congdvc/services/agency"
	"congdvc/services/eform"
)

// Receivers says which agencies take the dossiers: all agencies of the kinds, and those named by their code.
type Receivers struct {
	Kinds    []agency.Kind `json:"kinds"`
	Agencies []string      `json:"agencies,omitempty"`
}

// None reports whether no agency is meant.
func (r Receivers) None() bool { return len(r.Kinds) == 0 && len(r.Agencies) == 0 }

// Takers gives the same for agency.Receiving and agency.Taking.
func (r Receivers) Takers() agency.Takers { return agency.Takers{Kinds: r.Kinds, Codes: r.Agencies} }

// Receivers are the kinds of the province's agencies that match the levels of a record. Ministries and others
// receive nothing here.
func (o *Origin) Receivers() Receivers {
	r := Receivers{Kinds: []agency.Kind{}}
	if slices.Contains(o.Levels, "Cấp tỉnh") {
		r.Kinds = append(r.Kinds, agency.Department)
	}
	if slices.Contains(o.Levels, "Cấp xã") {
		r.Kinds = append(r.Kinds, agency.Commune)
	}
	return r
}

// The ways to tell who decides.
const (
	byReceiver  = "receiver"
	ByAgency    = "agency"
	ByCommuneOf = "commune_of"
)

// A Decider says which agency decides a dossier that was handed in; zero is the one that received it.
type Decider struct {
	By     string `json:"by"`
	Agency string `json:"agency,omitempty"` // ByAgency: its code
	// ByCommuneOf: id of an address field; the commune in its answer decides
	Field string `json:"field,omitempty"`
}

// Receives reports whether an agency takes dossiers of this procedure.
func (v *Version) Receives(a *agency.Agency) bool {
	return slices.Contains(v.ReceivedBy.Kinds, a.Kind) || slices.Contains(v.ReceivedBy.Agencies, a.Code)
}

// DecidingUnit returns the five digits of the commune that decides by its address field, as these answers
// have it. It is "" when another rule applies, the field was not asked, or its commune was typed in words.
func (v *Version) DecidingUnit(a eform.Answers) string {
	if v.DecidedBy.By != ByCommuneOf {
		return ""
	}
	rows := v.prune(a)[v.DecidedBy.Field].Rows
	if len(rows) == 0 || !agency.IsUnit(rows[0][eform.PartCommune]) {
		return ""
	}
	return rows[0][eform.PartCommune]
}

// receivers checks who receives and who decides.
func (c *checker) receivers() {
	seen := map[string]bool{}
	for _, kind := range c.d.ReceivedBy.Kinds {
		if !slices.Contains([]agency.Kind{agency.Province, agency.Department, agency.Commune}, kind) ||
			seen[string(kind)] {
			c.wrong("unknown kind of agency %q, or there twice", kind)
		}
		seen[string(kind)] = true
	}
	for _, code := range c.d.ReceivedBy.Agencies {
		if !agency.IsCode(code) || seen[code] {
			c.wrong("received by %q, which is no code of an agency as H42.STP, or there twice", code)
		}
		seen[code] = true
	}
	switch by := c.d.DecidedBy; by.By {
	case "", byReceiver:
		if by.Agency != "" || by.Field != "" {
			c.wrong("decided by the receiver, and yet names an agency or a field")
		}
	case ByAgency:
		if !agency.IsCode(by.Agency) || by.Field != "" {
			c.wrong("decided by the agency %q, which is no code as H42.STP, or names a field too", by.Agency)
		}
	case ByCommuneOf:
		if by.Agency != "" || c.form == nil || c.form.Field(by.Field) == nil ||
			c.form.Field(by.Field).Shape() != eform.OneAddress {
			c.wrong("decided by the commune of %q, which is no address field of the form, or names an "+
				"agency too", by.Field)
		}
	default:
		c.wrong("decided by %q, which is none of receiver, agency, commune_of", by.By)
	}
}
