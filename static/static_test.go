package static

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"strings"
	"testing"
)

func TestAssetsAreServedUnderAHashOfTheirContent(t *testing.T) {
	t.Parallel()
	for name := range byName {
		url := URL(name)
		if !regexp.MustCompile(`^/static/[a-z0-9-]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(url) {
			t.Errorf("%s is served at %s", name, url)
		}
		a, ok := Find(url)
		if !ok || len(a.Body) == 0 {
			t.Errorf("%s: nothing is served at %s", name, url)
		}
	}
	if _, ok := Find("/static/../static.go"); ok {
		t.Error("a path outside the assets was served")
	}
}

func TestWeightOverTheWire(t *testing.T) {
	t.Parallel()
	for ext, budget := range map[string]int{".css": 20 << 10, ".js": 15 << 10} {
		total := 0
		for name, a := range byName {
			if strings.HasSuffix(name, ext) {
				total += gzipped(t, a.Body)
			}
		}
		if total > budget {
			t.Errorf("%s weighs %d bytes compressed, the budget is %d", ext, total, budget)
		}
	}
}

func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	t.Parallel()
	foreign := regexp.MustCompile(`(?i)(@import|url\(\s*["']?(https?:)?//|https?://)`)
	for name, a := range byName {
		body := strings.ReplaceAll(string(a.Body), "http://www.w3.org/2000/svg", "")
		if m := foreign.FindString(body); m != "" {
			t.Errorf("%s reaches outside: %s", name, m)
		}
	}
}

func gzipped(t *testing.T, b []byte) int {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Len()
}
