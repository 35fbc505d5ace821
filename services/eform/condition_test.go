package eform

import (
	"encoding/json"
	"testing"
)

func TestConditionHolds(t *testing.T) {
	t.Parallel()
	a := Answers{
		"co": {Text: "yes"}, "nhieu": {Many: []string{"a", "b"}}, "so": {Text: "9.5"},
		"ngay": {Text: "2026-11-05"}, "nam": {Text: "1990"},
		"cho":   {Rows: []map[string]string{{PartProvince: "37"}}},
		"trong": {Rows: []map[string]string{{"x": ""}}},
	}
	for raw, want := range map[string]bool{
		`{"field":"co","op":"eq","value":"yes"}`:           true,
		`{"field":"co","op":"eq","value":"no"}`:            false,
		`{"field":"co","op":"ne","value":"no"}`:            true,
		`{"field":"khong","op":"ne","value":"no"}`:         true,
		`{"field":"khong","op":"eq","value":""}`:           false,
		`{"field":"khong","op":"lt","value":"5"}`:          false,
		`{"field":"khong","op":"empty"}`:                   true,
		`{"field":"trong","op":"empty"}`:                   true,
		`{"field":"cho","op":"filled"}`:                    true,
		`{"field":"nhieu","op":"eq","value":"b"}`:          true,
		`{"field":"nhieu","op":"ne","value":"b"}`:          false,
		`{"field":"nhieu","op":"in","values":["c","a"]}`:   true,
		`{"field":"co","op":"in","values":["no","maybe"]}`: false,
		// as texts it would not
		`{"field":"so","op":"lt","value":"10"}`:                                                            true,
		`{"field":"so","op":"ge","value":"9.5"}`:                                                           true,
		`{"field":"ngay","op":"gt","value":"2026-10-31"}`:                                                  true,
		`{"field":"nam","op":"le","value":"1990"}`:                                                         true,
		`{"all":[{"field":"co","op":"filled"},{"field":"khong","op":"filled"}]}`:                           false,
		`{"any":[{"field":"co","op":"filled"},{"field":"khong","op":"filled"}]}`:                           true,
		`{"not":{"any":[{"field":"khong","op":"filled"},{"not":{"field":"co","op":"eq","value":"yes"}}]}}`: true,
	} {
		var c Condition
		if err := json.Unmarshal([]byte(raw), &c); err != nil {
			t.Fatal(err)
		}
		if got := c.Holds(a); got != want {
			t.Errorf("%s is %v", raw, got)
		}
	}
	if !(*Condition)(nil).Holds(a) {
		t.Error("no condition does not hold")
	}
}

func TestCheckCondition(t *testing.T) {
	t.Parallel()
	f := loaded(t, "everything.form.json")
	if err := f.CheckCondition(&Condition{Field: "co_nha", Op: "eq", Value: "yes"}); err != nil {
		t.Error(err)
	}
	if err := f.CheckCondition(nil); err != nil {
		t.Error(err)
	}
	for _, c := range []Condition{{Field: "x", Op: "filled"}, {Field: "co_nha", Op: "eq", Value: "x"},
		{Field: "loi_dan", Op: "filled"}, {}} {
		if f.CheckCondition(&c) == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// FuzzCondition holds conditions to the rules of logic, whatever they ask.
func FuzzCondition(f *testing.F) {
	f.Add(`{"field":"a","op":"lt","value":"5"}`, "4.5")
	f.Add(`{"all":[{"field":"a","op":"in","values":["x"]},{"not":{"field":"a","op":"empty"}}]}`, "x")
	f.Fuzz(func(t *testing.T, raw, text string) {
		var c Condition
		if json.Unmarshal([]byte(raw), &c) != nil {
			return
		}
		a := Answers{"a": {Text: text}, "b": {Many: []string{text}}}
		holds := c.Holds(a)
		if (&Condition{Not: &c}).Holds(a) == holds {
			t.Error("it and its opposite agree")
		}
		if (&Condition{All: []Condition{c, c}}).Holds(a) != holds ||
			(&Condition{Any: []Condition{c}}).Holds(a) != holds {
			t.Error("said twice it means something else")
		}
	})
}
