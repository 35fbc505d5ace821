package portal

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// compressed sends text in the smallest encoding that the browser takes. Files and
// papers are sent as they are: most are compressed already, and with their length
// a telephone can tell how far it is.
func compressed() fiber.Handler {
	pack := fasthttp.CompressHandlerBrotliLevel(func(*fasthttp.RequestCtx) {},
		fasthttp.CompressBrotliDefaultCompression, fasthttp.CompressDefaultCompression)
	return func(c *fiber.Ctx) error {
		if err := c.Next(); err != nil {
			return err
		}
		kind := string(c.Response().Header.ContentType())
		if strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "image/svg") {
			pack(c.Context())
		}
		return nil
	}
}
