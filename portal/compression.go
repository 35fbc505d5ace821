package portal

import (
	"strings"

	"congdvc/portal/transfer"

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
		// A stretch is one of the file as it is: compressed, it would be a stretch of something else.
		if err := c.Next(); err != nil || c.Response().StatusCode() == fiber.StatusPartialContent {
			return err
		}
		kind := string(c.Response().Header.ContentType())
		if strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "image/svg") {
			pack(c.Context())
			transfer.Compressed(c)
		}
		return nil
	}
}
