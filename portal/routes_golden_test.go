package portal

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"congdvc/portal/address"
)

var update = flag.Bool("update", false, "write the goldens anew")

// TestRoutesMean compares what each row of the table amounts to, in each language, with testdata/routes.txt:
// a change of a word or of its meaning is seen there, for every route that it touches.
func TestRoutesMean(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	for _, r := range (&Portal{}).routes() {
		for _, method := range r.manner().methods {
			if method == "HEAD" {
				continue // as GET
			}
			for _, lang := range r.langs() {
				told.WriteString(meaning(r, method, string(lang)))
			}
		}
	}
	const golden = "testdata/routes.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(told.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if told.String() != string(want) {
		t.Errorf("routes are not as in %s; -update shows what changed:\n%s", golden, told.String())
	}
}

func meaning(r route, method, lang string) string {
	page, m := "", r.manner()
	if r.form != nil {
		page = " on " + r.form(lang)
	}
	name := runtime.FuncForPC(reflect.ValueOf(r.handle).Pointer()).Name()
	name = strings.TrimSuffix(name[strings.LastIndex(name, ".")+1:], "-fm")
	forWhom := map[access]string{public: "public", signedIn: "signed in", maySave: "may save"}
	words := []string{forWhom[r.access]}
	for _, w := range []struct {
		holds bool
		word  string
	}{
		{m.proof == inStream, "streamed, token in the stream"},
		{m.proof == byToken, "token"},
		{m.proof == byToken || m.proof == inStream, "same origin"},
		{m.proof == ownProof, "own proof"},
		{m.failing == byJSON, "json: 401 and failures"},
		{m.caching == keptBriefly, "kept for seconds"},
		{m.script == draftScript, "script of drafts"},
		{m.failing == byHolding, "held without a session"},
		{r.access != public && m.failing != byJSON && method == "POST", "not saved without a session"},
	} {
		if w.holds {
			words = append(words, w.word)
		}
	}
	return fmt.Sprintf("%s %s %s%s\n    %d bytes, %s; %s\n", method, r.path(lang), name, page, m.body, m.time,
		strings.Join(words, "; "))
}

// TestRowsThatContradictThemselves changes one row of the right table at a time.
func TestRowsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	right := (&Portal{}).routes()
	if err := checkRoutes(right); err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(right, func(r route) bool { return r.kind == aStepForm })
	for name, change := range map[string]func(r *route){
		"no handler":             func(r *route) { r.handle = nil },
		"no path":                func(r *route) { r.path = nil },
		"no such kind":           func(r *route) { r.kind = aWebhook + 1 },
		"answers from everybody": func(r *route) { r.access = public },
		"a page of the same":     func(r *route) { r.kind, r.access = aPage, signedIn },
		"a form of no page":      func(r *route) { r.form = ofDraft(address.DraftSave) },
		"a page of a webhook": func(r *route) {
			r.kind, r.access, r.form = aWebhook, public, address.Home
		},
		"a path without a page": func(r *route) { r.path = ofDraft(address.DraftSave) },
	} {
		table := slices.Clone(right)
		change(&table[at])
		if err := checkRoutes(table); err == nil {
			t.Errorf("%s: such a table is served", name)
		}
	}
	for k := aPage; k <= aWebhook; k++ {
		if m := manners[k]; len(m.methods) == 0 || len(m.admits) == 0 || m.body == 0 || m.time == 0 {
			t.Errorf("the row of kind %d is not complete: %+v", k, m)
		}
	}
}
