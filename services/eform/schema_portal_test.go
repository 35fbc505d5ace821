package eform_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/services/eform"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

func TestSchemaSaysWhatThePortalSays(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"birth.form.json", "everything.form.json", "person.form.json"} {
		raw, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := eform.Load(raw)
		if err != nil {
			t.Fatal(err)
		}
		got := eformtest.CheckSchema(t, f, 7, 60, workday.Date{Year: 2026, Month: time.November, Day: 23})
		if got.Taken < 60 || got.Refused < 200 || got.PortalAlone < 3 {
			t.Errorf("%s: the answers tell too little apart: %+v", name, got)
		}
		vi, errVi := eform.JSONSchema(f, i18n.Vi)
		again, errAgain := eform.JSONSchema(f, i18n.Vi)
		en, errEn := eform.JSONSchema(f, i18n.En)
		if errVi != nil || errAgain != nil || errEn != nil || !bytes.Equal(vi, again) || bytes.Equal(vi, en) {
			t.Errorf("%s: the same schema in the same language, another in the other: %v %v %v", name, errVi,
				errAgain, errEn)
		}
	}
}
