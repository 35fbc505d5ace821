package procedure

import (
	"fmt"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// When a fee is to be paid.
const (
	DueAtSubmission = "at_submission"
	DueAtCounter    = "at_counter"
	dueNever        = "none"
)

// Who sets an amount that a rule does not know; message keys procedure.set_by.<who> and
// procedure.set_by_short.<who>.
const SetByCouncil = "provincial_council"

// The units of a fee.
const (
	UnitFlat = "flat"
	unitPer  = "per"
)

// MostFee is above every fee there is; a larger figure is a mistake.
const MostFee = 1e12

// A FeeRule is one fee as the law sets it for a time. Of several rules with the same code, the first that
// applies to the day, the case and the channel counts.
type FeeRule struct {
	Code   string       `json:"code"`
	Name   i18n.Text    `json:"name"`
	Kind   string       `json:"kind"`             // phi, le_phi; "" when the source does not say
	Amount *dong.Amount `json:"amount,omitempty"` // 0 is free, and says so; nil where SetBy decides
	// who sets the amount, which is not known here: one of the SetBy constants
	SetBy    string    `json:"set_by,omitempty"`
	Unit     string    `json:"unit"` // flat, per
	UnitName i18n.Text `json:"unit_name,omitzero"`
	Quantity string    `json:"quantity,omitempty"` // per: id of the quantity that counts the units
	// per: id of the quantity by which the whole is multiplied
	Times    string           `json:"times,omitempty"`
	Steps    []FeeStep        `json:"steps,omitempty"`   // per: what later units cost
	Ceiling  *dong.Amount     `json:"ceiling,omitempty"` // per: the most that is taken, for each of Times
	Cases    []string         `json:"cases,omitempty"`
	Channels []string         `json:"channels,omitempty"`
	When     *eform.Condition `json:"when,omitempty"`
	From     workday.Date     `json:"from"`
	To       *workday.Date    `json:"to,omitempty"` // first day on which it no longer applies
	// at_submission, at_counter; "" when the source does not say
	Due string `json:"due"`
	// Refundable says that it is given back when the dossier is refused.
	Refundable bool      `json:"refundable"`
	Basis      string    `json:"basis"`
	Note       i18n.Text `json:"note,omitzero"`
}

// A FeeStep is the price of each unit from a certain number of units on.
type FeeStep struct {
	From   int64       `json:"from"` // counted from 1, so 2 at least
	Amount dong.Amount `json:"amount"`
}

// A FeeLine is one fee of a quote.
type FeeLine struct {
	Code     string
	Name     i18n.Text
	Kind     string      // phi, le_phi
	SetBy    string      // who sets the amount of a line that is Unset; "" of any other
	Unit     dong.Amount // what the first unit costs
	UnitName i18n.Text
	Counted  bool  // Quantity is a number that somebody gave; else the fee is flat
	Quantity int64 // units in each of Times
	Times    int64 // 1 where the rule multiplies by nothing
	Parts    []FeePart
	Ceiling  *dong.Amount // of the rule, for each of Times
	Capped   bool         // the ceiling made it less
	Full     dong.Amount  // before the exemption
	// Exemption is the one that was applied, nil without.
	Exemption  *Exemption
	Amount     dong.Amount // what is charged
	From       workday.Date
	To         *workday.Date // first day on which the rule no longer applies
	Basis      string
	Note       i18n.Text
	Refundable bool
}

// A FeePart is a run of units that cost the same. The parts of a line add up to the price of one of its Times
// before the ceiling.
type FeePart struct {
	From, Through int64 // units, counted from 1
	Each, Amount  dong.Amount
}

// A FeeQuote is what a dossier costs. Lines holds what is charged; Free what costs nothing because the law or
// an exemption says so; Unset what is owed but has no amount known here, so that the agency tells it after
// receiving the dossier. A fee that is counted by a quantity of 0 is in none of them. Due is one of the Due
// constants.
type FeeQuote struct {
	Lines []FeeLine
	Free  []FeeLine
	Unset []FeeLine
	Total dong.Amount // of Lines
	Due   string
}

// Quote computes the fee. It is pure. Errors: ErrFeeGap when a fee applies but no rule covers the day.
func (v *Version) Quote(c Choice) (FeeQuote, error) {
	q := FeeQuote{Due: dueNever}
	exemption, answers := v.exemption(c), v.prune(c.Answers)
	for _, code := range v.feeCodes() {
		rule, applies := v.ruleFor(code, c, answers)
		if !applies {
			continue
		}
		if rule == nil {
			return FeeQuote{}, ErrFeeGap.With("Code", code)
		}
		line, err := v.line(rule, c, exemption)
		if err == nil {
			q.Total, err = dong.Sum(q.Total, line.Amount)
		}
		if err != nil {
			return FeeQuote{}, fmt.Errorf("procedure: fee %s of %s: %w", code, v.Code, err)
		}
		switch {
		case line.SetBy != "":
			if line.Quantity > 0 && line.Times > 0 {
				q.Unset = append(q.Unset, line)
			}
		case line.Amount == 0 && line.Quantity > 0 && line.Times > 0:
			q.Free = append(q.Free, line)
		case line.Amount > 0:
			q.Lines = append(q.Lines, line)
			q.due(rule, c.Channel)
		}
	}
	return q, nil
}

func (q *FeeQuote) due(r *FeeRule, channel string) {
	switch {
	case channel == Counter:
		q.Due = DueAtCounter
	case r.Due == DueAtSubmission || q.Due == dueNever:
		q.Due = r.Due
	}
}

// feeCodes lists the codes of the rules once each, in order.
func (v *Version) feeCodes() []string {
	var codes []string
	seen := map[string]bool{}
	for _, r := range v.Fees {
		if !seen[r.Code] {
			seen[r.Code] = true
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// ruleFor returns the rule of a code that is in force. applies reports whether any rule of the code applies,
// on whatever day.
func (v *Version) ruleFor(code string, c Choice, pruned eform.Answers) (rule *FeeRule, applies bool) {
	for i := range v.Fees {
		r := &v.Fees[i]
		if r.Code != code || !covers(r.Cases, c.Case) || !covers(r.Channels, c.Channel) ||
			!v.Fits(c.Case, c.Channel) || !r.When.Holds(pruned) {
			continue
		}
		applies = true
		if holds(r.From, r.To, c.On) {
			return r, true
		}
	}
	return nil, applies
}

// line computes one fee of a choice.
func (v *Version) line(r *FeeRule, c Choice, x *Exemption) (FeeLine, error) {
	l := FeeLine{
		Code: r.Code, Name: r.Name, Kind: r.Kind, SetBy: r.SetBy, Unit: r.first(), UnitName: r.UnitName,
		Counted: r.Unit == unitPer, Quantity: 1, Times: 1, Ceiling: r.Ceiling, From: r.From, To: r.To,
		Basis: r.Basis, Note: r.Note, Refundable: r.Refundable,
	}
	if l.Counted {
		l.Quantity, l.Times = v.counted(r.Quantity, c), v.counted(r.Times, c)
	}
	if r.SetBy != "" {
		return l.unset(x), nil
	}
	var err error
	if l.Parts, err = r.parts(l.Quantity); err != nil {
		return l, err
	}
	one := dong.Amount(0)
	for _, p := range l.Parts {
		if one, err = dong.Sum(one, p.Amount); err != nil {
			return l, err
		}
	}
	if r.Ceiling != nil && one > *r.Ceiling {
		one, l.Capped = *r.Ceiling, true
	}
	if l.Full, err = one.Times(l.Times); err != nil {
		return l, err
	}
	l.Amount = l.Full
	if x != nil && l.Full > 0 && x.lowers(r.Code) {
		l.Exemption = x
		l.Amount, err = x.lower(l)
	}
	return l, err
}

// first is what the first unit costs, 0 where that is not known here.
func (r *FeeRule) first() dong.Amount {
	if r.Amount == nil {
		return 0
	}
	return *r.Amount
}

// unset completes a line whose amount is not known here. Only an exemption from the whole fee makes it known:
// then it is 0.
func (l FeeLine) unset(x *Exemption) FeeLine {
	if x == nil || !x.lowers(l.Code) {
		return l
	}
	l.Exemption = x
	if x.Whole() {
		l.SetBy = ""
	}
	return l
}

// parts splits units into runs that cost the same.
func (r *FeeRule) parts(units int64) ([]FeePart, error) {
	var parts []FeePart
	from, each := int64(1), r.first()
	for i := 0; from <= units; i++ {
		through := units
		if i < len(r.Steps) {
			through = min(units, r.Steps[i].From-1)
		}
		if through >= from {
			amount, err := each.Times(through - from + 1)
			if err != nil {
				return nil, err
			}
			parts = append(parts, FeePart{From: from, Through: through, Each: each, Amount: amount})
		}
		if i >= len(r.Steps) {
			break
		}
		from, each = r.Steps[i].From, r.Steps[i].Amount
	}
	return parts, nil
}

// headline returns the fee to show beside the procedure's name: that of the first rule that applies online,
// else at the counter, on a day, without any answers. Nil means that no figure can be named.
func (v *Version) headline(on workday.Date) *FeeRule {
	for _, channel := range []string{Online, Counter} {
		if !v.Fits(v.firstCase(), channel) {
			continue
		}
		for _, code := range v.feeCodes() {
			if r, _ := v.ruleFor(code, Choice{Case: v.firstCase(), Channel: channel, On: on}, nil); r != nil {
				return r
			}
		}
	}
	return nil
}

// firstCase is the case to show when nobody has chosen one.
func (v *Version) firstCase() string {
	if len(v.Cases) == 0 {
		return ""
	}
	return v.Cases[0].ID
}
