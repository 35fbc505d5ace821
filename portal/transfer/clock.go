package transfer

import (
	"context"
	"time"

	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
)

// ErrStopping says that the server is being stopped and could not wait for the end of a transfer.
var ErrStopping = fault.New(fault.Unavailable, "transfer.stopping")

// grace is how long a transfer may go on after the server was told to stop. The program waits a little
// longer.
const grace = 15 * time.Second

const clockKey = "transfer_clock"

// a clock bounds the work for a request.
type clock struct {
	base   context.Context
	limit  time.Duration
	cancel context.CancelFunc
	over   bool // the request has its answer, or none any more
}

// Bound gives the work for a request its time, by its UserContext. The returned function ends it.
func Bound(c *fiber.Ctx, limit time.Duration) (stop func()) {
	k := &clock{base: c.UserContext(), limit: limit, cancel: func() {}}
	c.Locals(clockKey, k)
	k.restart(c)
	return func() { k.over = true; k.cancel() }
}

// Restart lets the time of Bound begin anew, because what went before was a transfer.
func Restart(c *fiber.Ctx) {
	if k, ok := c.Locals(clockKey).(*clock); ok {
		k.restart(c)
	}
}

func (k *clock) restart(c *fiber.Ctx) {
	if k.over {
		return
	}
	k.cancel()
	ctx, cancel := context.WithTimeout(k.base, k.limit)
	k.cancel = cancel
	c.SetUserContext(ctx)
}

// Stream is a context for work that lasts as long as the body of the request is on its way. It has no
// clock; each wait inside, such as for the database, needs its own. When the server stops it ends after a
// while, with the cause ErrStopping, and the body with it.
func Stream(c *fiber.Ctx) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(c.UserContext()))
	b, ok := Body(c).(*body)
	if ok {
		b.running = ctx
	}
	stopping := c.Context().Done()
	go func() {
		select {
		case <-ctx.Done():
			return
		case <-stopping:
		}
		patience := time.NewTimer(grace)
		defer patience.Stop()
		select {
		case <-ctx.Done():
		case <-patience.C:
			cancel(ErrStopping)
			if ok && b.conn != nil {
				_ = b.conn.SetReadDeadline(time.Now()) // wakes a wait for more
			}
		}
	}()
	return ctx, func() {
		if ok { // what is left of it may still be drained
			b.running = context.Background()
		}
		cancel(context.Canceled)
	}
}
