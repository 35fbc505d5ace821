package procedure

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// codeForm is a national code, or a provincial copy with the agency's code behind it.
var codeForm = regexp.MustCompile(`^[0-9]\.[0-9]{6}(\.[0-9A-Z]+)*$`)

// resultCode is a code of the national catalogue of results.
var resultCode = regexp.MustCompile(`^KQ\.G[0-9]{2}\.[0-9]{6}$`)

// IsResultCode reports whether a text has the form of a code of the national catalogue of results.
func IsResultCode(s string) bool { return resultCode.MatchString(s) }

// IsCode reports whether a text has the form of a procedure's code.
func IsCode(s string) bool { return codeForm.MatchString(s) }

// checker collects everything that is wrong with a definition.
type checker struct {
	d      *Definition
	form   *eform.Form
	faults []error
}

func (c *checker) wrong(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("procedure: %s: "+format, append([]any{c.d.Code}, args...)...))
}

// text checks a text. A source of definitions need not have English; then the Vietnamese stands for both.
func (c *checker) text(what string, t i18n.Text) {
	if t.Vi == "" || t.En == "" && c.d.Source == nil {
		c.wrong("%s needs a text in both languages", what)
	}
}

// source checks the members that only a definition from elsewhere has, and those that it may not have.
func (c *checker) source() {
	if c.d.Source == nil {
		if c.d.General != nil {
			c.wrong("has a form of its own and needs no general one")
		}
		return
	}
	if c.d.Source.Service != National {
		c.wrong("comes from an unknown service %q", c.d.Source.Service)
	}
	if c.d.General == nil && (c.d.Level != Information || c.form != nil) {
		c.wrong("was read from elsewhere, so it is information only unless the general form is allowed")
	}
	if c.d.General != nil && (c.d.Level != PartlyOnline || c.form == nil ||
		c.form.Field(generalSubject) == nil) {
		c.wrong("is filed through the general form, so it is mot_phan and has that form")
	}
}

// condition checks a condition about answers.
func (c *checker) condition(what string, when *eform.Condition) {
	switch {
	case when == nil:
	case c.form == nil:
		c.wrong("%s has a condition, but there is no form", what)
	default:
		if err := c.form.CheckCondition(when); err != nil {
			c.wrong("%s: %w", what, err)
		}
	}
}

// check reports every fault of a definition, by itself and together with its form; nil when it has none.
func (d *Definition) check(form *eform.Form) error {
	c := &checker{d: d, form: form}
	if !IsCode(d.Code) || d.EffectiveFrom.IsZero() {
		c.wrong("needs a code as 1.001193 and its first day")
	}
	if form != nil && form.ID != d.Code {
		c.wrong("the form is of %s", form.ID)
	}
	c.source()
	c.text("name", d.Name)
	for what, t := range map[string]i18n.Text{
		"summary": d.Summary, "field": d.Field.Name, "agency": d.AgencyText,
	} {
		if d.Source == nil {
			c.text(what, t)
		}
	}
	if !slices.Contains([]Level{FullyOnline, PartlyOnline, Information}, d.Level) {
		c.wrong("unknown level %q", d.Level)
	}
	if d.Level != Information && form == nil {
		c.wrong("is filed online but has no form")
	}
	for _, a := range d.Audience {
		if !slices.Contains(audiences, a) {
			c.wrong("is for an unknown audience %q", a)
		}
	}
	c.receivers()
	if d.Source == nil && (d.ReceivedBy.None() || len(d.Results) == 0 || len(d.Basis) == 0 ||
		len(d.Steps) == 0 || len(d.Channels) == 0) {
		c.wrong("needs receivers, results, a legal basis, steps and channels")
	}
	for what, texts := range map[string][]i18n.Text{
		"step": d.Steps, "condition": d.Conditions, "provisional note": d.Provisional, "note": d.Notes,
	} {
		for i, t := range texts {
			c.text(fmt.Sprintf("%s %d", what, i+1), t)
		}
	}
	for _, r := range d.Results {
		c.text("result "+r.Code, r.Name)
	}
	for _, b := range d.Basis {
		if d.Source == nil || b.Number == "" {
			c.text("basis "+b.Number, b.Name)
		}
	}
	c.supplement()
	c.cases()
	c.channels()
	c.requirements()
	c.quantities()
	c.exemptions()
	c.fees()
	return errors.Join(c.faults...)
}

func (c *checker) cases() {
	seen := map[string]bool{}
	for _, k := range c.d.Cases {
		if k.ID == "" || seen[k.ID] {
			c.wrong("case %q has no id of its own", k.ID)
		}
		seen[k.ID] = true
		c.text("case "+k.ID, k.Name)
		asks := func(r Requirement) bool { return covers(r.Cases, k.ID) && len(r.Exemptions) == 0 }
		if has := slices.ContainsFunc(c.d.Requirements, asks); len(c.d.Requirements) > 0 &&
			has == k.NoPapers {
			c.wrong("case %s has no requirement and does not say so, or says so and has one", k.ID)
		}
		c.caseChannels(k)
	}
}

// knownCases checks a list of cases.
func (c *checker) knownCases(what string, ids []string) {
	for _, id := range ids {
		if !slices.ContainsFunc(c.d.Cases, func(k Case) bool { return k.ID == id }) {
			c.wrong("%s names an unknown case %q", what, id)
		}
	}
}

