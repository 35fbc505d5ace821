package portal

import (
	"bytes"
	"errors"

	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

var (
	errTooLarge  = fault.New(fault.TooLarge, "error.body_too_large")
	errBadLength = fault.New(fault.Invalid, "error.bad_length")
	errBusy      = fault.New(fault.Unavailable, "error.busy.body")
	errAtOnce    = fault.New(fault.TooMany, "budget.at_once")
)

const (
	// strangerBody is the largest body that is read of somebody without a session, in bytes. The server has
	// read as much before it knows what is asked.
	strangerBody = 8 << 10

	// A field costs more than its bytes once a form is taken apart.
	mostFields         = 10_000
	strangerFields     = 1_000
	fieldsOfConnection = 100 // a connection keeps what a form was taken apart into as long as it lives
)

// readBody reads the body of a request that may come: its route is known, and its sender as far as they can
// be. Whoever calls it frees the body after the answer.
func (p *Portal) readBody(v *visit) (*intake.Body, error) {
	limit, from := v.route.manner().body, v.sender()
	if from == intake.Stranger {
		limit = min(limit, strangerBody)
	}
	return p.readUpTo(v, limit, from)
}

// sender is who sends the body: a person on all their devices has one share of what may lie in memory.
func (v *visit) sender() intake.Sender {
	if v.session.ID == "" {
		return intake.Stranger
	}
	return intake.Known(string(v.session.Who.Person))
}

// readUpTo reads a body of at most limit bytes and lets the request have it. Errors: errTooLarge,
// errBadLength, errBusy, errAtOnce; a browser that is still sending will then see the answer.
func (p *Portal) readUpTo(v *visit, limit int64, from intake.Sender) (*intake.Body, error) {
	stream := transfer.Body(v.Ctx)
	if stream == nil {
		return nil, nil
	}
	declared := max(int64(v.Request().Header.ContentLength()), -1)
	body, err := p.Budget.Read(stream, declared, limit, from)
	if err == nil && tooManyFields(v.Ctx, body.Bytes, from) {
		body.Free()
		err = intake.ErrTooLarge
	}
	switch {
	case err == nil:
		v.Request().SetBodyRaw(body.Bytes)
		return body, nil
	case errors.Is(err, intake.ErrTooLarge):
		drain(v.Ctx, limit)
		return nil, errTooLarge.With("Limit", limit)
	case errors.Is(err, intake.ErrFull), errors.Is(err, intake.ErrShare):
		return nil, p.noRoom(v, limit, err)
	}
	v.Context().SetConnectionClose()
	return nil, errBadLength.From(err)
}

// holdForUpload sets aside what an upload needs while it streams. Errors: errTooLarge, errBusy, errAtOnce.
func (p *Portal) holdForUpload(v *visit) (*intake.Body, error) {
	if limit := v.route.manner().body; int64(v.Request().Header.ContentLength()) > limit {
		drain(v.Ctx, limit)
		return nil, errTooLarge.With("Limit", limit)
	}
	held, err := p.Budget.Hold(intake.Streaming, v.sender())
	if err != nil {
		return nil, p.noRoom(v, v.route.manner().body, err)
	}
	return held, nil
}

// shareAfter is how many seconds somebody should wait whose own requests take up their share.
const shareAfter int64 = 10

// noRoom refuses a body for which there is no memory now: of the portal, or in the share of its sender.
func (p *Portal) noRoom(v *visit, limit int64, err error) error {
	bodiesRefused.Inc()
	drain(v.Ctx, limit)
	if errors.Is(err, intake.ErrShare) {
		return errAtOnce.With("Seconds", shareAfter).From(err)
	}
	return errBusy.From(err)
}

// tooManyFields refuses a form that would swell when it is taken apart. One of many fields is the last of its
// connection, which would keep them.
func tooManyFields(c *fiber.Ctx, body []byte, from intake.Sender) bool {
	fields := bytes.Count(body, []byte("&"))
	if fields > fieldsOfConnection {
		c.Context().SetConnectionClose()
		c.Locals(swollenKey, true)
	}
	return fields > mostFields || from == intake.Stranger && fields > strangerFields
}

// drain reads what a browser still sends, within bounds, and then closes the connection. A browser that is
// cut off while sending never shows the answer.
func drain(c *fiber.Ctx, max int64) {
	c.Context().SetConnectionClose()
	transfer.Drain(c, drainLeast+2*max)
}

// drainLeast is how many bytes of an unwanted body are read on any route.
const drainLeast = 8 << 20
