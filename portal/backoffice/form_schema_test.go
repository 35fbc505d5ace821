package backoffice

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestTheSchemaOfAFormIsServedToAnybody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	anybody := func(path, language string) reply {
		return s.call(t, request{path: path, header: map[string]string{"Authorization": "", "Actor": "",
			"Accept-Language": language}})
	}
	vi := anybody("/procedures/2.000635/schema", "")
	if vi.status != 200 || vi.header.Get("Content-Type") != schemaMediaType ||
		!strings.Contains(vi.body, "Số bản sao") || vi.header.Get("ETag") == "" {
		t.Fatalf("%d %v %.300s", vi.status, vi.header, vi.body)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(vi.body)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:form", document); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Compile("urn:form"); err != nil {
		t.Errorf("not a JSON Schema: %v", err)
	}
	if en := anybody("/procedures/2.000635/schema", "en"); en.status != 200 ||
		!strings.Contains(en.body, "Number of copies") || en.header.Get("ETag") == vi.header.Get("ETag") {
		t.Errorf("in English: %d %.300s", en.status, en.body)
	}
	for path, problem := range map[string]string{
		"/procedures/9.999999/schema":            "procedure.not_found",
		"/procedures/%00%ff/schema":              "backoffice.nowhere",
		"/procedures/" + counterOnly + "/schema": "backoffice.no_form",
	} {
		if got := anybody(path, ""); got.status != 404 || !strings.Contains(got.body, problem) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// counterOnly is a starter procedure that is not filed online.
const counterOnly = "2.000815"
