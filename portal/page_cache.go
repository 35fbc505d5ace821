package portal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

const (
	// keptFor is how old a kept page may be; a browser may keep it as long.
	keptFor = 5 * time.Second
	// staleFor is how old it may be while its page cannot be made anew. What a page says holds from a day on,
	// or names its day.
	staleFor = 12 * time.Hour
	// keptBytes bounds all kept pages together.
	keptBytes = 16 << 20
)

// keptPages are whole answers to visitors, each as it went over the wire.
type keptPages struct {
	mu    sync.RWMutex
	pages map[string]keptPage
	size  int

	// blind is until when no page is made anew, because the database was away a moment ago: else everybody
	// would wait for it. The first who comes afterwards tries.
	blind time.Time
}

type keptPage struct {
	body                     []byte
	kind, language, encoding string
	made                     time.Time
}

func (k *keptPages) find(key string, now time.Time, age time.Duration) (keptPage, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	page, ok := k.pages[key]
	return page, ok && now.Before(page.made.Add(age))
}

// findStale is a page made as long ago as staleFor, in the encoding that is asked for or in none.
func (k *keptPages) findStale(path, encoding string, now time.Time) (keptPage, bool) {
	if page, ok := k.find(encoding+" "+path, now, staleFor); ok {
		return page, true
	}
	for _, other := range append(encodings, plain) {
		if page, ok := k.find(other+" "+path, now, staleFor); ok {
			body, err := page.unpacked()
			page.body, page.encoding = body, ""
			return page, err == nil
		}
	}
	return keptPage{}, false
}

// keep stores a page. Where there is no room for it, those that were made longest ago go.
func (k *keptPages) keep(key string, page keptPage) {
	if len(page.body) > keptBytes {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pages == nil {
		k.pages = map[string]keptPage{}
	}
	k.drop(key)
	if k.size+len(page.body) > keptBytes {
		byAge := slices.SortedFunc(maps.Keys(k.pages), func(a, b string) int {
			return k.pages[a].made.Compare(k.pages[b].made)
		})
		for _, oldest := range byAge { // some more than needed, so that this is rare
			if k.size+len(page.body) <= keptBytes-keptBytes/8 {
				break
			}
			k.drop(oldest)
		}
	}
	k.pages[key] = page
	k.size += len(page.body)
}

func (k *keptPages) drop(key string) {
	k.size -= len(k.pages[key].body)
	delete(k.pages, key)
}

// mayAsk reports whether a page may be made anew. While the database is away one request in a while may.
func (k *keptPages) mayAsk(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.blind.IsZero():
		return true
	case now.Before(k.blind):
		return false
	}
	k.blind = now.Add(quickTime)
	return true
}

// learnt notes whether the database was there.
func (k *keptPages) learnt(away bool, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.blind = time.Time{}
	if away {
		k.blind = now.Add(keptFor)
	}
}

// fromKept answers a visitor from memory if the same page was answered seconds ago, or longer ago while the
// database is away; then somebody with a session gets the visitors' page, too. Only pages that depend on
// nothing but their path are kept: no session, no query. It runs before the compression, so that a page is
// compressed only once.
func (p *Portal) fromKept(c *fiber.Ctx) error {
	path, query, _ := strings.Cut(c.OriginalURL(), "?")
	if !slices.Contains(reads, c.Method()) || path != c.Path() || !onlyTracked(c) {
		return c.Next()
	}
	encoding, now, visitor := encodingOf(c), p.Now(), c.Cookies(p.cookieName()) == ""
	if page, ok := p.kept.find(encoding+" "+path, now, keptFor); ok && visitor {
		return page.send(c)
	}
	stale, hasStale := p.kept.findStale(path, encoding, now)
	if hasStale && !p.kept.mayAsk(now) {
		return stale.sendStale(c, visitor)
	}
	err := c.Next()
	if err != nil {
		status, key := classify(err)
		away := status == fiber.StatusServiceUnavailable && key == "away"
		p.kept.learnt(away, p.Now())
		if away && hasStale {
			p.Log.WarnContext(c.UserContext(), "a page is served as it was", "request", requestID(c), "route",
				c.Route().Path, "made", stale.made, "error", err.Error())
			return stale.sendStale(c, visitor)
		}
		return err
	}
	p.kept.learnt(false, now)
	if c.Response().StatusCode() != fiber.StatusOK || query != "" || !visitor {
		return nil
	}
	shareable(c)
	h := &c.Response().Header
	p.kept.keep(encoding+" "+path, keptPage{body: bytes.Clone(c.Response().Body()),
		kind: string(h.ContentType()), language: string(h.Peek(fiber.HeaderContentLanguage)),
		encoding: string(h.ContentEncoding()), made: now})
	return nil
}

// onlyTracked reports whether nothing is asked but what other sites hang on to addresses that people share.
func onlyTracked(c *fiber.Ctx) bool {
	only := true
	c.Context().QueryArgs().VisitAll(func(name, _ []byte) {
		only = only && (bytes.HasPrefix(name, []byte("utm_")) || slices.Contains(tracks, string(name)))
	})
	return only
}

var tracks = []string{"fbclid", "gclid", "msclkid", "zarsrc", "zalo_source"}

// sendStale answers while the database is away. Whoever has a session must not find the page again when it is
// back.
func (page keptPage) sendStale(c *fiber.Ctx, visitor bool) error {
	err := page.send(c)
	if !visitor {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	return err
}

// send answers with a page as it was.
func (page keptPage) send(c *fiber.Ctx) error {
	h := &c.Response().Header
	h.Set(fiber.HeaderContentType, page.kind)
	h.Set(fiber.HeaderContentLanguage, page.language)
	h.Del(fiber.HeaderContentEncoding)
	if page.encoding != "" {
		h.Set(fiber.HeaderContentEncoding, page.encoding)
	}
	shareable(c)
	c.Status(fiber.StatusOK).Response().SetBodyRaw(page.body)
	return nil
}

// unpacked is the body of a page for whoever takes no compression.
func (page keptPage) unpacked() ([]byte, error) {
	switch page.encoding {
	case "":
		return page.body, nil
	case "br":
		return fasthttp.AppendUnbrotliBytes(nil, page.body)
	case "gzip":
		return fasthttp.AppendGunzipBytes(nil, page.body)
	case "deflate":
		return fasthttp.AppendInflateBytes(nil, page.body)
	}
	return nil, fmt.Errorf("portal: a kept page in encoding %q", page.encoding)
}

// shareable lets browsers and proxies keep a page as long as the portal does, for those without a session.
func shareable(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "public, max-age=5")
	c.Set(fiber.HeaderVary, "Accept-Encoding, Cookie")
}

// encodings are those in which pages are sent; plain stands for none.
var encodings = []string{"br", "gzip", "deflate"}

const plain = "plain"

// encodingOf tells apart the answers to one page that differ in their compression.
func encodingOf(c *fiber.Ctx) string {
	h := &c.Request().Header
	for _, encoding := range encodings {
		if h.HasAcceptEncoding(encoding) {
			return encoding
		}
	}
	return plain
}
