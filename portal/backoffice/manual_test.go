package backoffice

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func manual(t testing.TB) *Manual {
	t.Helper()
	m, err := ReadManual()
	must(t, err)
	return m
}

// TestManualTellsAll: nothing of the contract is left out, and no type is unknown.
func TestManualTellsAll(t *testing.T) {
	t.Parallel()
	m := manual(t)
	_, model := document(t)
	var calls []string
	for _, g := range m.Groups {
		if g.About == "" || len(g.Calls) == 0 {
			t.Errorf("group %s: %q, %d calls", g.Tag, g.About, len(g.Calls))
		}
		for _, c := range g.Calls {
			calls = append(calls, c.Method+" "+parameterInPath.ReplaceAllString(c.Path, ":$1")+" "+c.Scope)
			if c.ID == "" || c.Summary == "" || c.About == nil || c.Answers == nil || c.Refused == nil {
				t.Errorf("%s %s is told in part", c.Method, c.Path)
			}
		}
	}
	for _, r := range routes {
		if !slices.Contains(calls, r.method+" "+prefix+r.path+" "+string(r.scope)) {
			t.Errorf("%s %s with scope %q is not told of", r.method, r.path, r.scope)
		}
	}
	if len(calls) != len(routes) || len(m.Webhooks) != model.Webhooks.Len() {
		t.Errorf("%d calls of %d, %d webhooks", len(calls), len(routes), len(m.Webhooks))
	}
	var problems []string
	for _, g := range m.Problems {
		for _, row := range g.Rows {
			for _, one := range row.Types {
				problems = append(problems, one.Type)
				if want := toldProblems(t)[one.Key]; !strings.HasPrefix(one.Status, strconv.Itoa(want)) {
					t.Errorf("%s is told as %s, want %d", one.Key, one.Status, want)
				}
			}
		}
	}
	same(t, "types of problems", problems, enum(t, model, "ProblemType"))
	var events, schemas, listed []string
	for _, e := range m.Events {
		events = append(events, e.Name)
	}
	same(t, "types of events", events, enum(t, model, "EventType"))
	for _, s := range m.Schemas {
		schemas = append(schemas, s.Name)
	}
	for name := range model.Components.Schemas.FromOldest() {
		listed = append(listed, name)
	}
	same(t, "schemas", schemas, listed)
	sound(t, "", reflect.ValueOf(*m), schemas)
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// sound looks at every type, wherever it is: it says something, and a schema that it names is told.
func sound(t testing.TB, at string, v reflect.Value, schemas []string) {
	t.Helper()
	if one, is := v.Interface().(Type); is {
		switch {
		case one.Schema != "" && !slices.Contains(schemas, one.Schema):
			t.Errorf("%s names the schema %s, which is not told", at, one.Schema)
		case reflect.ValueOf(one).IsZero():
			t.Errorf("%s has no type", at)
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		if name := v.FieldByName("Name"); name.IsValid() && name.Kind() == reflect.String {
			at += "/" + name.String()
		}
		for i := range v.NumField() {
			sound(t, at, v.Field(i), schemas)
		}
	case reflect.Slice:
		for i := range v.Len() {
			sound(t, at, v.Index(i), schemas)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			sound(t, at, v.Elem(), schemas)
		}
	}
}

// TestManualMembers: members are told on every level, with their bounds.
func TestManualMembers(t *testing.T) {
	t.Parallel()
	m := manual(t)
	members := map[string]Member{}
	for _, s := range m.Schemas {
		for _, one := range s.Members {
			members[s.Name+" "+one.Name] = one
		}
	}
	for name, want := range map[string]struct {
		required bool
		word     string
		bounds   string
	}{
		"Connection keys[].prefix":      {true, "string", ""},
		"Connection keys[].scopes":      {true, "", "[{enum  [read write feed manage]}]"},
		"Connection backlog":            {true, "integer", "[{minimum 0 []}]"},
		"Problem errors[].pointer":      {false, "string", ""},
		"Receive note":                  {false, "string", "[{maxLength 4000 []}]"},
		"ListedDossier changed_at":      {true, "string", "[{format date-time []}]"},
		"PushAttempts attempts[].event": {true, "string", "[{format uuid []}]"},
	} {
		got, ok := members[name]
		bounds := ""
		if got.Bounds != nil {
			bounds = fmt.Sprint(got.Bounds)
		}
		if !ok || got.Required != want.required || got.Type.Word != want.word || bounds != want.bounds {
			t.Errorf("%s: %t %+v", name, ok, got)
		}
	}
}

// TestManualSignature recomputes the worked example, as a receiver would.
func TestManualSignature(t *testing.T) {
	t.Parallel()
	s := manual(t).Signature
	seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
	must(t, err)
	check, err := webhooks.NewWebhook(s.Secret)
	must(t, err)
	signed, err := check.Sign(s.ID, time.Unix(seconds, 0), []byte(s.Body))
	must(t, err)
	if signed != s.Signature {
		t.Errorf("the example is signed %s, right is %s", s.Signature, signed)
	}
	var event struct {
		ID, Type string
		Time     time.Time
	}
	must(t, json.Unmarshal([]byte(s.Body), &event))
	if event.ID != s.ID || event.Type != "dossier.submitted" || event.Time.Unix() != seconds {
		t.Errorf("the example is about %+v", event)
	}
	if err := check.VerifyIgnoringTimestamp([]byte(s.Body+" "), http.Header{"Webhook-Id": {s.ID},
		"Webhook-Timestamp": {s.Timestamp}, "Webhook-Signature": {s.Signature}}); err == nil {
		t.Error("another body is taken")
	}
}

// TestManualText reads descriptions: what is no known mark stays text, HTML too.
func TestManualText(t *testing.T) {
	t.Parallel()
	got := blocksOf("One `a b`\ntwo **three**.\n\n- x <b>y</b>\n- z\n\n<script>q</script>\n")
	want := []Block{
		{Text: []Span{{Text: "One "}, {Text: "a b", Code: true}, {Text: " "}, {Text: "two "},
			{Text: "three", Strong: true}, {Text: "."}}},
		{List: [][]Block{
			{{Text: []Span{{Text: "x "}, {Text: "<b>"}, {Text: "y"}, {Text: "</b>"}}}},
			{{Text: []Span{{Text: "z"}}}}}},
		{Code: "<script>q</script>\n"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

// TestContractNamesThePortal: the absolute addresses in it are those of the portal that serves it.
func TestContractNamesThePortal(t *testing.T) {
	t.Parallel()
	const base = "https://dichvucong.example.gov.vn"
	own := string(New(Config{Site: address.Site{Base: base + "/"}}).contract)
	if strings.Count(own, base+"/lap-trinh\n") != 2 || strings.Contains(own, exampleSite) {
		t.Error("the contract does not lead to its own portal")
	}
	if got := string(New(Config{}).contract); got != string(contract) {
		t.Error("without an address the contract changes")
	}
}

// TestContractIsLinked: every answer leads to the contract, for programs and for people, refusals too.
func TestContractIsLinked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for path, status := range map[string]int{"/openapi.yaml": 200, "/feed": 401, "/khong-co": 404} {
		for lang, pages := range map[string]string{"": "/lap-trinh", "en": "/en/lap-trinh"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+prefix+path, nil)
			must(t, err)
			r.Header.Set("Accept-Language", lang)
			got, err := http.DefaultClient.Do(r)
			must(t, err)
			got.Body.Close()
			want := `</api/v1/openapi.yaml>; rel="service-desc"; type="application/yaml", <` + pages +
				`>; rel="service-doc"; type="text/html"`
			if link := got.Header.Get("Link"); got.StatusCode != status || link != want {
				t.Errorf("%s in %q: %d, Link: %s", path, lang, got.StatusCode, link)
			}
		}
	}
}
