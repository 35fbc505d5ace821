package procedure

import (
	"slices"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// An Exemption is a ground on which the law takes less, or nothing: exactly one of Percent and Amount says
// how much.
type Exemption struct {
	ID      string    `json:"id"`
	Name    i18n.Text `json:"name"` // who has it: "Người cao tuổi"
	Help    i18n.Text `json:"help,omitzero"`
	Fees    []string  `json:"fees,omitempty"`    // codes of the fees that it lowers; none: all
	Percent int       `json:"percent,omitempty"` // how much less, 1 to 100; 100 is nothing to pay
	// Amount is what a unit costs instead; steps and ceiling then do not apply.
	Amount *dong.Amount `json:"amount,omitempty"`
	// Evidence is the id of the requirement that proves it; "" where the agency sees for itself.
	Evidence string `json:"evidence,omitempty"`
	// When is the answer of the form by which a submission claims it; nil: it is claimed at the agency only.
	When     *eform.Condition `json:"when,omitempty"`
	Cases    []string         `json:"cases,omitempty"`
	Channels []string         `json:"channels,omitempty"`
	From     workday.Date     `json:"from"`
	To       *workday.Date    `json:"to,omitempty"` // first day on which it no longer applies
	Basis    string           `json:"basis"`
	Note     i18n.Text        `json:"note,omitzero"`
}

// ExemptionsFor returns the exemptions that can be claimed in a case on a channel on a day. For filing online
// with a form, those are the exemptions that the form asks about.
func (v *Version) ExemptionsFor(caseID, channel string, on workday.Date) []Exemption {
	var all []Exemption
	for i := range v.Exemptions {
		if v.claimable(&v.Exemptions[i], Choice{Case: caseID, Channel: channel, On: on}) {
			all = append(all, v.Exemptions[i])
		}
	}
	return all
}

func (v *Version) claimable(x *Exemption, c Choice) bool {
	return covers(x.Cases, c.Case) && covers(x.Channels, c.Channel) && v.Fits(c.Case, c.Channel) &&
		holds(x.From, x.To, c.On) &&
		(x.When != nil || v.form == nil || c.Channel != Online)
}

// exemption returns the exemption of a choice, nil without one or where it cannot be claimed.
func (v *Version) exemption(c Choice) *Exemption {
	for i := range v.Exemptions {
		if x := &v.Exemptions[i]; x.ID == c.Exemption && v.claimable(x, c) {
			return x
		}
	}
	return nil
}

// Whole reports whether nothing is left to pay under the exemption.
func (x *Exemption) Whole() bool { return x.Percent == 100 || x.Amount != nil && *x.Amount == 0 }

// lower returns what is left of a line under the exemption. Percentages of odd sums are rounded in favour of
// the person.
func (x *Exemption) lower(l FeeLine) (dong.Amount, error) {
	if x.Amount != nil {
		left, err := x.Amount.Times(l.Quantity)
		if err == nil {
			left, err = left.Times(l.Times)
		}
		return min(left, l.Full), err
	}
	share := dong.Amount(100 - x.Percent)
	return l.Full/100*share + l.Full%100*share/100, nil
}

// lowers reports whether the exemption is about a fee.
func (x *Exemption) lowers(code string) bool {
	return len(x.Fees) == 0 || slices.Contains(x.Fees, code)
}
