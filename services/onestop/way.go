package onestop

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"congdvc/services/fault"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

// Faults of the way to an endpoint.
var (
	ErrNetwork     = fault.New(fault.Invalid, "onestop.network")
	ErrAuthorities = fault.New(fault.Invalid, "onestop.authorities")
	ErrIdentity    = fault.New(fault.Invalid, "onestop.identity")
)

const (
	maxNetworks = 16
	maxPEM      = 64 << 10
)

// private are the ranges that a network of an allow-list may lie in. Source: RFC 1918, RFC 4193, RFC 6598 and
// the loopback of RFC 1122 and RFC 4291.
var private = parsePrefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7",
	"127.0.0.0/8", "::1/128")

// metadata are addresses at which clouds tell a machine its secrets. No list allows them.
var metadata = parsePrefixes("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32",
	"fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128")

// ParseNetworks reads an allow-list: private networks such as "10.20.0.0/16" or single addresses. It returns
// them in their one spelling, sorted. Errors: ErrNetwork, naming the first that is wrong.
func ParseNetworks(texts []string) ([]string, error) {
	list := make([]string, 0, len(texts))
	for _, text := range texts {
		prefix, err := parseNetwork(strings.TrimSpace(text))
		if err != nil {
			return nil, ErrNetwork.At("networks").With("Network", text).From(err)
		}
		list = append(list, prefix.String())
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > maxNetworks {
		return nil, ErrNetwork.At("networks").With("Network", fmt.Sprint(len(list))).
			From(fmt.Errorf("at most %d networks", maxNetworks))
	}
	return list, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		text = netip.PrefixFrom(a, a.BitLen()).String()
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return prefix, err
	case prefix.Masked() != prefix:
		return prefix, fmt.Errorf("its host bits are set: %s is meant?", prefix.Masked())
	}
	for _, range_ := range private {
		if range_.Bits() <= prefix.Bits() && range_.Contains(prefix.Addr()) && !never(prefix.Addr()) {
			return prefix, nil
		}
	}
	return prefix, fmt.Errorf("not within a private network")
}

// never tells the addresses that no endpoint has, whatever is allowed.
func never(a netip.Addr) bool {
	return !a.IsValid() || a.Zone() != "" || a.IsUnspecified() || a.IsMulticast() ||
		a.IsLinkLocalUnicast() || slices.ContainsFunc(metadata, func(p netip.Prefix) bool {
		return p.Contains(a)
	})
}

// way is how an endpoint is reached, as its connection's row says.
type way struct {
	Networks []string `db:"networks"`
	CA       string   `db:"ca_pem"`          // "" = the authorities of the machine
	Identity []byte   `db:"identity_sealed"` // nil = the portal shows no certificate
}

// allows tells whether an address may be called by that scheme: public ones by https, and those of the
// connection's networks by either. An IPv4 address written as IPv6 is treated as IPv4.
func (w way) allows(a netip.Addr, scheme string) bool {
	a = a.Unmap()
	if never(a) {
		return false
	}
	inside := slices.ContainsFunc(w.Networks, func(text string) bool {
		prefix, err := netip.ParsePrefix(text)
		return err == nil && prefix.Contains(a)
	})
	return inside || scheme == "https" && public(a)
}

