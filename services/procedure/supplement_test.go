package procedure

import (
	"testing"
	"time"

	"congdvc/services/workday"
)

// TestSupplementUntil: the longest time for a supplement by its unit, and without a word of the law.
func TestSupplementUntil(t *testing.T) {
	t.Parallel()
	morning := time.Date(2026, 11, 23, 8, 30, 0, 0, workday.Zone)
	for _, c := range []struct {
		within *workday.Term
		want   string
	}{
		{nil, "2027-01-22"},
		{&workday.Term{Amount: 30, Unit: workday.CalendarDay}, "2026-12-23"},
		{&workday.Term{Amount: 3, Unit: workday.Month}, "2027-02-23"},
		// the calendar knows no day: rather too much than too little
		{&workday.Term{Amount: 15, Unit: workday.WorkingDay}, "2027-01-23"},
	} {
		v := Version{Definition: Definition{SupplementWithin: c.within}}
		if got, err := v.SupplementUntil(&workday.Calendar{}, morning); err != nil || got.String() != c.want {
			t.Errorf("%+v: until %s, want %s (%v)", c.within, got, c.want, err)
		}
	}
}

// TestRulesOfTheOperator: a definition may say that results wait for the fee and how long a supplement takes;
// a time that no law sets is refused, and the rules stay when the record of the procedure is read again.
func TestRulesOfTheOperator(t *testing.T) {
	t.Parallel()
	d := Definition{SupplementWithin: &workday.Term{Amount: 10, Unit: workday.WorkingDay}}
	for amount, want := range map[int]int{0: 1, 1: 0, 250: 0, 251: 1, -3: 1} {
		d.SupplementWithin.Amount = amount
		c := checker{d: &d}
		if c.supplement(); len(c.faults) != want {
			t.Errorf("within %d working days: %v", amount, c.faults)
		}
	}
	d.SupplementWithin.Amount = 10
	d.ResultAfterFee = true
	read := Source{Definition: Definition{Code: "1.000001", Source: &Origin{Service: National}}}
	if err := read.keepOperators(&standing{Definition: d}); err != nil {
		t.Fatal(err)
	}
	if !read.Definition.ResultAfterFee || read.Definition.SupplementWithin.Amount != 10 {
		t.Errorf("after the record was read again: %+v", read.Definition)
	}
	plain, err := hashRecord(Definition{Code: "1.000001", Source: &Origin{Service: National}})
	if err != nil || plain == read.hash {
		t.Errorf("a record with rules is taken for one without: %v", err)
	}
}
