package eform

import (
	"fmt"
	"testing"
)

// sixty is a form of 60 fields of the kinds that forms have most, with its answers.
func sixty(b *testing.B) (*Form, Answers) {
	b.Helper()
	kinds := []struct{ json, text string }{
		{`"type":"name"`, "Nguyễn Thị Lan"}, {`"type":"date","max":"today"`, "1990-04-05"},
		{`"type":"text","when":{"field":"a0","op":"filled"}`, "Tổ dân phố số 5"},
		{`"type":"choice","dictionary":"dan_toc"`, "01"}, {`"type":"citizen_id"`, "037190000123"},
		{`"type":"money"`, "150000"},
	}
	var fields []string
	a := Answers{}
	for i := range 60 {
		k, id := kinds[i%len(kinds)], fmt.Sprintf("a%d", i)
		fields = append(fields, fmt.Sprintf(`{"id":%q,"label":T,%s}`, id, k.json))
		a[id] = Value{Text: k.text}
	}
	f, err := Load(form(fields...))
	if err != nil {
		b.Fatal(err)
	}
	return f, a
}

func BenchmarkCheck(b *testing.B) {
	f, a := sixty(b)
	b.ReportAllocs()
	for b.Loop() {
		if faults := f.Check(a, today); faults != nil {
			b.Fatal(faults)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	f, a := sixty(b)
	values := map[string][]string{}
	for id, v := range a {
		values[id] = []string{v.Text}
		if f.Field(id).Type == Date {
			values[id+boxDay], values[id+boxMonth], values[id+boxYear] = []string{"5"}, []string{"4"},
				[]string{"1990"}
		}
	}
	get := func(name string) []string { return values[name] }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.DecodeStep(f.Step(1), get); err != nil {
			b.Fatal(err)
		}
	}
}
