package procedure

import (
	"fmt"
	"strconv"

	"congdvc/i18n"
	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/workday"
)

// When a fee is to be paid.
const (
	DueAtSubmission = "at_submission"
	DueAtCounter    = "at_counter"
	DueNever        = "none"
)

// The units of a fee.
const (
	unitFlat = "flat"
	unitPer  = "per"
)

// mostQuantity is more copies than anyone asks for. A larger number, like a malformed one, counts as not given: the
// form's own check tells the person, and until then there is nothing to charge.
const mostQuantity = 100_000

// QuoteInput is what a fee depends on.
type QuoteInput struct {
	Case    string // "" where the procedure has no cases
	Channel string
	Answers eform.Answers
	On      workday.Date // the day whose rules apply
}

// A FeeLine is one fee of a quote.
type FeeLine struct {
	Code       string      `json:"code"`
	Name       i18n.Text   `json:"name"`
	Kind       string      `json:"kind"` // phi, le_phi
	Unit       dong.Amount `json:"unit"`
	Quantity   int64       `json:"quantity"`
	Amount     dong.Amount `json:"amount"`
	Basis      string      `json:"basis"`
	Refundable bool        `json:"refundable"`
}

// A FeeQuote is what a dossier costs. Lines holds what is charged, nothing free; Due is one of the Due constants.
type FeeQuote struct {
	Lines []FeeLine
	Total dong.Amount
	Due   string
}

// Quote computes the fee. It is pure. Errors: ErrFeeGap when a fee applies but no rule covers the day.
func (v *Version) Quote(in QuoteInput) (FeeQuote, error) {
	q := FeeQuote{Due: DueNever}
	answers := v.prune(in.Answers)
	for _, code := range v.feeCodes() {
		rule, applies := v.ruleFor(code, in, answers)
		if !applies {
			continue
		}
		if rule == nil {
			return FeeQuote{}, ErrFeeGap.With("Code", code)
		}
		line, err := rule.line(answers)
		if err != nil {
			return FeeQuote{}, fmt.Errorf("procedure: fee %s of %s: %w", code, v.Code, err)
		}
		if line.Amount == 0 {
			continue
		}
		if q.Total, err = dong.Sum(q.Total, line.Amount); err != nil {
			return FeeQuote{}, fmt.Errorf("procedure: fee of %s: %w", v.Code, err)
		}
		q.Lines = append(q.Lines, line)
		switch {
		case in.Channel == Counter:
			q.Due = DueAtCounter
		case rule.Due == DueAtSubmission || q.Due == DueNever:
			q.Due = rule.Due
		}
	}
	return q, nil
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

// ruleFor returns the rule of a code that is in force, and whether any rule of the code applies whatever the day.
func (v *Version) ruleFor(code string, in QuoteInput, pruned eform.Answers) (rule *FeeRule, applies bool) {
	for i := range v.Fees {
		r := &v.Fees[i]
		if r.Code != code || !covers(r.Cases, in.Case) || !covers(r.Channels, in.Channel) || !r.When.Holds(pruned) {
			continue
		}
		applies = true
		if holds(r.From, r.To, in.On) {
			return r, true
		}
	}
	return nil, applies
}

func (r *FeeRule) line(a eform.Answers) (FeeLine, error) {
	quantity := int64(1)
	if r.Unit == unitPer {
		n, err := strconv.ParseInt(a[r.Quantity].Text, 10, 64)
		if err != nil || n < 0 || n > mostQuantity {
			n = 0
		}
		quantity = n
	}
	amount, err := r.Amount.Times(quantity)
	return FeeLine{
		Code: r.Code, Name: r.Name, Kind: r.Kind, Unit: r.Amount, Quantity: quantity, Amount: amount,
		Basis: r.Basis, Refundable: r.Refundable,
	}, err
}

// headline returns the fee to show beside the procedure's name: that of the first rule that applies online, else
// at the counter, on a day, without any answers. Nil means that no figure can be named.
func (v *Version) headline(on workday.Date) *FeeRule {
	for _, channel := range []string{Online, Counter} {
		for _, code := range v.feeCodes() {
			if r, _ := v.ruleFor(code, QuoteInput{Case: v.firstCase(), Channel: channel, On: on}, nil); r != nil {
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
