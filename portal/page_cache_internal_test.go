package portal

import (
	"fmt"
	"testing"
	"time"
)

// TestKeptPagesAreBounded: where there is no room, the pages that were made longest ago go.
func TestKeptPagesAreBounded(t *testing.T) {
	t.Parallel()
	var k keptPages
	begin := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	const pages, size = 50, keptBytes / 20
	for n := range pages {
		key := fmt.Sprintf("plain /%d", n)
		k.keep(key, keptPage{body: make([]byte, 10), made: begin})
		k.keep(key, keptPage{body: make([]byte, size), made: begin.Add(time.Duration(n) * time.Second)})
		held := 0
		for _, page := range k.pages {
			held += len(page.body)
		}
		if held != k.size || held > keptBytes {
			t.Fatalf("%d bytes are held, %d counted", held, k.size)
		}
	}
	k.keep("plain /huge", keptPage{body: make([]byte, keptBytes+1), made: begin})
	for path, want := range map[string]bool{"/0": false, "/huge": false, fmt.Sprintf("/%d", pages-1): true,
		fmt.Sprintf("/%d", pages-10): true} {
		if _, ok := k.findStale(path, "br", begin.Add(time.Hour)); ok != want {
			t.Errorf("%s is kept: %v", path, ok)
		}
	}
}

// TestBlindness: while the database is away one request in a while asks, and the others need not wait.
func TestBlindness(t *testing.T) {
	t.Parallel()
	var k keptPages
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	ask := func(want bool) {
		t.Helper()
		if got := k.mayAsk(now); got != want {
			t.Errorf("%s: may ask %v", now.Format(time.TimeOnly), got)
		}
	}
	ask(true)
	k.learnt(true, now)
	ask(false)
	now = now.Add(keptFor)
	ask(true)
	ask(false) // another one is asking
	now = now.Add(quickTime)
	ask(true) // that one never came back
	k.learnt(false, now)
	ask(true)
	ask(true)
}
