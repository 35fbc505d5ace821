package portal_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/portal/address"
	"congdvc/services/eform/eformtest"
	"congdvc/services/workday"
)

// What a first view may weigh over the wire, in bytes: in all with the headers, style and script without.
const (
	mostInAll  = 60 << 10
	mostStyle  = 20 << 10
	mostScript = 15 << 10
)

// weight is what a browser without a cache fetches for one page, in bytes over the wire.
type weight struct{ html, css, js, other, headers int }

func (w weight) all() int { return w.html + w.css + w.js + w.other + w.headers }

var fetched = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// weigh fetches a page and everything that its markup has a browser fetch.
func (b *browser) weigh(address string, known map[string][2]int) weight {
	b.t.Helper()
	page := b.overTheWire(address)
	w := weight{headers: page[0], html: page[1]}
	for _, m := range fetched.FindAllStringSubmatch(b.get(address).body, -1) {
		got, ok := known[m[1]]
		if !ok {
			got = b.overTheWire(m[1])
			known[m[1]] = got
		}
		w.headers += got[0]
		switch path.Ext(m[1]) {
		case ".css":
			w.css += got[1]
		case ".js":
			w.js += got[1]
		default:
			w.other += got[1]
		}
	}
	return w
}

// overTheWire fetches something as browsers do, those that take br and those that do not, and tells how many
// bytes came at most: headers and body.
func (b *browser) overTheWire(address string) (most [2]int) {
	b.t.Helper()
	for _, encoding := range []string{"br", "gzip"} {
		r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL+address, nil)
		must(b.t, err)
		r.Header.Set("Accept-Encoding", encoding)
		p := b.do(r)
		if got := p.Header.Get("Content-Encoding"); p.StatusCode != http.StatusOK || p.path != address ||
			got != encoding {
			b.t.Fatalf("%s: %d at %s, encoded as %q", address, p.StatusCode, p.path, got)
		}
		head, err := httputil.DumpResponse(p.Response, false)
		must(b.t, err)
		most = [2]int{max(most[0], len(head)), max(most[1], len(p.body))}
	}
	return most
}

// TestWeightOfEveryFormPage weighs every page of every starter form: the place, each step, the documents and
// the check of the answers, in both languages, empty and filled. With -v it prints the heaviest of each.
func TestWeightOfEveryFormPage(t *testing.T) {
	t.Parallel()
	forms, err := eformtest.Starter("..")
	if err != nil || len(forms) != 10 {
		t.Fatalf("%d starter forms: %v", len(forms), err)
	}
	s := newSite(t)
	b := s.person(t, "Nguyễn Thị Lan")
	known := map[string][2]int{} // files of the style and the script, which all pages share
	for i, f := range forms {
		heaviest := map[string]weight{}
		look := func(name string, to func(lang string) string) {
			for _, lang := range []string{"vi", "en"} {
				if w := b.weigh(to(lang), known); w.all() > heaviest[name].all() {
					heaviest[name] = w
				}
			}
		}
		for seed := range uint64(3) {
			on := workday.DateOf(time.Now())
			right, err := eformtest.Fill(f, rand.New(rand.NewPCG(uint64(i), seed)), on)
			must(t, err)
			p := b.begin(f.ID)
			id := draftOf(p)
			look("0 noi-nop", func(lang string) string { return address.Start(lang, f.ID) })
			for strings.Contains(p.path, "/buoc/") {
				n := f.Number(stepOf(t, p, f))
				step := func(lang string) string { return address.DraftStep(lang, id, n) }
				look(fmt.Sprintf("1 buoc/%d", n), step) // as it comes
				p = b.walkStep(p, f, right)
				look(fmt.Sprintf("1 buoc/%d", n), step) // as it is filled
			}
			look("0 noi-nop", func(lang string) string { return address.DraftPlace(lang, id) })
			look("2 giay-to", func(lang string) string { return address.DraftFiles(lang, id) })
			look("3 kiem-tra", func(lang string) string { return address.DraftReview(lang, id) })
			b.post(address.DraftDiscard("vi", id),
				url.Values{"csrf": {b.get(address.Draft("vi", id)).token(t)}})
		}
		for _, name := range slices.Sorted(maps.Keys(heaviest)) {
			w := heaviest[name]
			t.Logf("%s %-10s %6d = html %5d + css %5d + js %5d + picture %3d + headers %4d", f.ID, name[2:],
				w.all(), w.html, w.css, w.js, w.other, w.headers)
			if w.html == 0 || w.css == 0 || w.js == 0 {
				t.Errorf("%s %s: something was not weighed: %+v", f.ID, name, w)
			}
			if w.all() > mostInAll || w.css > mostStyle || w.js > mostScript {
				t.Errorf("%s %s is too heavy: %d bytes, %+v", f.ID, name, w.all(), w)
			}
		}
	}
}
