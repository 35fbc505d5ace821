package transfer

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// ErrCut says that a body ended before it was whole: its sender went away, or sent next to nothing.
var ErrCut = fault.New(fault.Invalid, "transfer.cut")

const bodyKey = "transfer_body"

// Body is the body of a request as it comes, bounded by its progress; nil when the request has none. Each
// call for one request gives the same reader. When a body ends, the clock of Bound begins anew, so that its
// way does not count as work. Errors of the reader: ErrCut, or ErrStopping under Stream; io.EOF only behind
// a whole body.
func Body(c *fiber.Ctx) io.Reader {
	stream := c.Context().RequestBodyStream()
	if stream == nil { // it has none, or all of it lies in memory already
		return nil
	}
	if b, ok := c.Locals(bodyKey).(*body); ok {
		return b
	}
	b := &body{meter: meter{pace: paceOf(c)}, c: c, conn: connection(c), stream: stream,
		left: int64(c.Request().Header.ContentLength()), running: context.Background()}
	c.Locals(bodyKey, b)
	return b
}

type body struct {
	meter
	c       *fiber.Ctx
	conn    net.Conn
	stream  io.Reader
	left    int64           // bytes still to come; below 0 when the length was not declared
	running context.Context // ends when the server can wait no longer
	err     error           // which ended the body
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil || len(p) == 0 {
		return 0, b.err
	}
	if b.running.Err() != nil {
		return 0, b.end(context.Cause(b.running))
	}
	begin := time.Now()
	if b.conn != nil {
		if err := b.conn.SetReadDeadline(b.deadline(begin)); err != nil {
			return 0, b.end(ErrCut.From(err))
		}
	}
	n, err := b.stream.Read(p)
	b.count(n, time.Since(begin))
	declared := b.left >= 0
	if declared {
		b.left -= int64(n)
	}
	switch {
	case err == nil && !(declared && b.left == 0):
		return n, nil
	case err == nil, errors.Is(err, io.EOF) && !(declared && b.left > 0):
		return n, b.end(io.EOF)
	}
	if b.running.Err() != nil {
		return n, b.end(context.Cause(b.running))
	}
	// Only the words of the cause are kept: with an io.EOF inside, a reader would take this for the end.
	return n, b.end(ErrCut.From(errors.New(err.Error())))
}

func (b *body) end(err error) error {
	if b.err == nil {
		b.err = err
		Restart(b.c)
	}
	return b.err
}

// Drain reads up to most bytes of what a sender still sends, for a browser that is cut off while it sends
// never shows the answer. Where more is left, or nothing comes any more, the connection closes after the
// answer.
func Drain(c *fiber.Ctx, most int64) {
	stream := Body(c)
	if stream == nil {
		return
	}
	if _, err := io.CopyN(io.Discard, stream, most); !errors.Is(err, io.EOF) {
		c.Context().SetConnectionClose()
	}
}

// Rest reads what is left of a body after the answer is made, up to most bytes, and reports whether that was
// all of it.
func Rest(c *fasthttp.RequestCtx, most int64) bool {
	stream := c.RequestBodyStream()
	if stream == nil {
		return true
	}
	if conn := c.Conn(); conn != nil && conn.SetReadDeadline(time.Now().Add(Head)) != nil {
		return false
	}
	_, err := io.CopyN(io.Discard, stream, most)
	return errors.Is(err, io.EOF)
}
