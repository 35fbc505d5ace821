package eform_test

import (
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

// TestEveryTypeIsAskedReadCheckedAndShown takes a form with a field of each type all the way.
func TestEveryTypeIsAskedReadCheckedAndShown(t *testing.T) {
	t.Parallel()
	on := workday.Date{Year: 2026, Month: time.November, Day: 23}
	for _, of := range eform.Types() {
		t.Run(string(of), func(t *testing.T) {
			t.Parallel()
			_, f, err := eformtest.OfType(of)
			if err != nil {
				t.Fatal(err)
			}
			eformtest.CheckSchema(t, f, 3, 5, on)
			field := f.Field("a")
			a, err := eformtest.Fill(f, rand.New(rand.NewPCG(1, 2)), on)
			if err != nil {
				t.Fatal(err)
			}
			posted := url.Values{}
			for _, each := range f.Fields() {
				eformtest.Encode(each, a[each.ID], posted)
			}
			got, err := f.DecodeStep(f.Step(1), func(name string) []string { return posted[name] })
			if err != nil {
				t.Fatal(err)
			}
			if !field.Asks() {
				return
			}
			is, want := field.Read(got["a"], i18n.Vi), field.Read(a["a"], i18n.Vi)
			if is != want || want == "" {
				t.Errorf("posted as %v it is read as %v, not as %v", posted, got["a"], a["a"])
			}
		})
	}
}
