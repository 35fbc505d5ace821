package onestop

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// errAddress means that an endpoint's name leads to a machine that the portal must not call.
var errAddress = errors.New("the endpoint's address is not a public one")

// reserved are the ranges that netip's own predicates do not know. Source: the IANA special-purpose address
// registries for IPv4 and IPv6. Ranges of IPv6 addresses that contain an IPv4 address are refused whole: no
// public receiver needs them.
var reserved = parsePrefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier-grade NAT, RFC 6598
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // unspecified, loopback, IPv4-compatible
	"64:ff9b::/96",    // NAT64
	"64:ff9b:1::/48",  // NAT64, local use
	"100::/64",        // discard
	"2001::/23",       // protocol assignments, Teredo
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site-local, deprecated
)

func parsePrefixes(texts ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		prefixes[i] = netip.MustParsePrefix(text)
	}
	return prefixes
}

// public reports whether a is a unicast address of the public internet. An IPv4 address written as IPv6 is
// treated as IPv4.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, prefix := range reserved {
		if prefix.Contains(a) {
			return false
		}
	}
	return true
}

// dialPublic is a net.Dialer.Control. It checks the address that is really dialled, after the name was looked
// up, so that a name with a different second answer cannot get round the check.
func dialPublic(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !public(to.Addr()) || (network != "tcp4" && network != "tcp6") {
		return errAddress
	}
	return nil
}

// newClient returns the HTTP client of the deliverer. It follows no redirect, because the next address was
// never agreed on. It uses no proxy from the environment, because dialPublic would then see the proxy's
// address only.
func newClient(allowPrivate bool, timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Timeout: timeout / 2, Control: dialPublic}
	if allowPrivate {
		dialer.Control = nil
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    timeout / 2,
			MaxIdleConnsPerHost:    abreast,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkEndpoint tells whether text can be a connection's endpoint: an absolute https URL without user
// information or fragment. With allowPrivate, as in the demo, it may also be http and name a private address.
// The empty text is allowed: pull only. The fault is ErrEndpoint, with its cause.
func checkEndpoint(text string, allowPrivate bool) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return ErrEndpoint.At("endpoint").From(errors.New("not a URL"))
	case u.Scheme != "https" && (u.Scheme != "http" || !allowPrivate):
		return ErrEndpoint.At("endpoint").From(fmt.Errorf("scheme %q", u.Scheme))
	case u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return ErrEndpoint.At("endpoint").From(errors.New("needs a host, and no user or fragment"))
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !allowPrivate && !public(a) {
		return ErrEndpoint.At("endpoint").From(errAddress)
	}
	return nil
}
