package procedure

import (
	"reflect"

	"congdvc/services/workday"
)

// A FeeGap is the first day on which nothing says what a fee costs, so that nobody can file.
type FeeGap struct {
	Fee     string // code of the rules
	Case    string // "" where the procedure has no cases
	Channel string
	Day     workday.Date
}

// FeeGaps looks ahead for days, from and through included, on which Quote would fail with ErrFeeGap: a gap for each fee,
// case and channel. It is pure. Conditions on answers cannot be known before; a rule that ends is taken to be followed
// when on that day a rule begins, or one holds that is as general as it was.
func (v *Version) FeeGaps(from, through workday.Date) []FeeGap {
	cases := []string{""}
	if len(v.Cases) > 0 {
		cases = cases[:0]
		for _, c := range v.Cases {
			cases = append(cases, c.ID)
		}
	}
	var gaps []FeeGap
	for _, fee := range v.feeCodes() {
		for _, in := range cases {
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
	var rules []*FeeRule
	for i := range v.Fees {
		if r := &v.Fees[i]; r.Code == fee && covers(r.Cases, in) && covers(r.Channels, channel) {
			rules = append(rules, r)
		}
	}
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

// followed reports whether any rule holds on a day, and each that ends on it has one that takes its place.
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
			general = general || holds(r.From, r.To, day) && (r.When == nil || reflect.DeepEqual(r.When, ended.When))
		}
		if !general {
			return false
		}
	}
	return true
}
