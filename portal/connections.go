package portal

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"congdvc/services/fault"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

var errCrowded = fault.New(fault.TooMany, "error.crowded.body")

// Connections bounds how many connections may be open at once.
type Connections struct {
	// Total is how many in all; 0 does not bound them.
	Total int
	// PerAddress is how many of one address; 0 does not bound them, which is right behind a proxy. An IPv6
	// network of 64 bits counts as one address.
	PerAddress int
	Log        *slog.Logger
}

const (
	// refusals is how many connections may be told at once that they are refused; more are just closed.
	refusals = 64
	// refusalTime bounds each.
	refusalTime = 2 * time.Second
	// refusalBytes is how much of a refused request is read, so that the answer is not lost.
	refusalBytes = 64 << 10
	// warnEvery keeps a crowd from filling the log.
	warnEvery = time.Minute
)

// Guard bounds the connections of a listener. One above a bound gets the page of the app that says so, and is
// closed. app is what New returned; the result is for its Listener.
func Guard(app *fiber.App, l net.Listener, c Connections) (net.Listener, error) {
	g := &guarded{Listener: l, bounds: c, of: map[netip.Addr]int{}, turns: make(chan struct{}, refusals)}
	var err error
	if g.full, err = errorPageOf(app, errBusy); err != nil {
		return nil, err
	}
	g.crowded, err = errorPageOf(app, errCrowded)
	return g, err
}

// errorPageOf is an answer as it goes over the wire.
func errorPageOf(app *fiber.App, reason error) ([]byte, error) {
	fctx := &fasthttp.RequestCtx{}
	fctx.Request.SetRequestURI("/")
	c := app.AcquireCtx(fctx)
	defer app.ReleaseCtx(c)
	if err := app.ErrorHandler(c, reason); err != nil {
		return nil, err
	}
	retryLater(&fctx.Response)
	fctx.Response.SetConnectionClose()
	var wire bytes.Buffer
	w := bufio.NewWriter(&wire)
	if err := fctx.Response.Write(w); err != nil {
		return nil, err
	}
	err := w.Flush()
	return wire.Bytes(), err
}

// guarded is a listener that counts.
type guarded struct {
	net.Listener
	bounds        Connections
	full, crowded []byte
	turns         chan struct{}

	mu     sync.Mutex
	open   int
	of     map[netip.Addr]int
	warned time.Time
}

func (g *guarded) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := addressOfPeer(conn)
		if bound := g.enter(address); bound != "" {
			g.refuse(conn, bound)
			continue
		}
		connectionsOpen.Inc()
		return &counted{Conn: conn, leave: sync.OnceFunc(func() { g.leave(address) })}, nil
	}
}

// addressOfPeer is the address by which connections are counted.
func addressOfPeer(conn net.Conn) netip.Addr {
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{} // no address of the internet, such as a socket of this machine
	}
	ip := peer.Addr().Unmap().WithZone("")
	if ip.Is6() {
		if network, err := ip.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return ip
}

// enter counts a connection, or says which bound it is above.
func (g *guarded) enter(address netip.Addr) (bound string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.bounds.Total > 0 && g.open >= g.bounds.Total:
		return "total"
	case g.bounds.PerAddress > 0 && address.IsValid() && g.of[address] >= g.bounds.PerAddress:
		return "address"
	}
	g.open++
	g.of[address]++
	return ""
}

func (g *guarded) leave(address netip.Addr) {
	connectionsOpen.Dec()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.of[address]--; g.of[address] == 0 {
		delete(g.of, address)
	}
}

// refuse tells somebody that there are too many connections, without waiting for them.
func (g *guarded) refuse(conn net.Conn, bound string) {
	connectionsRefused.WithLabelValues(bound).Inc()
	g.warn(bound)
	page := g.full
	if bound == "address" {
		page = g.crowded
	}
	select {
	case g.turns <- struct{}{}:
	default:
		_ = conn.Close() // the crowd is too large to be told
		return
	}
	go func() {
		defer func() { <-g.turns }()
		defer conn.Close()
		if conn.SetDeadline(time.Now().Add(refusalTime)) != nil {
			return
		}
		if _, err := conn.Write(page); err != nil {
			return
		}
		if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			_, _ = io.CopyN(io.Discard, conn, refusalBytes) // until they close, or time is over
		}
	}()
}

// warn tells the operator now and then; which address it is stands in no log.
func (g *guarded) warn(bound string) {
	g.mu.Lock()
	again := time.Since(g.warned) > warnEvery
	if again {
		g.warned = time.Now()
	}
	g.mu.Unlock()
	if again {
		g.bounds.Log.Warn("connections are refused", "bound", bound, "total", g.bounds.Total,
			"per_address", g.bounds.PerAddress)
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
