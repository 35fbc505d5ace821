package transfer

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// What a request for a file may ask in vain.
var (
	// ErrRange says that the stretch lies outside of the file; a front door answers 416.
	ErrRange = fault.New(fault.Invalid, "transfer.range")
	// ErrPrecondition says that the file is not, or no longer, the one that was meant; answered 412.
	ErrPrecondition = fault.New(fault.Conflict, "transfer.precondition")
)

// A stretch of a file; to is one behind its last byte.
type stretch struct{ from, to int64 }

// decide looks at the conditions of a request in the order of RFC 9110, 13.2.2, and then at its Range. For
// ErrRange it sets Content-Range, which tells the size.
func decide(c *fiber.Ctx, f File) (status int, s stretch, err error) {
	whole := stretch{0, f.Size}
	if match := c.Get(fiber.HeaderIfMatch); match != "" {
		if !named(match, f.etag(), false) {
			return 0, whole, ErrPrecondition
		}
	} else if since, ok := date(c, fiber.HeaderIfUnmodifiedSince); ok && f.changedAfter(since) {
		return 0, whole, ErrPrecondition
	}
	reads := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	if none := c.Get(fiber.HeaderIfNoneMatch); none != "" {
		if named(none, f.etag(), true) && reads {
			return fiber.StatusNotModified, whole, nil
		}
	} else if since, ok := date(c, fiber.HeaderIfModifiedSince); ok && reads && !f.Modified.IsZero() &&
		!f.changedAfter(since) {
		return fiber.StatusNotModified, whole, nil
	}
	header := c.Get(fiber.HeaderRange)
	if header == "" || c.Method() != fiber.MethodGet || !f.sameAs(c.Get(fiber.HeaderIfRange)) {
		return fiber.StatusOK, whole, nil
	}
	s, understood, inside := parse(header, f.Size)
	switch {
	case !understood:
		return fiber.StatusOK, whole, nil
	case !inside:
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", f.Size))
		return 0, whole, ErrRange.At(fiber.HeaderRange)
	}
	return fiber.StatusPartialContent, s, nil
}

// parse reads a Range header (RFC 9110, 14.1.2). One that is not understood means the whole file, and so do
// several stretches at once, which no browser asks for.
func parse(header string, size int64) (s stretch, understood, inside bool) {
	unit, spec, ok := strings.Cut(header, "=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return s, false, false
	}
	from, hasFrom := position(first)
	to, hasTo := position(last)
	switch {
	case !hasFrom && first != "", !hasTo && last != "", !hasFrom && !hasTo, hasFrom && hasTo && to < from:
		return s, false, false
	case !hasFrom:
		s = stretch{max(0, size-to), size}
	case !hasTo || to >= size:
		s = stretch{from, size}
	default:
		s = stretch{from, to + 1}
	}
	return s, true, s.from < size
}

// position reads a number of digits only. One that is too large for any file is the largest.
func position(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

// sameAs tells whether an If-Range means this file as it is; an absent one does.
func (f File) sameAs(ifRange string) bool {
	if ifRange == "" || ifRange == f.etag() {
		return true
	}
	at, err := http.ParseTime(ifRange)
	return err == nil && !f.Modified.IsZero() && at.Equal(f.Modified.Truncate(time.Second))
}

func (f File) changedAfter(at time.Time) bool {
	return !f.Modified.IsZero() && f.Modified.Truncate(time.Second).After(at)
}

func date(c *fiber.Ctx, header string) (time.Time, bool) {
	at, err := http.ParseTime(c.Get(header))
	return at, err == nil
}

// named tells whether a list of entity tags has one. A comparison that is weak also takes the tags of its
// compressed forms, which Compressed gives.
func named(list, etag string, weak bool) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if weak {
			tag = plainTag(strings.TrimPrefix(tag, "W/"))
		}
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// Has reports whether a request says that the other side has what an entity tag names, so that 304 answers it
// (If-None-Match, RFC 9110, section 13.1.2).
func Has(c *fiber.Ctx, etag string) bool {
	none := c.Get(fiber.HeaderIfNoneMatch)
	return none != "" && named(none, etag, true)
}

// Compressed marks an answer whose body was compressed: it is another sequence of bytes than the file, so
// that its stretches are not to be had and its entity tag differs.
func Compressed(c *fiber.Ctx) {
	h := &c.Response().Header
	encoding := string(h.ContentEncoding())
	etag := string(h.Peek(fiber.HeaderETag))
	if encoding == "" || etag == "" {
		return
	}
	h.Set(fiber.HeaderETag, strings.TrimSuffix(etag, `"`)+"-"+encoding+`"`)
	h.Del(fiber.HeaderAcceptRanges)
}

// plainTag is the entity tag of a file for that of one of its compressed forms.
func plainTag(tag string) string {
	for _, encoding := range []string{"br", "gzip", "deflate", "zstd"} {
		if plain, ok := strings.CutSuffix(tag, "-"+encoding+`"`); ok {
			return plain + `"`
		}
	}
	return tag
}
