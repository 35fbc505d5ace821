package portal

import (
	"os"
	"strings"
	"testing"

	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"

	"github.com/valyala/fasthttp"
)

// FuzzReadSave holds what a save is read as to the form: known fields alone, each with a base, under a
// counted operation.
func FuzzReadSave(f *testing.F) {
	raw, err := os.ReadFile("../services/procedure/data/procedures/1.001193.form.json")
	if err != nil {
		f.Fatal(err)
	}
	form, err := eform.Load(raw)
	if err != nil {
		f.Fatal(err)
	}
	view := &desk.DraftView{Draft: &dossier.Draft{}, Form: form}
	const op = "__op=0198c0de-0000-7000-8000-000000000001.1&"
	for _, body := range []string{
		op + "__base.nyc.email=1&nyc.email=a%40b.vn",
		op + "__base.nyc.cu_tru=0&nyc.cu_tru.tinh=37&nyc.cu_tru.xa=x",
		op + "__base.con.ngay_sinh=0&con.ngay_sinh.ngay=1", op + "__base.x=0",
		op + "__base.nyc.email=99999999999999999999", "__op=.1",
		op + "__base.nyc.email=0&nyc.email=%ff%fe%00", op + "__keep.nyc.email=theirs&__base.nyc.email=1",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		args := &fasthttp.Args{}
		args.Parse(body)
		posted := map[string][]string{}
		args.VisitAll(func(name, value []byte) {
			posted[string(name)] = append(posted[string(name)], string(value))
		})
		in, _, err := readSave(view, posted)
		if err != nil {
			return
		}
		if _, n, ok := dossier.ParseOperation(in.Operation); !ok || n < 1 {
			t.Errorf("operation %q", in.Operation)
		}
		for id, value := range in.Answers {
			field := form.Field(id)
			if field == nil || !field.Asks() || in.Bases[id] < 0 || posted[basePrefix+id] == nil {
				t.Errorf("%q is taken", id)
			}
			if strings.ContainsAny(value.Text, "\x00\x07\ufeff") {
				t.Errorf("%q holds %q", id, value.Text)
			}
		}
	})
}
