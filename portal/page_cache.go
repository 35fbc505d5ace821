package portal

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	// keptFor is how old a kept page may be; a browser may keep it as long.
	keptFor = 5 * time.Second
	// keptBytes bounds all kept pages together.
	keptBytes = 8 << 20
)

// keptPages are whole answers to visitors, each as it went over the wire.
type keptPages struct {
	mu    sync.RWMutex
	pages map[string]keptPage
	size  int
}

type keptPage struct {
	body                     []byte
	kind, language, encoding string
	until                    time.Time
}

func (k *keptPages) find(key string, now time.Time) (keptPage, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	page, ok := k.pages[key]
	return page, ok && now.Before(page.until)
}

// keep stores a page. When there is no room, all others are dropped: they would be too old within seconds.
func (k *keptPages) keep(key string, page keptPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.size -= len(k.pages[key].body)
	if k.pages == nil || k.size+len(page.body) > keptBytes {
		k.pages, k.size = map[string]keptPage{}, 0
	}
	k.pages[key] = page
	k.size += len(page.body)
}

// fromKept answers a visitor from memory if the same page was answered seconds ago. Only pages that depend on
// nothing but their path are kept: no session, no query. It runs before the compression, so that a page is
// compressed only once.
func (p *Portal) fromKept(c *fiber.Ctx) error {
	path := c.OriginalURL()
	if !slices.Contains(reads, c.Method()) || path != c.Path() || strings.Contains(path, "?") ||
		c.Cookies(p.cookieName()) != "" {
		return c.Next()
	}
	key, now := encodingOf(c)+" "+path, p.Now()
	if page, ok := p.kept.find(key, now); ok {
		h := &c.Response().Header
		h.Set(fiber.HeaderContentType, page.kind)
		h.Set(fiber.HeaderContentLanguage, page.language)
		if page.encoding != "" {
			h.Set(fiber.HeaderContentEncoding, page.encoding)
		}
		shareable(c)
		c.Response().SetBodyRaw(page.body)
		return nil
	}
	if err := c.Next(); err != nil || c.Response().StatusCode() != fiber.StatusOK {
		return err
	}
	shareable(c)
	h := &c.Response().Header
	p.kept.keep(key, keptPage{body: bytes.Clone(c.Response().Body()), kind: string(h.ContentType()),
		language: string(h.Peek(fiber.HeaderContentLanguage)), encoding: string(h.ContentEncoding()),
		until: now.Add(keptFor)})
	return nil
}

// shareable lets browsers and proxies keep a page as long as the portal does, for those without a session.
func shareable(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "public, max-age=5")
	c.Set(fiber.HeaderVary, "Accept-Encoding, Cookie")
}

// encodingOf tells apart the answers to one page that differ in their compression.
func encodingOf(c *fiber.Ctx) string {
	h := &c.Request().Header
	for _, encoding := range []string{"br", "gzip", "deflate"} {
		if h.HasAcceptEncoding(encoding) {
			return encoding
		}
	}
	return "plain"
}
