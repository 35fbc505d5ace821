package portal

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// TestSeeStaysInThePortal: what is no path of the portal is refused, whoever made it.
func TestSeeStaysInThePortal(t *testing.T) {
	t.Parallel()
	for to, stays := range map[string]bool{
		"/": true, "/ho-so": true, "/en/tra-cuu?ma=x": true, "/ho-so/nhap/x/giay-to#ct.a": true,
		"https://id.example/": false, "http://127.0.0.1/": false, "//evil.example": false,
		`/\evil.example`: false, "": false, "ho-so": false, "javascript:alert(1)": false,
	} {
		v := &visit{Ctx: fiber.New().AcquireCtx(&fasthttp.RequestCtx{})}
		err := v.see(to)
		location := v.GetRespHeader(fiber.HeaderLocation)
		if (err == nil) != stays || stays && location != to || !stays && location != "" {
			t.Errorf("%q: %v, Location %q", to, err, location)
		}
	}
}
