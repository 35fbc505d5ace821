package eform

import (
	"encoding/json"
	"testing"
)

func TestValueJSON(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`"chữ"`: `"chữ"`, `""`: `""`, `null`: `""`, `[]`: `""`, `["a","b"]`: `["a","b"]`,
		`[{"b":"2","a":"1"}]`: `[{"a":"1","b":"2"}]`,
	} {
		var v Value
		if err := json.Unmarshal([]byte(raw), &v); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%s is written as %s (%v)", raw, got, err)
		}
	}
	for _, raw := range []string{`5`, `true`, `{"a":"b"}`, `[1]`, `["a",{}]`, `[{"a":1}]`} {
		if err := json.Unmarshal([]byte(raw), new(Value)); err == nil {
			t.Errorf("%s is taken", raw)
		}
	}
}

func TestValueEqual(t *testing.T) {
	t.Parallel()
	rows := func(cells ...string) Value {
		v := Value{Rows: []map[string]string{{}}}
		for i := 0; i < len(cells); i += 2 {
			v.Rows[0][cells[i]] = cells[i+1]
		}
		return v
	}
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{Value{}, Value{Rows: []map[string]string{{"a": ""}}}, true},
		{Value{Text: "a"}, Value{Text: "a"}, true},
		{Value{Text: "a"}, Value{}, false},
		{Value{Many: []string{"a", "b"}}, Value{Many: []string{"b", "a"}}, false},
		{rows("a", "1", "b", ""), rows("a", "1"), true},
		{rows("a", "1"), rows("a", "2"), false},
	} {
		if c.a.Equal(c.b) != c.want || c.b.Equal(c.a) != c.want {
			t.Errorf("%v and %v", c.a, c.b)
		}
	}
}
