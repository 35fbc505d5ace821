package portal

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"regexp"
	"time"

	"congdvc/portal/transfer"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"golang.org/x/net/http/httpguts"
)

const (
	// headBytes is how large the first line and the headers of a request may be together. Sister sites set
	// cookies for the whole province, and some identity providers send codes of several thousand characters.
	headBytes = 16 << 10

	// What is taken apart costs more than its bytes, and a connection keeps it. No browser sends as many.
	mostHeaders    = 100
	mostCookies    = 400
	mostParameters = 400

	// settledBytes is how much of a body that nobody read is thrown away to keep its connection.
	settledBytes = 1 << 20
)

var (
	errHead         = fiber.NewError(fiber.StatusBadRequest)
	errHeadTooLarge = fiber.NewError(fiber.StatusRequestHeaderFieldsTooLarge)
	errHeadSlow     = fiber.NewError(fiber.StatusRequestTimeout)
	errEncoded      = fiber.NewError(fiber.StatusUnsupportedMediaType)
)

// guardRequests has every request of an app looked at before its body and settled after its answer, and every
// failure before a request answered as a page.
func (p *Portal) guardRequests(app *fiber.App) {
	server := app.Server()
	answer := server.Handler
	server.HeaderReceived = headReceived
	server.CloseOnShutdown = true
	server.ConnState = func(conn net.Conn, state fasthttp.ConnState) {
		if state == fasthttp.StateActive {
			// "100 Continue" is written before the server sets a deadline for the answer: the one of the
			// answer before would be over.
			_ = conn.SetWriteDeadline(time.Now().Add(transfer.Usual.Window))
		}
	}
	server.ErrorHandler = func(fctx *fasthttp.RequestCtx, err error) { p.unread(app, fctx, err) }
	server.Handler = func(fctx *fasthttp.RequestCtx) {
		answer(fctx)
		settle(fctx)
		retryLater(&fctx.Response)
		if p.Draining != nil && p.Draining() {
			fctx.SetConnectionClose()
		}
		if fctx.UserValue(swollenKey) != nil {
			forget(fctx)
		}
	}
}

// swollenKey marks a request whose parts take far more memory than its bytes.
const swollenKey = "swollen"

// forget drops what a request was taken apart into, which the server would keep for the next. Its connection
// is closed.
func forget(fctx *fasthttp.RequestCtx) {
	fctx.SetConnectionClose()
	fctx.Response.SkipBody = fctx.Response.SkipBody || fctx.IsHead()
	fctx.Request = fasthttp.Request{}
}

// headReceived runs between the head of a request and its body. A head that will be refused has no body: none
// of it is waited for.
func headReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if headFault(h) != nil {
		h.SetContentLength(0)
		h.Del(fiber.HeaderExpect)
	}
	return fasthttp.RequestConfig{ReadTimeout: transfer.Usual.Window}
}

// refuseHead answers a head that was refused. What follows on its connection could be read in two ways.
func refuseHead(c *fiber.Ctx) error {
	if err := headFault(&c.Request().Header); err != nil {
		headsRefused.Inc()
		c.Context().SetConnectionClose()
		c.Locals(swollenKey, true)
		return err
	}
	return c.Next()
}

// headFault refuses a head that another program might read in another way, such as one that tells the length
// of its body twice, and one made to swell. The rules are those of RFC 9112, sections 2.2, 3.2, 5 and 6; what
// a server may accept or refuse is refused. A body that is compressed would swell too; none of our clients
// compresses. Errors: errHead, errHeadTooLarge, errEncoded.
func headFault(h *fasthttp.RequestHeader) error {
	version := string(h.Protocol())
	if version != "HTTP/1.1" && version != "HTTP/1.0" {
		return errHead
	}
	target := h.RequestURI()
	if bytes.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == 0x7f }) ||
		bytes.Count(target, []byte("&")) > mostParameters {
		return errHead
	}
	seen := map[string]int{}
	lines := bytes.Split(h.RawHeaders(), []byte("\n"))
	if len(lines) > mostHeaders+2 { // the empty line, and nothing after it
		return errHeadTooLarge
	}
	for i, line := range lines {
		if i == len(lines)-1 && len(line) == 0 {
			break
		}
		line, ended := bytes.CutSuffix(line, []byte("\r"))
		if !ended {
			return errHead
		}
		if len(line) == 0 {
			continue
		}
		if err := headerFault(line, seen); err != nil {
			return err
		}
	}
	return framingFault(version, seen)
}

