package portal

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// askedBy is a request with the lines of one header.
func askedBy(header string, lines ...string) *fiber.Ctx {
	request := &fasthttp.RequestCtx{}
	for _, line := range lines {
		request.Request.Header.Add(header, line)
	}
	return fiber.New().AcquireCtx(request)
}

func TestAddressOf(t *testing.T) {
	t.Parallel()
	const list, one, rfc = "X-Forwarded-For", "X-Real-IP", "Forwarded"
	for _, c := range []struct {
		header string
		hops   int
		lines  []string
		want   string // empty: not known
	}{
		{list, 1, []string{"203.0.113.7"}, "203.0.113.7"},
		{list, 1, []string{"203.0.113.7:50001"}, "203.0.113.7"},
		{list, 1, []string{"[2001:db8::7]:50001"}, "2001:db8::/64"},
		{list, 1, []string{"[2001:db8::7]"}, "2001:db8::/64"},
		{list, 1, []string{"2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"},
		{list, 1, []string{"2001:db8::1:4711"}, "2001:db8::/64"}, // without brackets it has no port
		{list, 1, []string{`"203.0.113.7"`}, "203.0.113.7"},
		{list, 1, []string{`"[2001:db8::1]:4711"`}, "2001:db8::/64"},
		{list, 1, []string{"fe80::1%eth0"}, "fe80::/64"},
		{list, 1, []string{"[fe80::1%25eth0]:80"}, "fe80::/64"},
		{one, 1, []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{one, 1, []string{"[::ffff:203.0.113.7]:443"}, "203.0.113.7"},
		{one, 1, []string{"\t203.0.113.7 "}, "203.0.113.7"},
		// What stands before the entry of the trusted proxy is what the visitor claims.
		{list, 1, []string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
		{list, 1, []string{"198.51.100.1", "203.0.113.7"}, "203.0.113.7"},
		{list, 1, []string{`"198.51.100.1`, "203.0.113.7"}, "203.0.113.7"},
		{list, 1, []string{`x", 203.0.113.7`}, "203.0.113.7"},
		{list, 1, []string{",,, 203.0.113.7"}, "203.0.113.7"},
		{list, 2, []string{"198.51.100.1, 203.0.113.7, 10.0.0.1"}, "203.0.113.7"},
		{list, 2, []string{"198.51.100.1, 203.0.113.7:50001", "10.0.0.1"}, "203.0.113.7"},
		{list, 3, []string{"203.0.113.7, 10.0.0.1"}, "203.0.113.7"}, // fewer than were told
		{list, 0, []string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
		{rfc, 1, []string{"for=203.0.113.7"}, "203.0.113.7"},
		{rfc, 1, []string{`For="[2001:db8:cafe::17]:4711";proto=https;by=203.0.113.43`}, "2001:db8:cafe::/64"},
		{rfc, 1, []string{`for=198.51.100.1, proto=https;host="a,b;c" ; for="203.0.113.7:80"`}, "203.0.113.7"},
		{rfc, 1, []string{`for="198.51.100.1`, `for=203.0.113.7`}, "203.0.113.7"},
		{rfc, 1, []string{`by="a\\"b,c";for=203.0.113.7`}, "203.0.113.7"},
		{rfc, 1, []string{"for=_gazonk"}, "_gazonk"},
		{rfc, 1, []string{`for="_gazonk:_port"`}, "_gazonk"},
		{rfc, 2, []string{"for=198.51.100.1,for=203.0.113.7,for=10.0.0.1"}, "203.0.113.7"},
		// What cannot be read is nobody in particular.
		{list, 1, nil, ""},
		{list, 1, []string{""}, ""},
		{list, 1, []string{"unknown"}, ""},
		{list, 1, []string{"203.0.113.7,"}, ""}, // the proxy added nothing
		{list, 1, []string{"203.0.113.7, unknown"}, ""},
		{list, 1, []string{"203.0.113.777"}, ""},
		{list, 1, []string{"[2001:db8::7]50001"}, ""},
		{list, 1, []string{"[2001:db8::7"}, ""},
		{list, 1, []string{"<script>"}, ""},
		{list, 1, []string{"_" + strings.Repeat("x", 100)}, ""},
		{list, 1, []string{"for=203.0.113.7"}, ""},
		{rfc, 1, []string{"203.0.113.7"}, ""},
		{rfc, 1, []string{"for=unknown"}, ""},
		{rfc, 1, []string{"for=203.0.113.7, proto=https"}, ""},
		{"", 1, []string{"203.0.113.7"}, "0.0.0.0"}, // no proxy: who is connected
	} {
		p := &Portal{Config: Config{ProxyHeader: c.header, ProxyHops: c.hops,
			Log: slog.New(slog.DiscardHandler)}}
		sent := c.header
		if sent == "" {
			sent = list
		}
		got, known := p.addressOf(askedBy(sent, c.lines...))
		if got != c.want || known != (c.want != "") {
			t.Errorf("%s of %d hops: %q is %q, want %q", c.header, c.hops, c.lines, got, c.want)
		}
	}
}

// TestUnreadableProxyIsToldOnce: and nobody is counted together with others.
func TestUnreadableProxyIsToldOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := &Portal{Config: Config{ProxyHeader: "X-Forwarded-For", ProxyHops: 1,
		Log: slog.New(slog.NewTextHandler(&log, nil))}}
	for range 3 {
		c := askedBy("X-Forwarded-For", "198.51.100.1, unix:")
		if charges := p.chargesOf(&visit{Ctx: c}, startLogin, nil); len(charges) != 0 {
			t.Errorf("charged %+v", charges)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "WARN") ||
		strings.Contains(log.String(), "198.51.100.1") {
		t.Errorf("%d lines: %s", lines, log.String())
	}
}

// FuzzForwardedAddress: whatever a visitor sends before it, the entry of the trusted proxy counts, and what
// is known is a network or a bounded name.
func FuzzForwardedAddress(f *testing.F) {
	for _, seed := range []string{"", "unknown", `"`, `\`, `for="\"`, "[::1", "_x:1", "a;for=b", "1.2.3.4:5,"} {
		f.Add(seed, 1)
	}
	f.Fuzz(func(t *testing.T, claimed string, hops int) {
		for header, entry := range map[string]string{"X-Forwarded-For": "203.0.113.7:50001",
			"Forwarded": `proto=https;for="203.0.113.7:50001"`} {
			if got, _ := forwardedAddress(header, []string{claimed, entry}, 1); got != "203.0.113.7" {
				t.Errorf("%s: %q behind %q is %q", header, entry, claimed, got)
			}
			got, known := forwardedAddress(header, []string{claimed}, min(hops, 9))
			_, notAddress := netip.ParseAddr(got)
			_, notNetwork := netip.ParsePrefix(got)
			name := strings.HasPrefix(got, "_") && len(got) <= 64
			if known != (got != "") || known && notAddress != nil && notNetwork != nil && !name {
				t.Errorf("%s: %q is %q, %t", header, claimed, got, known)
			}
		}
	})
}
