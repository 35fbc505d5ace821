package portal

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, header, want string }{
		{"X-Forwarded-For", "203.0.113.7", "203.0.113.7"},
		// the first is what the visitor claims
		{"X-Forwarded-For", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{"X-Real-IP", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"X-Real-IP", "::ffff:203.0.113.7", "203.0.113.7"},
		{"X-Real-IP", "", "unknown"},
		{"X-Real-IP", "<script>", "unknown"},
		{"", "203.0.113.7", "0.0.0.0"},
	} {
		request := &fasthttp.RequestCtx{}
		request.Request.Header.Set("X-Forwarded-For", c.header)
		request.Request.Header.Set("X-Real-IP", c.header)
		ctx := fiber.New().AcquireCtx(request)
		p := &Portal{Config: Config{ProxyHeader: c.name}}
		if got := p.addressOf(&visit{Ctx: ctx}); got != c.want {
			t.Errorf("%s: %q is %s, want %s", c.name, c.header, got, c.want)
		}
	}
}