// headerFault looks at one line of a head, and counts headers that may stand there only once.
func headerFault(line []byte, seen map[string]int) error {
	name, value, found := bytes.Cut(line, []byte(":"))
	value = bytes.Trim(value, " \t")
	if !found || !httpguts.ValidHeaderFieldName(string(name)) ||
		!httpguts.ValidHeaderFieldValue(string(value)) {
		return errHead // a folded line begins with a space, which no name has
	}
	switch key := http.CanonicalHeaderKey(string(name)); key {
	case fiber.HeaderHost, fiber.HeaderContentLength:
		seen[key]++
	case fiber.HeaderTransferEncoding:
		if !bytes.EqualFold(value, []byte("chunked")) {
			return errHead
		}
		seen[key]++
	case fiber.HeaderContentEncoding:
		if len(value) > 0 && !bytes.EqualFold(value, []byte("identity")) {
			return errEncoded
		}
	case fiber.HeaderCookie:
		if seen[key] += bytes.Count(value, []byte(";")) + 1; seen[key] > mostCookies {
			return errHeadTooLarge
		}
	}
	return nil
}

// framingFault refuses a request whose end, or whose host, is not told exactly once.
func framingFault(version string, seen map[string]int) error {
	lengths, chunked := seen[fiber.HeaderContentLength], seen[fiber.HeaderTransferEncoding]
	hosts := seen[fiber.HeaderHost]
	if lengths+chunked > 1 || chunked > 0 && version == "HTTP/1.0" || hosts > 1 ||
		hosts == 0 && version == "HTTP/1.1" {
		return errHead
	}
	return nil
}

// settle leaves a connection so that the next request begins where this one ends. A body in chunks is the
// last of its connection: programs disagree on where a malformed one ends.
func settle(fctx *fasthttp.RequestCtx) {
	if fctx.Request.Header.ContentLength() == -1 {
		fctx.SetConnectionClose()
	}
	if !fctx.Response.ConnectionClose() && !transfer.Rest(fctx, settledBytes) {
		fctx.SetConnectionClose()
	}
}

// unread answers what could not be read as a request: too large, too slow or malformed.
func (p *Portal) unread(app *fiber.App, fctx *fasthttp.RequestCtx, err error) {
	reason := errHead
	var timeout net.Error
	switch {
	case errors.As(err, new(*fasthttp.ErrSmallBuffer)):
		reason = errHeadTooLarge
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, fasthttp.ErrTimeout):
		reason = errHeadSlow
	}
	headsRefused.Inc()
	if _, silent := err.(*net.OpError); silent {
		// Nothing came: a browser opens connections that it may need, and shows no page for this one.
		fctx.SetStatusCode(reason.Code)
		p.setSecurityHeaders(&fctx.Response.Header)
		return
	}
	// The server forgets what it read; only its error still shows how that began.
	if first := firstLine.FindStringSubmatch(err.Error()); first != nil {
		fctx.Request.SetRequestURI(first[1])
	}
	p.answerError(app, fctx, reason)
}

// firstLine finds the path of a request in an error of the server.
var firstLine = regexp.MustCompile(`contents: "[A-Z]+ (/[^ "\\?#]*)`)

// answerError answers outside of every route.
func (p *Portal) answerError(app *fiber.App, fctx *fasthttp.RequestCtx, err error) {
	c := app.AcquireCtx(fctx)
	defer app.ReleaseCtx(c)
	fctx.SetConnectionClose()
	if err := p.handleError(c, err); err != nil {
		p.Log.ErrorContext(c.UserContext(), "answer to a failure", "error", err.Error())
		c.Status(fiber.StatusInternalServerError)
	}
	retryLater(&fctx.Response)
}
