package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// brisk is a pace for tests: a transfer that goes on takes many of its windows.
var brisk = Pace{Least: 4 << 10, Window: time.Second}

const long = 3 << 20

// newServer has a page that takes a body and says how it ended, and two that give a long body. Its own
// timeouts are shorter than any transfer of these tests.
func newServer(t testing.TB, pace Pace) string {
	t.Helper()
	app := fiber.New(fiber.Config{StreamRequestBody: true, DisableStartupMessage: true,
		ReadTimeout: time.Second, WriteTimeout: time.Second, IdleTimeout: 20 * time.Second})
	app.Use(Paced(pace))
	app.Post("/", func(c *fiber.Ctx) error {
		defer Bound(c, time.Second)()
		n, err := io.Copy(io.Discard, Body(c))
		cut := errors.Is(err, ErrCut)
		if err != nil && !cut || err == nil && c.UserContext().Err() != nil {
			return fmt.Errorf("%d bytes, %w, clock %w", n, err, c.UserContext().Err())
		}
		if cut {
			Drain(c, long)
		}
		return c.SendString(fmt.Sprintf("%d bytes, cut %v", n, cut))
	})
	app.Get("/held", func(c *fiber.Ctx) error { return c.Send(bytes.Repeat([]byte("x"), long)) })
	app.Get("/stored", func(c *fiber.Ctx) error {
		content := &given{Reader: bytes.NewReader(bytes.Repeat([]byte("x"), long))}
		return Send(c, File{Name: "a.pdf", MediaType: "application/pdf", Size: long, Content: content})
	})
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return listener.Addr().String()
}

func dial(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// TestSlowBody sends two bodies over one connection, each for longer than every timeout and window.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	conn := dial(t, newServer(t, brisk))
	answers := bufio.NewReader(conn)
	for range 2 {
		const rounds, bytes = 30, 4 << 10
		_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", rounds*bytes)
		for range rounds {
			if _, err := conn.Write(make([]byte, bytes)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		want := fmt.Sprintf("%d bytes, cut false", rounds*bytes)
		if got := answered(t, answers); got != want {
			t.Fatalf("%q", got)
		}
		time.Sleep(1500 * time.Millisecond) // the connection rests, for longer than the timeout of a head
	}
}

func answered(t *testing.T, answers *bufio.Reader) string {
	t.Helper()
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestCutBodies: a trickler, one that stops, and one that goes away are told, or not told, what came.
func TestCutBodies(t *testing.T) {
	t.Parallel()
	address := newServer(t, Pace{Least: 1 << 20, Window: 300 * time.Millisecond})
	for name, rest := range map[string]func(*net.TCPConn){
		"trickles": func(conn *net.TCPConn) {
			for range 600 {
				if _, err := conn.Write([]byte("x")); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		},
		"stops":     func(*net.TCPConn) {},
		"goes away": func(conn *net.TCPConn) { _ = conn.CloseWrite() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address)
			// The server itself reads the first 8 KiB, before any handler.
			_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n%s",
				make([]byte, 16<<10))
			go rest(conn)
			if got := answered(t, bufio.NewReader(conn)); !strings.HasSuffix(got, "cut true") {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestSlowAnswers fetches long bodies for longer than every timeout and window.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	address := newServer(t, brisk)
	for _, path := range []string{"/held", "/stored"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address)
			_ = conn.SetReadBuffer(16 << 10)
			_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := int64(0)
			for err == nil {
				n := int64(0)
				n, err = io.CopyN(io.Discard, response.Body, long/40)
				got += n
				time.Sleep(100 * time.Millisecond)
			}
			if !errors.Is(err, io.EOF) || got != long {
				t.Errorf("%d bytes, %v", got, err)
			}
		})
	}
}

// TestAnswerThatNobodyTakes is cut off: what is not taken does not stay in the portal for ever.
func TestAnswerThatNobodyTakes(t *testing.T) {
	t.Parallel()
	conn := dial(t, newServer(t, Pace{Least: 1 << 20, Window: 300 * time.Millisecond}))
	_ = conn.SetReadBuffer(16 << 10)
	_, _ = fmt.Fprint(conn, "GET /stored HTTP/1.1\r\nHost: x\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for err == nil {
		n := 0
		n, err = response.Body.Read(make([]byte, 1<<10))
		got += n
		time.Sleep(10 * time.Millisecond)
	}
	if errors.Is(err, io.EOF) && got == long {
		t.Error("all came")
	}
}

// BenchmarkDownload tells how many bytes a second go out for those of a server that sends the same stream
// without a bound, "of-plain", in the same run.
func BenchmarkDownload(b *testing.B) {
	paced := "http://" + newServer(b, Usual) + "/stored"
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error {
		return c.SendStream(&given{Reader: bytes.NewReader(bytes.Repeat([]byte("x"), long))}, long)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = app.Listener(listener) }()
	b.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	plain := "http://" + listener.Addr().String() + "/"
	fetch := func(url string) time.Duration {
		begin := time.Now()
		response, err := http.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		if n, err := io.Copy(io.Discard, response.Body); err != nil || n != long {
			b.Fatal(n, err)
		}
		return time.Since(begin)
	}
	var ours, theirs time.Duration
	b.SetBytes(long)
	for b.Loop() {
		ours += fetch(paced)
		b.StopTimer()
		theirs += fetch(plain)
		b.StartTimer()
	}
	b.ReportMetric(float64(theirs)/float64(ours), "of-plain")
}
