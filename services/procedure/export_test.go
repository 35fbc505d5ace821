package procedure

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"congdvc/services/pgtest"
)

func TestExport(t *testing.T) {
	t.Parallel()
	ctx, pool, sources := t.Context(), pgtest.New(t), starterSources(t)
	load(t, pool, sources)
	var out bytes.Buffer
	if n, err := Export(ctx, pool, &out, day(t, "2026-11-23"), "1.001612"); err != nil || n != 1 {
		t.Fatalf("exported %d, %v", n, err)
	}
	s, err := ParseExported(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	own := sources[slices.IndexFunc(sources, func(s Source) bool { return s.Definition.Code == "1.001612" })]
	if wholeText(t, s.Definition) != wholeText(t, own.Definition) || s.formHash != own.formHash {
		t.Error("the export reads otherwise")
	}
	if _, err := Export(ctx, pool, &out, day(t, "2026-11-23"), "9.999999"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown code: %v", err)
	}
	for _, bad := range []string{"", "{}", `{"definition":{},"more":1}`, out.String() + "x"} {
		if _, err := ParseExported([]byte(bad)); err == nil {
			t.Errorf("%.20q is taken", bad)
		}
	}
}

// FuzzParseExported: whatever an operator brings back, it is refused or can be stored.
func FuzzParseExported(f *testing.F) {
	sources, err := Starter()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range sources[:3] {
		definition, err := data.ReadFile("data/procedures/" + s.Definition.Code + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(append([]byte(`{"definition":`), definition...), '}'))
	}
	f.Add(
		[]byte(`{"definition":{"code":"9.000001","source":{"service":"national"},"general":{}},"form":"{}"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := ParseExported(line)
		if err == nil && (!IsCode(s.Definition.Code) || s.Definition.EffectiveFrom.IsZero() || s.hash == "") {
			t.Errorf("taken: %+v", s.Definition)
		}
	})
}

func wholeText(t *testing.T, d Definition) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
