package eform

import (
	"slices"
	"testing"
)

// TestEntriesThatMayBeChosen: what a rule refuses in any case is not offered; what it refuses in some cases,
// or what may be confirmed, is.
func TestEntriesThatMayBeChosen(t *testing.T) {
	t.Parallel()
	offers := func(rules ...Rule) bool {
		f := &Field{Type: Choice, Dictionary: "quan_he", Rules: rules}
		return slices.ContainsFunc(f.Entries(), func(o Option) bool { return o.Value == "ban_than" })
	}
	refused := Rule{Op: "ne", Value: "ban_than"}
	now, unsure, other := refused, refused, refused
	now.When, unsure.Warn, other.Value = &Condition{Field: "x", Op: "filled"}, true, "cha"
	if !offers() || !offers(now) || !offers(unsure) || !offers(other) {
		t.Error("an option that may be right is not offered")
	}
	if offers(other, refused) {
		t.Error("an option that is always wrong is offered")
	}
	if !slices.ContainsFunc(Dictionary("quan_he"), func(o Option) bool { return o.Value == "ban_than" }) {
		t.Error("the dictionary itself lost it")
	}
}
