package portal

import (
	"errors"
	"strconv"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/portal/backoffice"
	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// errorPage says what happened, what was kept and what to do next.
type errorPage struct {
	shell
	Message   string
	Kept      string
	Next      []link
	RequestID string
}

type link struct{ Path, Text string }

// retryAfter is how many seconds a program should wait when something is away or full, or when it asks too
// often and no budget says until when.
var retryAfter = map[int]string{fiber.StatusServiceUnavailable: "10", fiber.StatusTooManyRequests: "60"}

// retryLater has every answer that refuses for a while say after how many seconds one may try again, wherever
// it was made.
func retryLater(r *fasthttp.Response) {
	if seconds := retryAfter[r.StatusCode()]; seconds != "" && len(r.Header.Peek("Retry-After")) == 0 {
		r.Header.Set(fiber.HeaderRetryAfter, seconds)
	}
}

// handleError turns an error into a page; nothing else does.
func (p *Portal) handleError(c *fiber.Ctx, err error) error {
	v, ok := c.Locals(visitKey).(*visit)
	if !ok {
		lang, _ := address.Split(c.Path())
		v = &visit{Ctx: c, lang: i18n.Lang(lang)}
	}
	if requestID(c) == "" { // it failed before any route
		c.Locals(requestIDKey, postgres.NewID())
		p.setSecurityHeaders(&c.Response().Header)
	}
	if errors.Is(err, errHead) || errors.Is(err, errHeadTooLarge) {
		v.at = address.Home // such an address is not repeated in links
	}
	status, key := classify(err)
	if backoffice.Owns(c.Path()) {
		return backoffice.Refuse(c, status)
	}
	if status >= 500 && !errors.Is(err, errBusy) {
		p.logFailure(c, status, err)
	}
	if faults := fault.All(err); len(faults) > 0 {
		sayWhen(v, faults[0])
	}
	if v.route.manner().failing == byJSON {
		message := p.messageOf(v, err, status, key)
		if spent(err) || errors.Is(err, errAtOnce) {
			message += " " + keptAfter(v.lang, err, key)
		}
		return p.scriptFailed(v, status, message)
	}
	page := errorPage{
		shell:     p.shell(v, i18n.T(v.lang, "error."+key+".title")),
		Message:   p.messageOf(v, err, status, key),
		Kept:      keptAfter(v.lang, err, key),
		RequestID: requestID(c),
	}
	page.Next = p.nextAfter(v, status)
	return p.renderStatus(v, status, "error", page)
}

// logFailure writes what failed here, once, where it is answered.
func (p *Portal) logFailure(c *fiber.Ctx, status int, err error) {
	p.Log.ErrorContext(c.UserContext(), "request failed", "request", requestID(c), "method", c.Method(),
		"route", c.Route().Path, "status", status, "error", err.Error())
}

// keptAfter says what became of what was sent.
func keptAfter(l i18n.Lang, err error, key string) string {
	if f := fault.All(err); len(f) > 0 && (spent(err) || errors.Is(err, errAtOnce)) {
		return i18n.T(l, f[0].Key+".kept")
	}
	return i18n.T(l, "error."+key+".kept")
}

// sayWhen tells programs after how many seconds they may try again, where a fault knows it.
func sayWhen(v *visit, f *fault.Fault) {
	if seconds, ok := f.Args["Seconds"].(int64); ok {
		v.Set(fiber.HeaderRetryAfter, strconv.FormatInt(seconds, 10))
	}
}

// messageOf is what a person is told of an error.
func (p *Portal) messageOf(v *visit, err error, status int, key string) string {
	if f := fault.All(err); len(f) > 0 && f[0].Key != "" && status < 500 {
		return i18n.Fault(v.lang, f[0])
	}
	return i18n.T(v.lang, "error."+key+".body")
}

// classify gives the HTTP status of an error and the texts that explain it.
func classify(err error) (status int, key string) {
	var fe *fiber.Error
	if errors.As(err, &fe) {
		switch fe.Code {
		case fiber.StatusNotFound:
			return fe.Code, "not_found"
		case fiber.StatusMethodNotAllowed:
			return fe.Code, "method"
		case fiber.StatusRequestEntityTooLarge:
			return fe.Code, "too_large"
		case fiber.StatusRequestHeaderFieldsTooLarge:
			return fe.Code, "head_too_large"
		case fiber.StatusRequestTimeout:
			return fe.Code, "slow"
		}
		if fe.Code < 500 {
			return fe.Code, "invalid"
		}
		return fiber.StatusInternalServerError, "broken"
	}
	switch {
	case errors.Is(err, errBusy):
		return fiber.StatusServiceUnavailable, "busy"
	case errors.Is(err, errCrowded):
		return fiber.StatusTooManyRequests, "crowded"
	}
	if faults := fault.All(err); len(faults) > 0 {
		switch {
		case errors.Is(faults[0], desk.ErrUnproved):
			return fiber.StatusServiceUnavailable, "unproved"
		case errors.Is(faults[0], transfer.ErrRange):
			return fiber.StatusRequestedRangeNotSatisfiable, "invalid"
		case errors.Is(faults[0], transfer.ErrPrecondition):
			return fiber.StatusPreconditionFailed, "conflict"
		}
		switch faults[0].Kind {
		case fault.NotFound:
			return fiber.StatusNotFound, "not_found"
		case fault.Invalid:
			return fiber.StatusUnprocessableEntity, "invalid"
		case fault.Conflict:
			return fiber.StatusConflict, "conflict"
		case fault.Forbidden, fault.Unauthenticated:
			return fiber.StatusForbidden, "forbidden"
		case fault.TooLarge:
			return fiber.StatusRequestEntityTooLarge, "too_large"
		case fault.TooMany:
			return fiber.StatusTooManyRequests, "too_many"
		case fault.Gone:
			return fiber.StatusGone, "gone"
		case fault.Unavailable:
			return fiber.StatusServiceUnavailable, "away"
		}
	}
	if postgres.NotText(err) {
		return fiber.StatusUnprocessableEntity, "invalid"
	}
	if postgres.Away(err) {
		return fiber.StatusServiceUnavailable, "away"
	}
	return fiber.StatusInternalServerError, "broken"
}

func (p *Portal) nextAfter(v *visit, status int) []link {
	var next []link
	if status >= 500 || status == fiber.StatusTooManyRequests {
		next = append(next, link{v.place(v.lang), i18n.T(v.lang, "error.again")})
	}
	if status == fiber.StatusMethodNotAllowed && v.at != nil {
		next = append(next, link{v.place(v.lang), i18n.T(v.lang, "error.to_form")})
	}
	if v.signedIn {
		next = append(next, link{address.Dossiers(v.lang), i18n.T(v.lang, "error.to_dossiers")})
	} else if status == fiber.StatusNotFound {
		next = append(next, link{address.Search(v.lang), i18n.T(v.lang, "error.to_search")})
	}
	return append(next, link{address.Home(v.lang), i18n.T(v.lang, "error.to_home")})
}
