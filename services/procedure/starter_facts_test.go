package procedure

import (
	"slices"
	"testing"

	"congdvc/services/dong"
	"congdvc/services/workday"
)

// TestStarterFacts holds the time, the fee and the result of every starter procedure, as the sources state
// them, against what the definitions compute for the channel.
func TestStarterFacts(t *testing.T) {
	t.Parallel()
	const (
		none = dong.Amount(-1) // the sources state no amount: no line, and nothing that says free
		// the sources say that the province sets it: said so, and neither free nor charged
		unset = dong.Amount(-2)
	)
	versions := starter(t)
	seen := map[string]bool{}
	for _, c := range []struct {
		code, channel string
		amount        int
		unit          workday.Unit
		cutOff        bool // reception after 15:00 counts for the next working day
		fee           dong.Amount
		result        string
	}{
		{"1.001193", Online, 0, workday.WorkingDay, true, 0, "KQ.G15.000031"},
		{"1.001193", Counter, 0, workday.WorkingDay, true, 0, "KQ.G15.000031"},
		{"1.000894", Online, 1, workday.WorkingDay, false, 0, "KQ.G15.000032"},
		{"1.000656", Online, 0, workday.WorkingDay, true, unset, "KQ.G15.000034"},
		{"2.000635", Online, 0, workday.WorkingDay, true, 8_000, "KQ.G15.000342"},
		{"2.000635", Post, 0, workday.WorkingDay, true, 8_000, "KQ.G15.000342"},
		{"1.004873", Online, 3, workday.WorkingDay, false, unset, "KQ.G15.000038"},
		{"1.004859", Online, 1, workday.WorkingDay, false, unset, "KQ.G15.000037"},
		{"2.000908", Counter, 1, workday.WorkingDay, false, 0, "KQ.G15.000020"},
		{"2.000815", Counter, 0, workday.WorkingDay, true, 2_000, "KQ.G15.000021"},
		{"2.000884", Counter, 0, workday.WorkingDay, true, 10_000, "KQ.G15.000022"},
		{"3.000333", Online, 10, workday.CalendarDay, false, 200_000, "KQ.G01.000200"},
		{"3.000333", Counter, 10, workday.CalendarDay, false, 200_000, "KQ.G01.000199"},
		{driving, Online, 5, workday.WorkingDay, false, 135_000, "KQ.G01.000185"},
		{driving, Counter, 5, workday.WorkingDay, false, 135_000, "KQ.G01.000185"},
		{residence, Online, 3, workday.WorkingDay, false, 7_000, "KQ.G01.000066"},
		{residence, Counter, 3, workday.WorkingDay, false, 15_000, "KQ.G01.000065"},
		{"1.001612", Online, 3, workday.WorkingDay, false, 150_000, "KQ.G12.001041"},
		{"1.001612", Post, 3, workday.WorkingDay, false, 150_000, "KQ.G12.001041"},
		{"1.001612", Counter, 3, workday.WorkingDay, false, 50_000, "KQ.G12.001041"},
		{company, Online, 3, workday.WorkingDay, false, 100_000, "KQ.G12.001046"},
		{company, Post, 3, workday.WorkingDay, false, 100_000, "KQ.G12.001046"},
		{company, Counter, 3, workday.WorkingDay, false, 50_000, "KQ.G12.001046"},
		{"1.013225", Counter, 15, workday.CalendarDay, false, none, "KQ.G17.000311"},
		{"1.013225", Online, 20, workday.CalendarDay, false, none, "KQ.G17.000311"},
		{"1.013225", Post, 20, workday.CalendarDay, false, none, "KQ.G17.000311"},
		{"1.013831", Online, 18, workday.WorkingDay, false, none, "KQ.G10.001147"},
		{"1.013831", Counter, 18, workday.WorkingDay, false, none, "KQ.G10.001147"},
		{"1.013831", Post, 4, workday.WorkingDay, false, none, "KQ.G10.001147"},
		{"2.001827", Online, 15, workday.CalendarDay, false, 700_000, "KQ.G10.000559"},
		{"1.001731", Online, 5, workday.WorkingDay, false, 0, ""},
		{"2.001628", Counter, 10, workday.WorkingDay, false, 3_000_000, ""},
	} {
		v := versions[c.code]
		seen[c.code] = true
		caseID := v.caseIDs()[0]
		term, ok := v.Term(caseID, c.channel)
		if !ok || term.Amount != c.amount || term.Unit != c.unit || (term.CutOff != nil) != c.cutOff {
			t.Errorf("%s %s takes %+v, want %d %s", c.code, c.channel, term, c.amount, c.unit)
		}
		q, err := v.Quote(Choice{Case: caseID, Channel: c.channel, On: day(t, "2026-11-24")})
		switch {
		case err != nil:
			t.Errorf("%s %s: %v", c.code, c.channel, err)
		case c.fee == none && len(q.Lines)+len(q.Free)+len(q.Unset) > 0:
			t.Errorf("%s %s states a fee that no source has: %+v", c.code, c.channel, q)
		case (c.fee == unset) != (len(q.Unset) == 1) || c.fee == unset && len(q.Lines)+len(q.Free) > 0:
			t.Errorf("%s %s does not leave to the province what it sets: %+v", c.code, c.channel, q)
		case c.fee == 0 && len(q.Free) == 0:
			t.Errorf("%s %s does not say what is free", c.code, c.channel)
		case q.Total != max(c.fee, 0):
			t.Errorf("%s %s costs %d, want %d", c.code, c.channel, q.Total, c.fee)
		}
		if !slices.ContainsFunc(v.Results, func(r ResultKind) bool { return r.Code == c.result }) {
			t.Errorf("%s lacks the result %q", c.code, c.result)
		}
	}
	// a notice: handed in before the promotion starts, nothing is issued in a stated time
	seen["2.000033"] = true
	if len(seen) != len(versions) {
		t.Errorf("%d of %d procedures are held", len(seen), len(versions))
	}
}
