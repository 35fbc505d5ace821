package portal

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"time"

	"congdvc/identity/session"
	"congdvc/portal/transfer"
	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
)

var (
	errTooLarge  = fault.New(fault.TooLarge, "error.body_too_large")
	errForged    = fault.New(fault.Forbidden, "error.forged")
	errBadLength = fault.New(fault.Invalid, "error.bad_length")
)

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
	h := &c.Response().Header
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
	return c.Next()
}

// bounded ends a request's work when its time is over. The time that its body is on its way does not count.
func bounded(d time.Duration) fiber.Handler {
	return func(c *fiber.Ctx) error {
		defer transfer.Bound(c, d)()
		return c.Next()
	}
}

// limitBody refuses a body above the route's limit before it is read. A smaller body is read whole, unless
// the handler streams it. A body without a declared length is read up to the limit.
func limitBody(m manner) fiber.Handler {
	max := m.body
	return func(c *fiber.Ctx) error {
		declared := c.Request().Header.ContentLength()
		if int64(declared) > max {
			drain(c, max)
			return errTooLarge.With("Limit", max)
		}
		if m.proof == tokenInStream || c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
			return c.Next()
		}
		stream := transfer.Body(c)
		if stream == nil {
			return c.Next()
		}
		var body bytes.Buffer
		n, err := io.Copy(&body, io.LimitReader(stream, max+1))
		if err != nil {
			c.Context().SetConnectionClose()
			return errBadLength.From(err)
		}
		if n > max {
			drain(c, max)
			return errTooLarge.With("Limit", max)
		}
		c.Request().SetBody(body.Bytes())
		return c.Next()
	}
}

// drain reads what a browser still sends, within bounds, and then closes the connection. A browser that is
// cut off while sending never shows the answer.
func drain(c *fiber.Ctx, max int64) {
	c.Context().SetConnectionClose()
	transfer.Drain(c, drainLeast+2*max)
}

// drainLeast is how many bytes of an unwanted body are read on any route.
const drainLeast = 8 << 20

// checkProof refuses what another site sent, as far as that can be known before the handler reads the body.
func (p *Portal) checkProof(v *visit, asked proof) error {
	if asked != tokenFirst && asked != tokenInStream {
		return nil
	}
	if err := p.checkOrigin(v); err != nil || asked == tokenInStream {
		return err
	}
	if !formIsText(v.Ctx) {
		return errNoText
	}
	return p.checkToken(v, v.FormValue("csrf"))
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
