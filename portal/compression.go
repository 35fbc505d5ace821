package portal

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// compressed sends text in the smallest encoding that the browser accepts. Files and papers are sent
// unchanged: most are compressed already, and a telephone needs their length to show the progress of a
// download.
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