// settings are those of TLS.
func (w way) settings(v *vault.Vault, connection string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if w.CA != "" {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM([]byte(w.CA)) {
			return nil, fmt.Errorf("onestop: authorities of %s cannot be read", connection)
		}
	}
	if w.Identity != nil {
		pair, err := openIdentity(v, connection, w.Identity)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// Trust is by whom and to whom the two ends of a connection prove who they are, as PEM. Every member may be
// empty.
type Trust struct {
	CA               string // of the authorities that vouch for the endpoint, in place of all others
	Certificate, Key string // what the portal shows to the endpoint; both or neither
}

// Check returns the first fault: ErrAuthorities or ErrIdentity, with its cause.
func (t Trust) Check(now time.Time) error {
	if t.CA != "" {
		if _, err := certificates(t.CA, now); err != nil {
			return ErrAuthorities.At("ca").With("Why", err.Error()).From(err)
		}
	}
	if t.Certificate == "" && t.Key == "" {
		return nil
	}
	if err := t.checkIdentity(now); err != nil {
		return ErrIdentity.At("certificate").With("Why", err.Error()).From(err)
	}
	return nil
}

func (t Trust) checkIdentity(now time.Time) error {
	chain, err := certificates(t.Certificate, now)
	if err != nil {
		return err
	}
	if strings.Contains(t.Key, "ENCRYPTED") {
		return fmt.Errorf("the key is locked with a password")
	}
	if _, err := tls.X509KeyPair([]byte(t.Certificate), []byte(t.Key)); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	uses := chain[0].ExtKeyUsage
	if len(uses) > 0 && !slices.Contains(uses, x509.ExtKeyUsageClientAuth) &&
		!slices.Contains(uses, x509.ExtKeyUsageAny) {
		return fmt.Errorf("the certificate is not for clients (clientAuth)")
	}
	return nil
}

// certificates reads PEM that holds nothing but certificates, at least one, all of them valid today.
func certificates(text string, now time.Time) (list []*x509.Certificate, err error) {
	if len(text) > maxPEM {
		return nil, fmt.Errorf("longer than %d bytes", maxPEM)
	}
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("it holds %q", block.Type)
		}
		one, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "x509: "))
		case now.After(one.NotAfter):
			return nil, fmt.Errorf("expired on %s", one.NotAfter.Format(time.DateOnly))
		case now.Before(one.NotBefore):
			return nil, fmt.Errorf("not valid before %s", one.NotBefore.Format(time.DateOnly))
		}
		list = append(list, one)
	}
	if len(list) == 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("it is no certificate in PEM")
	}
	return list, nil
}

// earliestEnd is when the first of the certificates ends; nil when there is none.
func earliestEnd(text string) *time.Time {
	var first *time.Time
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return first
		}
		one, err := x509.ParseCertificate(block.Bytes)
		if err == nil && (first == nil || one.NotAfter.Before(*first)) {
			first = &one.NotAfter
		}
	}
}

// identityPlace binds a sealed certificate and key to their connection's row.
func identityPlace(connection string) []byte { return []byte("connection.identity/" + connection) }

type identityPEM struct{ Certificate, Key string }

func readIdentity(v *vault.Vault, connection string, sealed []byte) (pair identityPEM, err error) {
	plain, err := v.Open(sealed, identityPlace(connection))
	if err == nil {
		err = json.Unmarshal(plain, &pair)
	}
	if err != nil {
		return pair, fmt.Errorf("onestop: open the certificate of %s: %w", connection, err)
	}
	return pair, nil
}

func openIdentity(v *vault.Vault, connection string, sealed []byte) (tls.Certificate, error) {
	text, err := readIdentity(v, connection, sealed)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair([]byte(text.Certificate), []byte(text.Key))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("onestop: certificate of %s: %w", connection, err)
	}
	return pair, nil
}

func (t Trust) seal(v *vault.Vault, connection string) ([]byte, error) {
	if t.Certificate == "" {
		return nil, nil
	}
	plain, err := json.Marshal(identityPEM{t.Certificate, t.Key})
	if err != nil {
		return nil, fmt.Errorf("onestop: write the certificate of %s: %w", connection, err)
	}
	sealed, err := v.Seal(plain, identityPlace(connection))
	if err != nil {
		return nil, fmt.Errorf("onestop: seal the certificate of %s: %w", connection, err)
	}
	return sealed, nil
}

const setNetworks = `update connection set networks = $2 where id = $1`

// SetNetworks says in which private networks the endpoint of a connection may lie, in place of those of
// before. Errors: ErrNetwork, ErrNotFound.
func SetNetworks(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, networks []string) error {
	list, err := ParseNetworks(networks)
	if err != nil {
		return err
	}
	return changeMarked(ctx, tx, v, setNetworks, connection, list)
}

const setTrust = `update connection set ca_pem = $2, identity_sealed = $3 where id = $1`

// SetTrust changes by what a connection's two ends prove who they are, all of it. Errors: those of
// Trust.Check, ErrNotFound.
func SetTrust(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, t Trust,
	now time.Time) error {
	if err := t.Check(now); err != nil {
		return err
	}
	sealed, err := t.seal(v, connection)
	if err != nil {
		return err
	}
	return changeMarked(ctx, tx, v, setTrust, connection, t.CA, sealed)
}
