package eform

import (
	"strings"
	"testing"
)

func TestUnreachable(t *testing.T) {
	t.Parallel()
	const (
		choice = `{"id":"a","type":"choice","label":T,"options":[{"value":"x","label":T},{"value":"y","label":T},{"value":"z","label":T}]}`
		yes    = `{"id":"b","type":"yes_no","label":T,"when":{"field":"a","op":"eq","value":"x"}}`
		number = `{"id":"n","type":"number","min":1,"max":20,"label":T}`
		many   = `{"id":"m","type":"choices","max":1,"optional":true,"label":T,"options":[{"value":"x","label":T},{"value":"y","label":T}]}`
	)
	last := func(when string) string { return `{"id":"c","type":"text","label":T,"when":` + when + `}` }
	for _, c := range []struct {
		name   string
		fields []string
		never  bool
	}{
		{"one option", []string{choice, last(`{"field":"a","op":"eq","value":"z"}`)}, false},
		{"none of two",
			[]string{choice,
				last(`{"all":[{"field":"a","op":"ne","value":"x"},{"field":"a","op":"ne","value":"y"}]}`)},
			false},
		{"none of all", []string{choice, last(`{"not":{"field":"a","op":"in","values":["x","y","z"]}}`)},
			true},
		{"two at once",
			[]string{choice,
				last(`{"all":[{"field":"a","op":"eq","value":"x"},{"field":"a","op":"eq","value":"y"}]}`)},
			true},
		{"empty where an answer is needed", []string{choice, last(`{"field":"a","op":"empty"}`)}, true},
		{"over another", []string{choice, yes, last(`{"field":"b","op":"eq","value":"yes"}`)}, false},
		{"against what another needs",
			[]string{choice, yes,
				last(`{"all":[{"field":"b","op":"filled"},{"field":"a","op":"eq","value":"y"}]}`)}, true},
		{"hidden, so empty",
			[]string{choice, yes,
				last(`{"all":[{"field":"b","op":"empty"},{"field":"a","op":"eq","value":"y"}]}`)}, false},
		{"within the bounds", []string{number, last(`{"field":"n","op":"gt","value":"19"}`)}, false},
		{"beyond the bounds", []string{number, last(`{"field":"n","op":"gt","value":"20"}`)}, true},
		{"between",
			[]string{number,
				last(`{"all":[{"field":"n","op":"gt","value":"4"},{"field":"n","op":"lt","value":"6"}]}`)},
			false},
		{"between nothing",
			[]string{number,
				last(`{"all":[{"field":"n","op":"gt","value":"4"},{"field":"n","op":"lt","value":"5"}]}`)},
			true},
		{"more choices than are taken",
			[]string{many,
				last(`{"all":[{"field":"m","op":"eq","value":"x"},{"field":"m","op":"eq","value":"y"}]}`)},
			true},
		{"no choice where none is needed", []string{many, last(`{"field":"m","op":"empty"}`)}, false},
		{"a date", []string{`{"id":"d","type":"date","max":"2020-01-01","label":T}`,
			last(`{"field":"d","op":"ge","value":"2020-01-01"}`)}, false},
		{"a date too late", []string{`{"id":"d","type":"date","max":"2020-01-01","label":T}`,
			last(`{"field":"d","op":"gt","value":"2020-01-01"}`)}, true},
	} {
		f, err := Load(form(c.fields...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		err = f.Unreachable()
		if (err != nil) != c.never || err != nil && !strings.Contains(err.Error(),
			"f: c can never be asked") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, name := range []string{"birth.form.json", "everything.form.json"} {
		if err := loaded(t, name).Unreachable(); err != nil {
			t.Error(err)
		}
	}
}

func TestTypesChanged(t *testing.T) {
	t.Parallel()
	load := func(fields ...string) *Form {
		f, err := Load(form(fields...))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const table = `{"id":"t","type":"table","label":T,"columns":[{"id":"c","type":"text","label":T}]}`
	was := load(`{"id":"a","type":"text","label":T}`, `{"id":"b","type":"date","label":T}`, table)
	for _, c := range []struct {
		name string
		is   *Form
		want string
	}{
		{"the same", was, ""},
		{"more and fewer", load(`{"id":"a","type":"text","label":T}`, `{"id":"z","type":"number","label":T}`),
			""},
		{"another type", load(`{"id":"a","type":"text","label":T}`,
			`{"id":"b","type":"partial_date","label":T}`),
			"b was of type date and is now of type partial_date"},
		{"another column", load(strings.Replace(table, `"id":"c","type":"text"`, `"id":"c","type":"date"`,
			1)), "t.c was of type text"},
	} {
		err := TypesChanged(was, c.is)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
