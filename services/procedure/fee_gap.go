package procedure

import (
	"reflect"

	"congdvc/services/workday"
)

// A FeeGap begins on the first day on which no rule says what a fee costs, so that nobody can file.
type FeeGap struct {
	Fee     string // code of the rules
	Case    string // "" where the procedure has no cases
	Channel string
	Day     workday.Date
}

// FeeGaps looks for days, from and through included, on which Quote would fail with ErrFeeGap: it returns one
// gap for each fee, case and channel. It is pure. Answers are not known beforehand, so the conditions of
// rules are not evaluated: a rule that ends counts as followed when another rule begins on that day, or when
// one that is as general is in force.
func (v *Version) FeeGaps(from, through workday.Date) []FeeGap {
	var gaps []FeeGap
	for _, fee := range v.feeCodes() {
		for _, in := range v.caseIDs() {
			for _, channel := range v.Channels {
				if day, found := v.feeGap(fee, in, channel.ID, from, through); found {
					gaps = append(gaps, FeeGap{Fee: fee, Case: in, Channel: channel.ID, Day: day})
				}
			}
		}
	}
	return gaps
}

func (v *Version) feeGap(fee, in, channel string, from, through workday.Date) (workday.Date, bool) {
	rules := v.rulesOf(fee, in, channel)
	if len(rules) == 0 {
		return workday.Date{}, false
	}
	for day := from; !day.After(through); day = day.AddDays(1) {
		if !followed(rules, day) {
			return day, true
		}
	}
	return workday.Date{}, false
}

// caseIDs are the ids of the cases, "" alone where there are none.
func (v *Version) caseIDs() []string {
	if len(v.Cases) == 0 {
		return []string{""}
	}
	ids := make([]string, 0, len(v.Cases))
	for _, c := range v.Cases {
		ids = append(ids, c.ID)
	}
	return ids
}

// rulesOf are the rules of a fee for a case and a channel, whatever the day and the answers.
func (v *Version) rulesOf(fee, in, channel string) []*FeeRule {
	var rules []*FeeRule
	for i := range v.Fees {
		if r := &v.Fees[i]; r.Code == fee && covers(r.Cases, in) && covers(r.Channels, channel) &&
			v.Fits(in, channel) {
			rules = append(rules, r)
		}
	}
	return rules
}

// followed reports whether any rule is in force on a day, and each rule that ends on it has a follower.
func followed(rules []*FeeRule, day workday.Date) bool {
	begins, covered := false, false
	for _, r := range rules {
		begins = begins || r.From == day
		covered = covered || holds(r.From, r.To, day)
	}
	if !covered || begins {
		return covered
	}
	for _, ended := range rules {
		if ended.To == nil || *ended.To != day {
			continue
		}
		general := false
		for _, r := range rules {
			general = general || holds(r.From, r.To, day) &&
				(r.When == nil || reflect.DeepEqual(r.When, ended.When))
		}
		if !general {
			return false
		}
	}
	return true
}
