package procedure

import (
	"slices"

	"congdvc/services/eform"
	"congdvc/services/workday"
)

// known checks that an id names something of the definition.
func (c *checker) known(what, kind, id string) {
	found := false
	switch kind {
	case "quantity":
		found = slices.ContainsFunc(c.d.Quantities, func(q Quantity) bool { return q.ID == id })
	case "exemption":
		found = slices.ContainsFunc(c.d.Exemptions, func(x Exemption) bool { return x.ID == id })
	case "requirement":
		found = slices.ContainsFunc(c.d.Requirements, func(r Requirement) bool { return r.ID == id })
	case "fee":
		found = slices.ContainsFunc(c.d.Fees, func(r FeeRule) bool { return r.Code == id })
	case "channel":
		found = slices.ContainsFunc(c.d.Channels, func(ch Channel) bool { return ch.ID == id })
	case "case":
		found = slices.ContainsFunc(c.d.Cases, func(k Case) bool { return k.ID == id })
	}
	if !found {
		c.wrong("%s names an unknown %s %q", what, kind, id)
	}
}

// quantities checks what fees are counted by.
func (c *checker) quantities() {
	seen := map[string]bool{}
	for _, q := range c.d.Quantities {
		what := "quantity " + q.ID
		if q.ID == "" || seen[q.ID] {
			c.wrong("quantity %q has no id of its own", q.ID)
		}
		seen[q.ID] = true
		c.text(what, q.Name)
		if q.Max < 1 || q.Max > mostQuantity || q.Default < 0 || q.Default > q.Max {
			c.wrong("%s needs a default from 0 to its max, and a max from 1 to %d", what, mostQuantity)
		}
		if q.Field != "" && (c.form == nil || c.form.Field(q.Field) == nil ||
			c.form.Field(q.Field).Type != eform.Number) {
			c.wrong("%s is held by %q, which is not a number in the form", what, q.Field)
		}
		if !slices.ContainsFunc(c.d.Fees, func(r FeeRule) bool {
			return r.Quantity == q.ID || r.Times == q.ID
		}) {
			c.wrong("%s counts no fee", what)
		}
	}
}

// steps checks that the steps of a fee rise, and that its ceiling does not undercut the first unit.
func (c *checker) steps(what string, r FeeRule) {
	last := int64(1)
	for _, s := range r.Steps {
		if s.From <= last || s.Amount < 0 {
			c.wrong("%s has a step from %d that does not come after %d, or is below zero", what, s.From, last)
		}
		last = s.From
	}
	if r.Ceiling != nil && *r.Ceiling < max(r.first(), 1) {
		c.wrong("%s has a ceiling below its first unit", what)
	}
	if r.Times != "" && r.Times == r.Quantity {
		c.wrong("%s is multiplied by the quantity that counts it", what)
	}
	if most, err := r.most(c.d.Quantities); err != nil || most.Amount > 1000*MostFee {
		c.wrong("%s can come to a sum too large at its largest quantities", what)
	}
}

// most is what a rule comes to at the largest quantities.
func (r *FeeRule) most(quantities []Quantity) (FeeLine, error) {
	v, c := &Version{Definition: Definition{Quantities: quantities}}, Choice{Quantities: map[string]int64{}}
	for _, q := range quantities {
		c.Quantities[q.ID] = q.Max
	}
	return v.line(r, c, nil)
}

// silent refuses a definition that names fees, but none for a case and a channel by which it is filed. Read
// as free, a forgotten rule would cost nobody anything; what is really free has an amount of 0. Records from
// elsewhere, and channels whose fee is told in words, are left as their source has them.
func (c *checker) silent() {
	v := &Version{Definition: *c.d}
	if len(c.d.Fees) == 0 || c.d.Source != nil {
		return
	}
	for _, in := range v.caseIDs() {
		for _, ch := range c.d.Channels {
			named := slices.ContainsFunc(v.feeCodes(), func(fee string) bool {
				return len(v.rulesOf(fee, in, ch.ID)) > 0
			})
			if !named && len(ch.FeeText) == 0 && v.Fits(in, ch.ID) {
				c.wrong("no fee is named (case %q, %s): add a rule, with the amount 0 where it is free", in,
					ch.ID)
			}
		}
	}
}

