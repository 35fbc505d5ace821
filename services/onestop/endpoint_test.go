package onestop

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestPrivateAddress: an endpoint on a private address gets nothing, and the attempt says why.
func TestPrivateAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	r := newReceiver(t)
	connection, _ := w.connection(t, "one", strings.Replace(r.URL, "127.0.0.1", "localhost", 1))
	w.tx(t, func(tx pgx.Tx) error {
		return SetNetworks(t.Context(), tx, w.vault, connection, []string{"10.0.0.0/8"})
	})
	w.append(t, connection, id, 1)
	w.deliver(t, nil)
	until(t, "an attempt is made", func() bool { return w.health(t).Failures > 0 })
	attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 1)
	if err != nil || len(attempts) == 0 || attempts[0].Status != 0 ||
		!strings.Contains(attempts[0].Error, errAddress.Error()) {
		t.Errorf("attempts: %+v, %v", attempts, err)
	}
	if n := len(r.events()); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"8.8.8.8": true, "113.160.0.1": true, "2001:4860:4860::8888": true, "2405:4800::1": true,
		"127.0.0.1": false, "::1": false, "0.0.0.0": false, "::": false, "10.1.2.3": false,
		"172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"100.127.255.255": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false,
		"fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "fec0::1": false,
		"ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true,
		"::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::1": false, "2001::1": false,
		"2001:db8::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("public(%s) = %v", text, got)
		}
	}
}

func TestCheckEndpoint(t *testing.T) {
	t.Parallel()
	strict, lenient := way{}, way{Networks: []string{"127.0.0.0/8", "10.0.0.0/16"}}
	for _, c := range []struct {
		text            string
		strict, lenient bool
	}{
		{"", true, true}, {"https://motcua.example.vn/hook?x=1", true, true},
		{"http://motcua.example.vn/hook", false, true}, {"https://127.0.0.1/hook", false, true},
		{"https://[::ffff:10.0.0.1]/", false, true}, {"https://10.1.0.1/", false, false},
		{"http://10.0.9.9:8080/", false, true}, {"http://8.8.8.8/", false, false},
		{"https://169.254.169.254/", false, false}, {"http://[fe80::1]/", false, false},
		{"http://0.0.0.0/", false, false}, {"https://user:pw@a.vn/", false, false},
		{"ftp://a.vn/", false, false}, {"/hook", false, false}, {"https:///hook", false, false},
		{"https://a.vn/#x", false, false}, {"https://a b/", false, false},
		{"https://a.vn/" + strings.Repeat("x", 2000), false, false},
	} {
		if got := strict.checkEndpoint(c.text) == nil; got != c.strict {
			t.Errorf("%q: %v", c.text, got)
		}
		if got := lenient.checkEndpoint(c.text) == nil; got != c.lenient {
			t.Errorf("%q with networks of its own: %v", c.text, got)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]blame{200: nobody, 204: nobody, 299: nobody, 302: theEndpoint,
		400: theEvent, 401: theEndpoint, 404: theEndpoint, 409: theEvent, 410: theEndpoint, 413: theEvent,
		422: theEvent, 429: theEndpoint, 500: theEndpoint, 503: theEndpoint} {
		if got := judge(status); got != want {
			t.Errorf("judge(%d) = %q", status, got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{"": 0, "30": 30 * time.Second, "-5": 0, "soon": 0,
		"999999": time.Hour, now.Add(time.Minute).Format(http.TimeFormat): time.Minute,
		now.Add(-time.Minute).Format(http.TimeFormat): 0} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", text, got, want)
		}
	}
}
