package browser

import (
	"testing"

	"github.com/chromedp/cdproto/network"
)

// What the first view may weigh over the wire, in bytes, headers included.
const (
	mostInAll  = 60 << 10
	mostStyle  = 20 << 10
	mostScript = 15 << 10
)

// TestWeight loads the first page with an empty cache.
func TestWeight(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.open("/")
	v.settle()
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	all, kinds := 0.0, map[network.ResourceType]float64{}
	for id, size := range v.watch.encoded {
		all += size
		kinds[v.watch.kinds[id]] += size
	}
	t.Logf("%.0f bytes: %v", all, kinds)
	if kinds[network.ResourceTypeDocument] == 0 || kinds[network.ResourceTypeStylesheet] == 0 ||
		kinds[network.ResourceTypeScript] == 0 {
		t.Errorf("a page without a document, a style or a script was weighed: %v", kinds)
	}
	if all > mostInAll || kinds[network.ResourceTypeStylesheet] > mostStyle ||
		kinds[network.ResourceTypeScript] > mostScript {
		t.Errorf("the first view weighs %.0f bytes: %v", all, kinds)
	}
}
