package portal

import (
	"fmt"
	"net/url"
	"runtime/debug"
	"time"

	"congdvc/identity/session"
	"congdvc/portal/transfer"
	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

var errForged = fault.New(fault.Forbidden, "error.forged")

// identify gives the request an id. It is shown to the person when something fails, and stands in the log.
func (p *Portal) identify(c *fiber.Ctx) error {
	c.Locals(requestIDKey, postgres.NewID())
	return c.Next()
}

const requestIDKey = "request_id"

func requestID(c *fiber.Ctx) string { id, _ := c.Locals(requestIDKey).(string); return id }

func (p *Portal) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			p.Log.ErrorContext(c.UserContext(), "panic in a handler", "request", requestID(c), "route",
				c.Route().Path, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fiber.ErrInternalServerError
		}
	}()
	return c.Next()
}

// contentSecurityPolicy allows the portal's own files and nothing else. Forms are sent to the portal alone,
// and stay there: browsers also check each redirect that answers a form, so whatever leads away is a page;
// see leadOn.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func (p *Portal) securityHeaders(c *fiber.Ctx) error {
	p.setSecurityHeaders(&c.Response().Header)
	return c.Next()
}

// setSecurityHeaders is for every answer, also to what never became a request.
func (p *Portal) setSecurityHeaders(h *fasthttp.ResponseHeader) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	if p.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// bounded ends a request's work when its time is over. The time that its body is on its way does not count.
func bounded(d time.Duration) fiber.Handler {
	return func(c *fiber.Ctx) error {
		defer transfer.Bound(c, d)()
		return c.Next()
	}
}

// checkOrigin refuses a form that another site sent. Browsers say in Sec-Fetch-Site or Origin where a form
// came from. A program that sends neither still needs the token.
func (p *Portal) checkOrigin(v *visit) error {
	if site := v.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return errForged
	}
	if origin := v.Get("Origin"); origin != "" && origin != "null" {
		u, err := url.Parse(origin)
		own, ownErr := url.Parse(p.Site.Base)
		if err != nil || ownErr != nil || (u.Host != own.Host && u.Host != string(v.Request().Host())) {
			return errForged
		}
	}
	return nil
}

// checkToken refuses a form whose token is not the session's. A visitor without a session needs none: a
// forged form could do nothing in their name.
func (p *Portal) checkToken(v *visit, token string) error {
	if v.session.ID == "" {
		return nil
	}
	if !session.CheckCSRF(v.session, token) {
		return errForged
	}
	return nil
}
