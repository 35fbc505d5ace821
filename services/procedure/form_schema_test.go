package procedure

import (
	"testing"

	"congdvc/services/eform/eformtest"
)

// TestFormsAreOneSchema asks a third party's validator about every starter form, over answers made from its
// definition.
func TestFormsAreOneSchema(t *testing.T) {
	t.Parallel()
	seen := 0
	for code, v := range starter(t) {
		if v.Form() == nil {
			continue
		}
		seen++
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			got := eformtest.CheckSchema(t, v.Form(), 1, 40, day(t, "2026-11-23"))
			if got.Taken < 40 || got.Refused < 100 || got.PortalAlone == 0 {
				t.Errorf("the answers tell too little apart: %+v", got)
			}
			t.Logf("%+v", got)
		})
	}
	if seen != filable {
		t.Errorf("%d forms", seen)
	}
}
