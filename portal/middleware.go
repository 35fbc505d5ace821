package portal

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"congdvc/identity/session"
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

// contentSecurityPolicy allows the portal's own files and nothing else. A form may be sent to the portal and
// to the named origins: browsers also check the redirect that answers a form.
func contentSecurityPolicy(formTargets ...string) string {
	targets := []string{"'self'"}
	for _, t := range formTargets {
		if t != "" {
			targets = append(targets, t)
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " +
		strings.Join(targets, " ")
}

func (p *Portal) securityHeaders(c *fiber.Ctx) error {
	p.setSecurityHeaders(&c.Response().Header)
	return c.Next()
}

// setSecurityHeaders is for every answer, also to what never became a request.
func (p *Portal) setSecurityHeaders(h *fasthttp.ResponseHeader) {
	h.Set("Content-Security-Policy", contentSecurityPolicy(p.PaymentOrigin, p.OIDC.Origin()))
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

// addressOf is the visitor's address as the budgets count it. Each proxy adds to the header; only the last
// entry, of the trusted proxy, can be believed. An IPv6 network counts as one address, since its owner can
// use them all.
func (p *Portal) addressOf(v *visit) string {
	text := v.Context().RemoteIP().String()
	if p.ProxyHeader != "" {
		all := v.Get(p.ProxyHeader)
		text = strings.TrimSpace(all[strings.LastIndex(all, ",")+1:])
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return "unknown"
	}
	if ip = ip.Unmap(); ip.Is6() {
		if network, err := ip.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return ip.String()
}

// bounded ends a request's work when its time is over.
func bounded(d time.Duration) fiber.Handler {
	return func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), d)
		defer cancel()
		c.SetUserContext(ctx)
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
