package portal_test

import (
	"bytes"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/portal/address"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// BenchmarkPages asks for pages over the loopback and tells how many of them a second go out for one answer
// of a bare fiber server that sends as many fixed bytes, "of-bare", in the same run.
func BenchmarkPages(b *testing.B) {
	s := newSite(b)
	lan := s.person(b, "Nguyễn Thị Lan")
	for range 20 {
		lan.begin("1.001193")
	}
	for name, c := range map[string]struct {
		path   string
		cookie string
	}{
		"home":      {address.Home("vi"), ""},
		"procedure": {address.Procedure("vi", "1.001193"), ""},
		"procedure computed": {address.Procedure("vi", "2.000635") + "?" + address.AskChannel + "=counter&" +
			address.AskQuantity + "ban_sao=3", ""},
		"home of a person":    {address.Home("vi"), lan.cookies()},
		"list of 20 dossiers": {address.Dossiers("vi"), lan.cookies()},
	} {
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			page := ask(b, s.URL+c.path, c.cookie)
			bare := bareServer(b, page)
			many(b, 200, s.URL+c.path, c.cookie)
			many(b, 200, bare, "")
			b.ResetTimer()
			took := many(b, b.N, s.URL+c.path, c.cookie)
			b.StopTimer()
			b.ReportMetric(float64(many(b, b.N, bare, ""))/float64(took), "of-bare")
			b.ReportMetric(float64(len(page)), "bytes")
		})
	}
}

// cookies are what the browser would send.
func (b *browser) cookies() string {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.URL, nil)
	must(b.t, err)
	for _, c := range b.http.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r.Header.Get("Cookie")
}

// bareServer sends the same bytes to everybody.
func bareServer(b *testing.B, content []byte) string {
	b.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error { return c.Send(content) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	go func() { _ = app.Listener(listener) }()
	b.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return "http://" + listener.Addr().String() + "/"
}

// ask gets a page once, as it goes over the wire to a browser.
func ask(b *testing.B, url, cookie string) []byte {
	b.Helper()
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI(url)
	request.Header.Set("Accept-Encoding", "gzip, br")
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	if err := fasthttp.Do(request, response); err != nil || response.StatusCode() != http.StatusOK {
		b.Fatalf("%s: %d, %v", url, response.StatusCode(), err)
	}
	return bytes.Clone(response.Body())
}

// many asks n times over a few connections and tells how long it took.
func many(b *testing.B, n int, url, cookie string) time.Duration {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	begin := time.Now()
	for range 4 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				ask(b, url, cookie)
			}
		})
	}
	wg.Wait()
	return time.Since(begin)
}
