package portal_test

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"congdvc/portal/address"
	"congdvc/portal/backoffice"
)

var (
	partLink  = regexp.MustCompile(`href="((?:/en)?/lap-trinh/[a-z-]+)"`)
	anchor    = regexp.MustCompile(` id="([^"]+)"`)
	anchored  = regexp.MustCompile(`href="([^"#]*)#([^"]+)"`)
	copied    = regexp.MustCompile(`curl (?:-X (\w+) )?[^\n]*(?:\\\n[^\n]*)*?https?://[^/\s]+(/api/v1/[^\s"?<]*)`)
	oneHeader = regexp.MustCompile(`<h([1-6])[ >]`)
)

// contractPages fetches every page of the contract in a language, by path, as they are linked.
func contractPages(t *testing.T, s *site, lang string) map[string]string {
	t.Helper()
	v := s.visitor(t)
	first := address.Developers(lang)
	pages := map[string]string{first: v.get(first).body}
	for _, m := range partLink.FindAllStringSubmatch(pages[first], -1) {
		pages[m[1]] = v.get(m[1]).body
	}
	if len(pages) < 9 {
		t.Fatalf("only %d pages", len(pages))
	}
	return pages
}

// TestDevelopers: each call, schema and type of problem has a place on one page, every link within the
// contract leads somewhere, headings follow each other, and no page is too heavy.
func TestDevelopers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manual, err := backoffice.ReadManual()
	must(t, err)
	for _, lang := range []string{"vi", "en"} {
		pages := contractPages(t, s, lang)
		places := map[string]int{}
		for path, body := range pages {
			last := byte('0')
			for _, h := range oneHeader.FindAllStringSubmatch(body, -1) {
				if h[1][0] > last+1 {
					t.Errorf("%s: a heading of level %s follows one of %c", path, h[1], last)
				}
				last = h[1][0]
			}
			seen := map[string]bool{}
			for _, m := range anchor.FindAllStringSubmatch(body, -1) {
				if seen[m[1]] {
					t.Errorf("%s has two places %s", path, m[1])
				}
				seen[m[1]] = true
				places[path+"#"+m[1]]++
				places[m[1]]++
			}
		}
		for path, body := range pages {
			for _, m := range anchored.FindAllStringSubmatch(body, -1) {
				to := m[1]
				if to == "" {
					to = path
				}
				if places[to+"#"+m[2]] != 1 {
					t.Errorf("%s links to %s#%s, which is not there", path, to, m[2])
				}
			}
		}
		for _, id := range contractIDs(manual) {
			if places[id] != 1 {
				t.Errorf("%s: %s has %d places", lang, id, places[id])
			}
		}
		v, known := s.visitor(t), map[string][2]int{}
		for path := range pages {
			if w := v.weigh(path, known); w.all() > mostInAll || w.css > mostStyle {
				t.Errorf("%s is too heavy: %d bytes, %+v", path, w.all(), w)
			} else {
				t.Logf("%s %d bytes, html %d", path, w.all(), w.html)
			}
		}
	}
	if got := s.visitor(t).get("/lap-trinh/khong-co"); got.StatusCode != 404 {
		t.Errorf("an unknown part: %d", got.StatusCode)
	}
}

// contractIDs are the places that the contract promises.
func contractIDs(m *backoffice.Manual) (ids []string) {
	calls := slices.Clone(m.Webhooks)
	for _, group := range m.Groups {
		calls = append(calls, group.Calls...)
	}
	for _, call := range calls {
		ids = append(ids, call.ID)
	}
	for _, schema := range m.Schemas {
		ids = append(ids, schema.Name)
	}
	for _, group := range m.Problems {
		for _, row := range group.Rows {
			for _, one := range row.Types {
				ids = append(ids, one.Key)
			}
		}
	}
	return ids
}

// TestDevelopersBegin: what is to be copied are calls of the contract, with all headers that they need.
func TestDevelopersBegin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manual, err := backoffice.ReadManual()
	must(t, err)
	body := html.UnescapeString(s.visitor(t).get("/lap-trinh").body)
	found := copied.FindAllStringSubmatch(body, -1)
	if len(found) != 8 {
		t.Fatalf("%d calls to copy in %s", len(found), body)
	}
	for _, one := range found {
		method := one[1]
		if method == "" {
			method = "GET"
		}
		path := strings.ReplaceAll(strings.ReplaceAll(one[2], "$CODE", "{code}"), "/revisions/1",
			"/revisions/{number}")
		var call backoffice.Call
		for _, group := range manual.Groups {
			for _, c := range group.Calls {
				if c.Method == method && c.Path == path {
					call = c
				}
			}
		}
		if call.ID == "" {
			t.Errorf("%s %s is no call of the contract", method, path)
		}
		for _, p := range call.Parameters {
			if p.In == "header" && p.Required && !strings.Contains(one[0], p.Name+": ") {
				t.Errorf("%s lacks %s", one[0], p.Name)
			}
		}
		for _, b := range call.Bodies {
			if b.MediaType == "application/json" && call.ID != "postResult" &&
				!strings.Contains(one[0], "application/json") {
				t.Errorf("%s lacks its media type", one[0])
			}
		}
	}
	actor := regexp.MustCompile(`ACTOR='([^']+)'`).FindStringSubmatch(body)
	values, err := url.ParseQuery(actor[1])
	if must(t, err); values.Get("name") == "" || values.Get("unit") == "" || values.Get("phone") == "" {
		t.Errorf("the officer to copy is %v", values)
	}
}
