package backoffice

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
)

// An ending says that a call will go, and what takes its place. The document says of the call that it is
// deprecated.
type ending struct {
	since   time.Time // no new program should make the call from then on
	gone    time.Time // from then on it may be answered no more; not before since
	instead string    // path below /api/v1 of the call that takes its place; "" for none
}

// announce tells of an ending in the headers of every answer, refusals too (RFC 9745, RFC 8594).
func (e *ending) announce(c *fiber.Ctx) {
	if e == nil {
		return
	}
	c.Set("Deprecation", fmt.Sprintf("@%d", e.since.Unix()))
	c.Set("Sunset", e.gone.UTC().Format(http.TimeFormat))
	c.Append(fiber.HeaderLink, "<"+prefix+`/openapi.yaml>; rel="deprecation"; type="application/yaml"`)
	if e.instead != "" {
		c.Append(fiber.HeaderLink, "<"+prefix+e.instead+`>; rel="successor-version"`)
	}
}
