package procedure

import (
	"testing"

	"congdvc/services/dong"
	"congdvc/services/eform"
	"congdvc/services/pgtest"
	"congdvc/services/workday"
)

func TestFeeGaps(t *testing.T) {
	t.Parallel()
	old := &eform.Condition{Field: "con.tuoi", Op: "lt", Value: "16"}
	other := &eform.Condition{Field: "con.tuoi", Op: "lt", Value: "18"}
	rule := func(amount dong.Amount, from, to string, when *eform.Condition, channels ...string) FeeRule {
		r := FeeRule{Code: "le_phi", Amount: new(amount), Unit: UnitFlat, From: day(t, from),
			Channels: channels, When: when}
		if to != "" {
			end := day(t, to)
			r.To = &end
		}
		return r
	}
	for _, c := range []struct {
		name  string
		rules []FeeRule
		want  string // day of the gap online; "" for none
	}{
		{"no fee at all", nil, ""},
		{"open", []FeeRule{rule(1, "2026-01-01", "", nil)}, ""},
		{"ends in between", []FeeRule{rule(1, "2026-01-01", "2026-12-01", nil)}, "2026-12-01"},
		{"ends afterwards", []FeeRule{rule(1, "2026-01-01", "2026-12-24", nil)}, ""},
		{"followed at once", []FeeRule{rule(1, "2026-01-01", "2026-12-01", nil),
			rule(2, "2026-12-01", "", nil)}, ""},
		{"followed late", []FeeRule{rule(1, "2026-01-01", "2026-12-01", nil), rule(2, "2026-12-02", "", nil)},
			"2026-12-01"},
		{"begins late", []FeeRule{rule(1, "2026-12-02", "", nil)}, "2026-11-23"},
		{"of another channel", []FeeRule{rule(1, "2026-01-01", "2026-12-01", nil, Counter)}, ""},
		{"the exception ends, the rule holds", []FeeRule{rule(0, "2026-01-01", "2026-12-01", old),
			rule(1, "2026-01-01", "", nil)}, ""},
		{"the rule ends, the exception holds", []FeeRule{rule(0, "2026-01-01", "", old),
			rule(1, "2026-01-01", "2026-12-01", nil)}, "2026-12-01"},
		{"another exception begins", []FeeRule{rule(0, "2026-01-01", "2026-12-01", old),
			rule(0, "2026-12-01", "", other), rule(1, "2026-01-01", "", nil)}, ""},
	} {
		v := &Version{Definition: Definition{Channels: []Channel{{ID: Online}}, Fees: c.rules}}
		gaps := v.FeeGaps(day(t, "2026-11-23"), day(t, "2026-12-23"))
		if c.want == "" && len(gaps) == 0 {
			continue
		}
		if len(gaps) != 1 || gaps[0].Day.String() != c.want || gaps[0].Fee != "le_phi" ||
			gaps[0].Channel != Online {
			t.Errorf("%s: %+v", c.name, gaps)
		}
	}
}

// TestFeeGapsByCase: a gap is told of the case that has it.
func TestFeeGapsByCase(t *testing.T) {
	t.Parallel()
	end := day(t, "2026-12-01")
	v := &Version{Definition: Definition{
		Channels: []Channel{{ID: Online}, {ID: Counter}},
		Cases:    []Case{{ID: "moi"}, {ID: "lai"}},
		Fees: []FeeRule{
			{Code: "le_phi", Unit: UnitFlat, From: day(t, "2026-01-01"), To: &end, Cases: []string{"moi"}},
			{Code: "le_phi", Unit: UnitFlat, From: day(t, "2026-01-01"), Cases: []string{"lai"}},
		},
	}}
	gaps := v.FeeGaps(day(t, "2026-11-23"), day(t, "2026-12-23"))
	if len(gaps) != 2 || gaps[0] != (FeeGap{"le_phi", "moi", Online, end}) ||
		gaps[1] != (FeeGap{"le_phi", "moi", Counter, end}) {
		t.Errorf("%+v", gaps)
	}
	if gaps := v.FeeGaps(day(t, "2026-11-01"), day(t, "2026-11-30")); len(gaps) != 0 {
		t.Errorf("before the end: %+v", gaps)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	sources := starterSources(t)
	load(t, pool, sources)
	on := day(t, "2026-11-23")
	all, err := List(t.Context(), pool, on)
	if err != nil || len(all) != len(sources) {
		t.Fatalf("%d of %d, %v", len(all), len(sources), err)
	}
	for i, v := range all {
		same, err := InForce(t.Context(), pool, v.Code, on)
		if err != nil || same.ID != v.ID || i > 0 && all[i-1].Code >= v.Code {
			t.Errorf("%s: %v %v", v.Code, same, err)
		}
	}
	if none, err := List(t.Context(), pool, workday.Date{Year: 1990, Month: 1, Day: 1}); err != nil ||
		len(none) != 0 {
		t.Errorf("before any: %v %v", none, err)
	}
}