func (c *checker) channels() {
	seen := map[string]bool{}
	for _, ch := range c.d.Channels {
		if !slices.Contains([]string{Online, Counter, Post}, ch.ID) || seen[ch.ID] {
			c.wrong("channel %q is unknown or there twice", ch.ID)
		}
		seen[ch.ID] = true
		c.applies("channel "+ch.ID, nil, []string{ch.ID})
		for _, t := range append(ch.TimeText[:len(ch.TimeText):len(ch.TimeText)], ch.FeeText...) {
			c.text("channel "+ch.ID, t)
		}
		for _, t := range ch.Times {
			if t.Case != "" {
				c.knownCases("time of channel "+ch.ID, []string{t.Case})
				c.applies("time of channel "+ch.ID, []string{t.Case}, []string{ch.ID})
			}
			units := []workday.Unit{workday.WorkingDay, workday.CalendarDay, workday.WorkingHour,
				workday.Month}
			if !slices.Contains(units, t.Term.Unit) || t.Term.Amount < 0 || t.Term.Amount == 0 &&
				t.Term.Unit != workday.WorkingDay {
				c.wrong("channel %s has a time that is no term", ch.ID)
			}
		}
	}
}

func (c *checker) requirements() {
	seen := map[string]bool{}
	for _, r := range c.d.Requirements {
		what := "requirement " + r.ID
		if r.ID == "" || seen[r.ID] {
			c.wrong("requirement %q has no id of its own", r.ID)
		}
		seen[r.ID] = true
		c.text(what, r.Name)
		if r.Mode != Submit && r.Mode != Show {
			c.wrong("%s has an unknown mode %q", what, r.Mode)
		}
		if r.Originals < 0 || r.Copies < 0 || r.MaxFiles < 1 || r.MaxBytes < 1 {
			c.wrong("%s has a count below its least", what)
		}
		for _, m := range r.Accept {
			if !slices.Contains([]string{"application/pdf", "image/jpeg", "image/png"}, m) {
				c.wrong("%s accepts %q, which the portal cannot check", what, m)
			}
		}
		c.knownCases(what, r.Cases)
		c.condition(what, r.When)
		c.substitute(what, r.Substitute)
		for _, id := range r.Exemptions {
			c.known(what, "exemption", id)
		}
		c.claimed(what, r)
	}
}

func (c *checker) substitute(what string, s Substitute) {
	if s.IsZero() {
		return
	}
	c.text(what+" substitute", s.Text)
	if !slices.Contains([]string{byData, byStored, byResult}, s.By) {
		c.wrong("%s has an unknown substitute %q", what, s.By)
	}
	if s.By == byResult && len(s.Results) == 0 {
		c.wrong("%s has a substitute that names no kind of result", what)
	}
	for i, code := range s.Results {
		if !IsResultCode(code) || slices.Contains(s.Results[:i], code) {
			c.wrong("%s has a substitute with %q, which is no code of a kind of result of its own", what,
				code)
		}
	}
}

func (c *checker) fees() {
	for i, r := range c.d.Fees {
		what := fmt.Sprintf("fee %d (%s)", i+1, r.Code)
		c.text(what, r.Name)
		if r.Code == "" || r.Basis == "" && c.d.Source == nil || r.From.IsZero() || r.To != nil &&
			!r.To.After(r.From) {
			c.wrong("%s needs a code, a basis and a time", what)
		}
		known := (r.Kind == "phi" || r.Kind == "le_phi") && (r.Due == DueAtSubmission ||
			r.Due == DueAtCounter)
		unsaid := c.d.Source != nil && (r.Kind == "" || r.Kind == "phi" || r.Kind == "le_phi") && r.Due == ""
		if !known && !unsaid {
			c.wrong("%s has an unknown kind or due", what)
		}
		c.amount(what, r)
		c.knownCases(what, r.Cases)
		c.condition(what, r.When)
		for _, ch := range r.Channels {
			if !slices.ContainsFunc(c.d.Channels, func(known Channel) bool { return known.ID == ch }) {
				c.wrong("%s names an unknown channel %q", what, ch)
			}
		}
		c.applies(what, r.Cases, r.Channels)
		c.unit(what, r)
		for _, earlier := range c.d.Fees[:i] {
			if clash(earlier, r) {
				c.wrong("%s is in force beside another rule of its code", what)
			}
		}
	}
	c.gaps()
	c.silent()
}

// unit checks what a fee is counted by.
func (c *checker) unit(what string, r FeeRule) {
	switch r.Unit {
	case UnitFlat:
		if r.Quantity != "" || r.Times != "" || len(r.Steps) > 0 || r.Ceiling != nil {
			c.wrong("%s is flat but has a quantity, steps or a ceiling", what)
		}
	case unitPer:
		c.text(what+" unit", r.UnitName)
		c.known(what, "quantity", r.Quantity)
		if r.Times != "" {
			c.known(what, "quantity", r.Times)
		}
		c.steps(what, r)
	default:
		c.wrong("%s has an unknown unit %q", what, r.Unit)
	}
}

// clash reports whether two rules of one code without conditions can apply on the same day to the same case
// and channel.
func clash(a, b FeeRule) bool {
	if a.Code != b.Code || a.When != nil || b.When != nil {
		return false
	}
	meet := func(x, y []string) bool {
		return len(x) == 0 || len(y) == 0 || slices.ContainsFunc(x, func(id string) bool {
			return slices.Contains(y, id)
		})
	}
	return meet(a.Cases, b.Cases) && meet(a.Channels, b.Channels) && meets(a.From, a.To, b.From, b.To)
}
