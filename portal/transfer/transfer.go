// Package transfer moves bytes between a front door and whoever stands before it: bodies on their way in,
// files and long answers on their way out. No clock runs over a whole transfer. It goes on as long as it
// makes progress, for a telephone on a slow network needs minutes for what others send in a second; whoever
// sends or takes next to nothing is cut off. It also says which stretch of a file a request asks for, and
// under which name a file is saved. Every front door uses it, and nothing else touches the stream of a
// request or a response.
package transfer

import (
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
)

// A Pace is the least at which a transfer has to move.
type Pace struct {
	Least  int64         // bytes a second
	Window time.Duration // in which so many bytes of its length have to move
}

// Usual lets a telephone pause for most of a minute, and needs a tenth of what the slowest network in use
// gives.
var Usual = Pace{Least: 4 << 10, Window: time.Minute}

// orUsual is the pace, or Usual when nothing was set.
func (p Pace) orUsual() Pace {
	if p.Least <= 0 || p.Window <= 0 {
		return Usual
	}
	return p
}

// enough is how many bytes end a window.
func (p Pace) enough() int64 { return max(1, int64(float64(p.Least)*p.Window.Seconds())) }

// Head bounds how long the head of a request may take, and Idle how long a connection may rest between two.
const (
	Head = 20 * time.Second
	Idle = 75 * time.Second
)

// A meter counts what one direction of a transfer moved in the current window, and how long it waited for the
// other side. What the portal itself needs, such as a slow disk, is not held against anybody.
type meter struct {
	pace   Pace
	moved  int64
	waited time.Duration
}

// deadline is when a wait that begins now has lasted too long.
func (m *meter) deadline(now time.Time) time.Time { return now.Add(m.pace.Window - m.waited) }

// count adds what a wait brought. Enough bytes begin a new window.
func (m *meter) count(n int, waited time.Duration) {
	m.moved += int64(n)
	m.waited += waited
	if m.moved >= m.pace.enough() {
		m.moved, m.waited = 0, 0
	}
}

const paceKey = "transfer_pace"

// Paced gives every request of an app its pace, and sends long answers so that each piece has its own
// deadline: the server would write a body that lies in memory at once, under one. It comes before whatever
// compresses or keeps answers.
func Paced(p Pace) fiber.Handler {
	p = p.orUsual()
	return func(c *fiber.Ctx) error {
		c.Locals(paceKey, p)
		if err := c.Next(); err != nil {
			return err
		}
		inPieces(c)
		return nil
	}
}

func paceOf(c *fiber.Ctx) Pace {
	p, _ := c.Locals(paceKey).(Pace)
	return p.orUsual()
}

// connection is the connection of a request; nil where a test made the request without one.
func connection(c *fiber.Ctx) net.Conn { return c.Context().Conn() }
