package portal_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"congdvc/portal"
	"congdvc/portal/intake"

	"github.com/gofiber/fiber/v2"
)

// TestConnectionsAreBounded opens one connection more than an address may have, and one more than all may.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, test := range map[string]struct {
		bounds portal.Connections
		status int
	}{
		"of one address": {portal.Connections{PerAddress: 2}, http.StatusTooManyRequests},
		"in all":         {portal.Connections{Total: 2, PerAddress: 9}, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &bytes.Buffer{}
			app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: s.App.ErrorHandler})
			app.Get("/", func(c *fiber.Ctx) error { return c.SendString("in") })
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			test.bounds.Log = slog.New(slog.NewTextHandler(log, nil))
			guarded, err := portal.Guard(app, listener, test.bounds)
			must(t, err)
			go func() { _ = app.Listener(guarded) }()
			t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
			ask := func() (net.Conn, *http.Response, string) {
				conn, err := net.Dial("tcp", listener.Addr().String())
				must(t, err)
				t.Cleanup(func() { _ = conn.Close() })
				must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
				_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
				must(t, err)
				answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
				must(t, err)
				body, err := io.ReadAll(answer.Body)
				must(t, err)
				return conn, answer, string(body)
			}
			first, _, body := ask()
			if _, _, second := ask(); body != "in" || second != "in" {
				t.Fatalf("%q, %q", body, second)
			}
			_, refused, page := ask()
			if refused.StatusCode != test.status || !refused.Close || !strings.Contains(page, "</html>") ||
				refused.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("the third: %d %v %s", refused.StatusCode, refused.Header, page)
			}
			must(t, first.Close())
			for again := ""; again != "in"; { // as soon as the portal has seen that it is closed
				_, _, again = ask()
			}
			if n := strings.Count(log.String(), "connections are refused"); n != 1 {
				t.Errorf("%d warnings: %s", n, log)
			}
		})
	}
}

// TestFullBudget tells people who send something while too much is in flight what to do.
func TestFullBudget(t *testing.T) {
	t.Parallel()
	budget := intake.NewBudget(1 << 20)
	s := newSiteWith(t, budget)
	b := s.person(t, "Nguyễn Thị Lan")
	token := b.get("/tai-khoan").token(t)
	held, err := budget.Hold(1<<20, intake.Known("somebody else"))
	must(t, err)
	p := b.post("/tai-khoan", url.Values{"csrf": {token}, "party": {"x"}})
	if p.StatusCode != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" ||
		!strings.Contains(p.body, "bấm nút Quay lại") {
		t.Errorf("%d %v %s", p.StatusCode, p.Header, p.body)
	}
	if p := b.get("/ho-so"); p.StatusCode != http.StatusOK {
		t.Errorf("a page to read: %d", p.StatusCode)
	}
	held.Free()
	if p := b.post("/tai-khoan", url.Values{"csrf": {token}, "party": {"x"}}); p.StatusCode ==
		http.StatusServiceUnavailable {
		t.Error("there is room again, and nothing is taken")
	}
	if budget.InFlight() != 0 {
		t.Errorf("%d bytes are never given back", budget.InFlight())
	}
}
