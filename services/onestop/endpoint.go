package onestop

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"congdvc/services/vault"
)

// errAddress means that an endpoint's name leads to a machine that the portal must not call.
var errAddress = errors.New("the endpoint's address is neither public nor in an allowed network")

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

// client returns the HTTP client for an endpoint. It checks the address that is really dialled, after the
// name was looked up, so that a name with a different second answer cannot get round the check. It follows no
// redirect, because the next address was never agreed on. It uses no proxy from the environment, because the
// check would then see the proxy's address only.
func (w way) client(v *vault.Vault, connection, endpoint string, timeout time.Duration) (*http.Client,
	error) {
	settings, err := w.settings(v, connection)
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(strings.ToLower(endpoint), ":")
	dialer := &net.Dialer{Timeout: timeout / 2}
	dialer.Control = func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !w.allows(to.Addr(), scheme) || network != "tcp4" && network != "tcp6" {
			return errAddress
		}
		return nil
	}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        settings,
			TLSHandshakeTimeout:    timeout / 2,
			MaxIdleConnsPerHost:    abreast,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: 16 << 10,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// checkEndpoint tells whether text can be a connection's endpoint: an absolute https URL without user
// information or fragment, whose address, where it is written out, may be called. Where the connection has
// networks of its own, it may also be http, which then reaches these only. The empty text is allowed: pull
// only. The fault is ErrEndpoint, with its cause.
func (w way) checkEndpoint(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxEndpoint:
		return ErrEndpoint.At("endpoint").From(errors.New("not a URL"))
	case u.Scheme != "https" && (u.Scheme != "http" || len(w.Networks) == 0):
		return ErrEndpoint.At("endpoint").From(fmt.Errorf("scheme %q", u.Scheme))
	case u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return ErrEndpoint.At("endpoint").From(errors.New("needs a host, and no user or fragment"))
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !w.allows(a, u.Scheme) {
		return ErrEndpoint.At("endpoint").From(errAddress)
	}
	return nil
}

const maxEndpoint = 2000 // characters

// clients are those of the connections that a process pushes to. A connection has one, for its endpoint and
// way as they are now.
type clients struct {
	mu    sync.Mutex
	known map[string]known
}

type known struct {
	client *http.Client
	of     string // endpoint and way
}

func (c *clients) of(v *vault.Vault, s state, timeout time.Duration) (*http.Client, error) {
	w := s.way()
	of := strings.Join([]string{s.Endpoint, strings.Join(w.Networks, ","), w.CA, string(w.Identity)}, "\x00")
	c.mu.Lock()
	defer c.mu.Unlock()
	had, ok := c.known[s.ID]
	if ok && had.of == of {
		return had.client, nil
	}
	client, err := w.client(v, s.ID, s.Endpoint, timeout)
	if err != nil {
		return nil, err
	}
	if ok {
		had.client.CloseIdleConnections()
	}
	if c.known == nil {
		c.known = map[string]known{}
	}
	c.known[s.ID] = known{client, of}
	return client, nil
}