// gaps refuses a fee that no rule sets on the first day of the version, or between two of its rules. A last
// rule that ends need not be a mistake; FeeGaps looks ahead for that.
func (c *checker) gaps() {
	v := &Version{Definition: *c.d}
	for _, fee := range v.feeCodes() {
		for _, in := range v.caseIDs() {
			for _, ch := range c.d.Channels {
				rules := v.rulesOf(fee, in, ch.ID)
				for _, day := range turns(rules, c.d.EffectiveFrom) {
					if !followed(rules, day) {
						c.wrong("fee %s (case %q, %s) has a gap on %s", fee, in, ch.ID, day)
					}
				}
			}
		}
	}
}

// turns are the first day of a version, and the later days on which a rule ends while another one is still to
// begin.
func turns(rules []*FeeRule, first workday.Date) []workday.Date {
	if len(rules) == 0 {
		return nil
	}
	days := []workday.Date{first}
	for _, r := range rules {
		if r.To == nil || !r.To.After(first) {
			continue
		}
		if slices.ContainsFunc(rules, func(next *FeeRule) bool { return next.From.After(*r.To) }) {
			days = append(days, *r.To)
		}
	}
	return days
}

// exemptions checks who pays less, how much less, when, and by what proof.
func (c *checker) exemptions() {
	for i, x := range c.d.Exemptions {
		what := "exemption " + x.ID
		c.text(what, x.Name)
		if x.ID == "" || x.Basis == "" || x.From.IsZero() || x.To != nil && !x.To.After(x.From) {
			c.wrong("exemption %d (%s) needs an id, a basis and a time", i+1, x.ID)
		}
		if (x.Amount == nil) == (x.Percent == 0) || x.Percent < 0 || x.Percent > 100 || x.Amount != nil &&
			*x.Amount < 0 {
			c.wrong("%s needs either a percentage from 1 to 100 or an amount that is not below zero", what)
		}
		for _, code := range x.Fees {
			c.known(what, "fee", code)
		}
		for _, id := range x.Channels {
			c.known(what, "channel", id)
		}
		c.knownCases(what, x.Cases)
		c.applies(what, x.Cases, x.Channels)
		c.condition(what, x.When)
		if x.Evidence != "" {
			c.known(what, "requirement", x.Evidence)
			c.evidence(what, x)
		}
		for _, earlier := range c.d.Exemptions[:i] {
			if earlier.ID == x.ID && meets(earlier.From, earlier.To, x.From, x.To) {
				c.wrong("%s is there twice on one day", what)
			}
		}
	}
}

// evidence checks that the proof of an exemption is asked of whoever claims it.
func (c *checker) evidence(what string, x Exemption) {
	for _, r := range c.d.Requirements {
		if r.ID == x.Evidence && len(r.Exemptions) > 0 && !slices.Contains(r.Exemptions, x.ID) {
			c.wrong("%s is proved by requirement %s, which is asked for other exemptions only", what, r.ID)
		}
	}
}

// meets reports whether two times have a day in common.
func meets(aFrom workday.Date, aTo *workday.Date, bFrom workday.Date, bTo *workday.Date) bool {
	return (aTo == nil || aTo.After(bFrom)) && (bTo == nil || bTo.After(aFrom))
}

// amount checks that a fee has an amount that can be, or says who sets it.
func (c *checker) amount(what string, r FeeRule) {
	switch {
	case r.SetBy != "":
		if r.Amount != nil || len(r.Steps) > 0 || r.Ceiling != nil || c.d.Source != nil {
			c.wrong("%s leaves its amount to another but has an amount, steps or a ceiling, or comes from "+
				"a record", what)
		}
		if r.SetBy != SetByCouncil {
			c.wrong("%s leaves its amount to an unknown %q", what, r.SetBy)
		}
	case r.Amount == nil:
		c.wrong("%s needs an amount, or set_by", what)
	case *r.Amount < 0:
		c.wrong("%s is below zero", what)
	case *r.Amount > MostFee:
		c.wrong("%s is above every fee there is", what)
	}
}
