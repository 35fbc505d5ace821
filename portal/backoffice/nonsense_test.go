package backoffice

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/pb33f/libopenapi/datamodel/high/base"
)

// nonsense are values that few members take.
var nonsense = []string{`null`, `[]`, `{}`, `[[]]`, `[null]`, `[1]`, `{"a":1}`, `""`, `" "`, `"8000"`, `"true"`,
	`true`, `0`, `-1`, `1.5`, `1e3`, `1e400`, `99999999999999999999`, `"\u0000"`, `"\ud800"`, "\"\xff\"",
	`"\u202e"`, `"2026-13-45"`, `"9999-12-31"`, `"0000-00-00"`, `"9999-12-31T23:59:59-12:00"`,
	`"` + strings.Repeat("ă", 5000) + `"`, strings.Repeat("[", 9999) + strings.Repeat("]", 9999)}

// TestNonsense puts each of these into each member of each call: it is carried out or refused with a problem
// of the contract, and never fails. What the scene's check of the contract finds wrong fails the test too.
func TestNonsense(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lan := s.Citizen(t, 1)
	_, model := document(t)
	for _, r := range routes {
		if r.method != fiber.MethodPost || r.body == readByHandler {
			continue
		}
		item, _ := model.Paths.PathItems.Get(regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.path, "{$1}"))
		media, ok := item.Post.RequestBody.Content.Get("application/json")
		if !ok {
			t.Fatalf("%s takes no JSON", r.path)
		}
		members := members(media.Schema)
		path := strings.Replace(r.path, ":code", string(s.Submitted(t, lan)), 1)
		for _, body := range nonsense {
			s.neverFails(t, path, body)
		}
		for _, member := range members {
			for _, value := range nonsense {
				s.neverFails(t, path, `{`+quoted(member)+`:`+value+`}`)
			}
		}
	}
}

// members names the members of a schema.
func members(proxy *base.SchemaProxy) (names []string) {
	if properties := proxy.Schema().Properties; properties != nil {
		for name := range properties.KeysFromOldest() {
			names = append(names, name)
		}
	}
	return names
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

func (s *scene) neverFails(t testing.TB, path, body string) {
	t.Helper()
	got := s.post(t, path, body)
	if got.status >= 500 || got.status != 200 && got.problem(t).Type == "" {
		t.Errorf("%s with %.80q: %d %s", path, body, got.status, got.body)
	}
	if got.status == http.StatusTooManyRequests {
		s.redis.FlushAll()
	}
}

// TestNonsenseInAddresses asks every call for what is no code, no number and no id, and for the dossier of
// somebody else: never a failure, and nothing is told.
func TestNonsenseInAddresses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	odd := map[string][]string{
		":code": {"x", "%00", "%FF", "..%2F..", "H42.37.14329-261123-9999",
			strings.Repeat("9", 3000), "%F0%9F%98%80"},
		":number": {"0", "-1", "1e3", "99999999999999999999", "%31%00", "+1", "%D9%A1"},
		":file":   {"x", "%00", "019ab000-0000-7000-8000-000000000009", "{}", strings.Repeat("a", 3000)},
	}
	code := s.Submitted(t, s.Citizen(t, 1))
	right := map[string]string{":code": string(code), ":number": "1",
		":file": "019ab000-0000-7000-8000-000000000009"}
	for _, r := range routes {
		if r.body == readByHandler {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(odd)) {
			if !strings.Contains(r.path, name) {
				continue
			}
			for _, value := range odd[name] {
				path := strings.Replace(r.path, name, value, 1)
				for other, fits := range right {
					path = strings.Replace(path, other, url.PathEscape(fits), 1)
				}
				got := s.call(t, request{method: r.method, path: path, body: bodyOf(r)})
				if got.status < 400 || got.status >= 500 {
					t.Errorf("%s %.80s: %d %s", r.method, path, got.status, got.body)
				}
			}
		}
	}
}

// bodyOf is a body that a call with a right address would take or refuse.
func bodyOf(r route) string {
	if r.method == fiber.MethodPost {
		return `{}`
	}
	return ""
}
