package eform

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestAbuse posts more and other than a page ever would: what comes out is bounded, clean and refused by
// name.
func TestAbuse(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	rows := map[string][]string{}
	for i := range 10_000 {
		rows[fmt.Sprintf("qua_trinh.%d.noi", i)] = []string{"Nơi " + fmt.Sprint(i)}
	}
	asked := 0
	a, err := f.DecodeStep(f.Step(2), func(name string) []string { asked++; return rows[name] })
	if !errors.Is(err, errRowsMany) || len(a["qua_trinh"].Rows) != 3 || asked > 2000 {
		t.Errorf("10,000 rows: %v, %d kept, %d names looked up", err, len(a["qua_trinh"].Rows), asked)
	}
	huge := strings.Repeat("a\u0300\u200b", 1<<20/6)
	for _, s := range []*Step{f.Step(1), f.Step(2)} {
		a, err := f.DecodeStep(s, func(string) []string { return []string{huge} })
		if err == nil {
			t.Errorf("a megabyte in every field of %s is taken", s.ID)
		}
		for id, v := range a {
			if len(v.Text) > 4*mostText {
				t.Errorf("%s keeps %d bytes", id, len(v.Text))
			}
		}
	}
	a, err = f.DecodeStep(f.Step(1), posted("ho_ten=Nguye\u0302\u0303n\x00 \u202eLan", "khong_co=x",
		"__proto__=x", "co_nha=yes"))
	if err != nil || a["ho_ten"].Text != "Nguyễn Lan" || len(a) != len(f.Step(1).Sections[0].Fields)-2 {
		t.Errorf("unclean and unknown: %v, %v", a, err)
	}
	many := make([]map[string]string, 10_000)
	for i := range many {
		many[i] = map[string]string{"noi": "x\x00"}
	}
	if faults := f.Check(with(whole(), Answers{"qua_trinh": {Rows: many}}), today); len(faults) > 20 {
		t.Errorf("10,000 bad rows give %d faults", len(faults))
	}
}

// TestDeepDefinitions loads definitions that are nested or large beyond reason.
func TestDeepDefinitions(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"not":`, 5000) + `{"field":"a","op":"filled"}` + strings.Repeat("}", 5000)
	if _, err := Load(form(`{"id":"a","type":"text","label":T}`, `{"id":"b","type":"text","label":T,"when":`+
		deep+`}`)); err == nil {
		t.Error("a condition 5,000 deep is taken")
	}
	if _, err := Load([]byte(strings.Repeat("[", 1<<20))); err == nil {
		t.Error("a megabyte of brackets is taken")
	}
	// Each of 60 questions hangs on the answer before: telling which can be asked has to end.
	fields := []string{`{"id":"q0","type":"yes_no","label":T}`}
	for i := 1; i < 60; i++ {
		fields = append(fields,
			fmt.Sprintf(
				`{"id":"q%d","type":"yes_no","label":T,"when":{"any":[{"field":"q%d","op":"eq","value":"yes"},{"field":"q%d","op":"eq","value":"no"}]}}`, i, i-1, i/2))
	}
	f, err := Load(form(fields...))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Unreachable(); err != nil {
		t.Error(err)
	}
	if _, err := json.Marshal(f); err != nil {
		t.Error(err)
	}
}
