package backoffice

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/gofiber/fiber/v2"
)

// bare sends a call past the check of the contract, which tells nothing of HEAD or of paths that are none.
func (s *scene) bare(t testing.TB, method, path string) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/", http.NoBody)
	r.URL.Opaque, r.RequestURI = path, path
	r.Header.Set("Authorization", "Bearer "+s.Key)
	r.Header.Set("Actor", officer)
	response, err := s.app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	response.Header.Del("X-Request-Id")
	response.Header.Del("RateLimit") // differs from call to call
	return reply{response.StatusCode, response.Header, string(raw)}
}

// fill puts a dossier and its file into the path of a row.
func (s *scene) fill(t testing.TB, path string, code dossier.Code) string {
	t.Helper()
	raw := s.call(t, request{path: at(code, "/revisions/1")})
	var revision struct{ Files []struct{ ID string } }
	if err := json.Unmarshal([]byte(raw.body), &revision); err != nil || len(revision.Files) == 0 {
		t.Fatalf("%v %s", err, raw.body)
	}
	if strings.HasPrefix(path, "/procedures/") {
		return strings.Replace(path, ":code", "2.000635", 1)
	}
	return strings.NewReplacer(":code", string(code), ":number", "1", ":file", revision.Files[0].ID).
		Replace(path)
}

// TestHeadAndOtherMethods ranges over the table: HEAD answers as GET, and nobody has read anything by it;
// another method is told which are right.
func TestHeadAndOtherMethods(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	s.sequenced(t)
	paths := map[string]string{}
	for _, r := range routes {
		paths[r.path] = prefix + s.fill(t, r.path, code)
	}
	readings := func() (n int) {
		if err := s.Pool.QueryRow(t.Context(), `select count(*) from dossier_access`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := readings()
	heads := map[string]reply{}
	methods := map[string][]string{}
	for _, r := range routes {
		methods[r.path] = append(methods[r.path], r.methods()...)
		if r.method == fiber.MethodGet {
			heads[r.path] = s.bare(t, fiber.MethodHead, paths[r.path])
		}
	}
	if n := readings(); n != before {
		t.Errorf("HEAD made %d records of readings", n-before)
	}
	for path, head := range heads {
		got := s.bare(t, fiber.MethodGet, paths[path])
		if head.status != http.StatusOK || got.status != head.status || head.body != "" {
			t.Errorf("%s: HEAD %d %q, GET %d", path, head.status, head.body, got.status)
		}
		for name, want := range got.header {
			if !slices.Equal(head.header[name], want) {
				t.Errorf("%s: %s of HEAD is %q, of GET %q", path, name, head.header[name], want)
			}
		}
	}
	for path, allowed := range methods {
		allow := strings.Join(append(allowed, fiber.MethodOptions), ", ")
		if got := s.bare(t, fiber.MethodOptions, paths[path]); got.status != http.StatusNoContent ||
			got.header.Get("Allow") != allow || got.body != "" {
			t.Errorf("OPTIONS %s: %d %q, want %q", path, got.status, got.header.Get("Allow"), allow)
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
			if slices.Contains(allowed, method) {
				continue
			}
			got := s.bare(t, method, paths[path])
			if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != allow ||
				got.problem(t).Type != onestop.ProblemType(errMethod.Key) {
				t.Errorf("%s %s: %d %q %s", method, path, got.status, got.header.Get("Allow"), got.body)
			}
		}
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT"} {
		if got := s.bare(t, method, prefix+"/nowhere"); got.status != http.StatusNotFound ||
			got.header.Get("Allow") != "" {
			t.Errorf("%s nowhere: %d", method, got.status)
		}
	}
}

// noTexts are what stands in a path for something that is no text.
var noTexts = []string{"%00", "%ff", "%C0%80", "%ED%A0%80", "a%00b", "%", "%zz", "\xff"}

// TestWhatIsNoText sends to every call what no text can be read from, in its path, its query and its body.
func TestWhatIsNoText(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	code := s.Submitted(t, s.Citizen(t, 1))
	for _, r := range routes {
		steps := strings.Split(s.fill(t, r.path, code), "/")
		for i, step := range strings.Split(r.path, "/") {
			if !strings.HasPrefix(step, ":") {
				continue
			}
			for _, none := range noTexts {
				bad := slices.Clone(steps)
				bad[i] = none
				got := s.bare(t, r.method, prefix+strings.Join(bad, "/"))
				if got.status != http.StatusNotFound || got.problem(t).Status != http.StatusNotFound {
					t.Errorf("%s %s: %d %s", r.method, strings.Join(bad, "/"), got.status, got.body)
				}
			}
		}
		for _, none := range noTexts {
			got := s.bare(t, r.method, prefix+strings.Join(steps, "/")+"?after="+none+"&"+none+"=1")
			if got.status >= http.StatusInternalServerError {
				t.Errorf("%s %s?after=%s: %d %s", r.method, r.path, none, got.status, got.body)
			}
		}
		if r.method != fiber.MethodPost || r.body == readByHandler {
			continue
		}
		for _, none := range []string{`\u0000`, "\x00", "\xff", `\ud800`, `\udc00x`, `\ud800\u0041`} {
			for _, body := range []string{`{"note":"a` + none + `"}`, `{"a` + none + `":1}`,
				`{"reason":{"deep":["` + none + `"]}}`} {
				got := s.post(t, strings.Join(steps, "/"), body)
				if got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
					t.Errorf("%s %q: %d %s", r.path, body, got.status, got.body)
				}
			}
		}
	}
	note := s.post(t, at(code, "/notes"), `{"note":"đã \u00e0 \\u0000"}`)
	if note.status != http.StatusOK {
		t.Errorf("a text with escapes: %d %s", note.status, note.body)
	}
	pair := s.post(t, at(code, "/notes"), `{"note":"\ud83d\ude00"}`) // a text, which no paper shows
	if pair.status != http.StatusUnprocessableEntity ||
		!strings.Contains(string(pair.body), "onestop.undrawn") {
		t.Errorf("a pair of escapes: %d %s", pair.status, pair.body)
	}
	bad := s.post(t, at(code, "/notes"), `{"note":"a\u0000b"}`).problem(t)
	if bad.Type != onestop.ProblemType(onestop.ErrValue.Key) || len(bad.Errors) != 1 ||
		bad.Errors[0].Pointer != "/note" {
		t.Errorf("%+v", bad)
	}
	got := s.call(t, request{path: at(code), header: map[string]string{"Actor": "name=A%00&unit=B"}})
	if got.status != http.StatusBadRequest {
		t.Errorf("an officer whose name is none: %d %s", got.status, got.body)
	}
}
