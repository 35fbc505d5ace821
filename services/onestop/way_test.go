package onestop

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestParseNetworks(t *testing.T) {
	t.Parallel()
	got, err := ParseNetworks([]string{"192.168.1.0/24", " 10.20.0.0/16", "10.1.2.3", "fd12::/32",
		"10.20.0.0/16", "127.0.0.1", "::1", "100.64.0.0/10"})
	want := []string{"10.1.2.3/32", "10.20.0.0/16", "100.64.0.0/10", "127.0.0.1/32", "192.168.1.0/24",
		"::1/128", "fd12::/32"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, wrong := range []string{"", "x", "0.0.0.0/0", "::/0", "10.0.0.0/7", "10.1.2.3/24", "10.0.0.0/33",
		"8.8.8.0/24", "8.8.8.8", "169.254.0.0/16", "169.254.169.254", "fe80::/10", "fe80::1%eth0",
		"224.0.0.0/4",
		"ff02::1", "0.0.0.0", "::", "255.255.255.255", "::ffff:10.0.0.1", "::ffff:10.0.0.0/104",
		"fd00:ec2::254", "100.100.100.200", "motcua.local", "10.0.0.0/08", "10.0.0.0 /8", "64:ff9b::/96"} {
		if got, err := ParseNetworks([]string{wrong}); !errors.Is(err, ErrNetwork) {
			t.Errorf("%q: %q, %v", wrong, got, err)
		}
	}
	many := make([]string, 17)
	for i := range many {
		many[i] = netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}).String()
	}
	if _, err := ParseNetworks(many); !errors.Is(err, ErrNetwork) {
		t.Errorf("17 networks: %v", err)
	}
}

// TestAllows: an allow-list opens its networks, and never what no list may open.
func TestAllows(t *testing.T) {
	t.Parallel()
	all := way{Networks: []string{"10.0.0.0/8", "127.0.0.0/8", "fc00::/7", "100.64.0.0/10"}}
	for text, want := range map[string][4]bool{ // https and http, without and with networks
		"8.8.8.8": {true, false, true, false}, "10.1.2.3": {false, false, true, true},
		"192.168.0.1": {}, "127.0.0.1": {false, false, true, true}, "::1": {},
		"::ffff:10.1.2.3": {false, false, true, true}, "::ffff:169.254.169.254": {},
		"169.254.169.254": {}, "100.64.1.1": {false, false, true, true}, "100.100.100.200": {},
		"168.63.129.16": {}, "fd00:ec2::254": {}, "fd00::1": {false, false, true, true}, "fe80::1": {},
		"224.0.0.1": {}, "0.0.0.0": {}, "::": {}, "255.255.255.255": {}, "2002:a01:203::1": {},
		"64:ff9b::a01:203": {}, "::10.1.2.3": {},
	} {
		a := netip.MustParseAddr(text)
		got := [4]bool{way{}.allows(a, "https"), way{}.allows(a, "http"), all.allows(a, "https"),
			all.allows(a, "http")}
		if got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// issuer makes certificates.
type issuer struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// paper is a certificate with its key, as PEM.
type paper struct{ cert, key string }

func (p paper) pair(t testing.TB) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(p.cert), []byte(p.key))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func newIssuer(t testing.TB, name string) *issuer {
	t.Helper()
	i := &issuer{t: t}
	made := i.issue(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	pair := made.pair(t)
	i.cert, i.key, i.pem = pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey), made.cert
	return i
}

func (i *issuer) issue(c *x509.Certificate) paper {
	i.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-48 * time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(48 * time.Hour)
	}
	parent, by := i.cert, i.key
	if parent == nil {
		parent, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		i.t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		i.t.Fatal(err)
	}
	return paper{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))}
}

func (i *issuer) client() paper {
	return i.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "portal"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

func TestTrust(t *testing.T) {
	t.Parallel()
	now := time.Now()
	i := newIssuer(t, "a")
	good, other := i.client(), i.client()
	old := i.issue(&x509.Certificate{NotBefore: now.Add(-72 * time.Hour), NotAfter: now.Add(-24 * time.Hour)})
	early := i.issue(&x509.Certificate{NotBefore: now.Add(24 * time.Hour), NotAfter: now.Add(72 * time.Hour)})
	server := i.issue(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	broken := strings.Replace(good.cert, "MI", "AA", 1)
	for name, c := range map[string]struct {
		t    Trust
		want error
	}{
		"nothing": {Trust{}, nil}, "an authority": {Trust{CA: i.pem}, nil},
		"two of them":     {Trust{CA: i.pem + newIssuer(t, "b").pem}, nil},
		"a certificate":   {Trust{Certificate: good.cert, Key: good.key}, nil},
		"no PEM":          {Trust{CA: "hello"}, ErrAuthorities},
		"a broken one":    {Trust{CA: broken}, ErrAuthorities},
		"trailing words":  {Trust{CA: i.pem + "and more"}, ErrAuthorities},
		"a key for it":    {Trust{CA: i.pem + good.key}, ErrAuthorities},
		"an expired one":  {Trust{CA: old.cert}, ErrAuthorities},
		"an early one":    {Trust{CA: early.cert}, ErrAuthorities},
		"too long":        {Trust{CA: strings.Repeat(i.pem, 200)}, ErrAuthorities},
		"another's key":   {Trust{Certificate: good.cert, Key: other.key}, ErrIdentity},
		"no key":          {Trust{Certificate: good.cert}, ErrIdentity},
		"only a key":      {Trust{Key: good.key}, ErrIdentity},
		"swapped":         {Trust{Certificate: good.key, Key: good.cert}, ErrIdentity},
		"expired":         {Trust{Certificate: old.cert, Key: old.key}, ErrIdentity},
		"early":           {Trust{Certificate: early.cert, Key: early.key}, ErrIdentity},
		"for servers":     {Trust{Certificate: server.cert, Key: server.key}, ErrIdentity},
		"a locked key":    {Trust{Certificate: good.cert, Key: locked(good.key)}, ErrIdentity},
		"a key of no use": {Trust{Certificate: good.cert, Key: "x"}, ErrIdentity},
	} {
		if err := c.t.Check(now); !errors.Is(err, c.want) && err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func locked(key string) string {
	return strings.ReplaceAll(key, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
}

// TestTwoWayTLS: an endpoint whose certificate is of an authority of its own, and which asks for the
// portal's, is pushed to when both are named; not by the machine's authorities, not of another host, not
// without ours.
func TestTwoWayTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	agency, portal := newIssuer(t, "agency"), newIssuer(t, "portal")
	shown := portal.client()
	cert := agency.issue(&x509.Certificate{DNSNames: []string{"localhost"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(portal.pem))
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		echo(t, out, r)
	}))
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert.pair(t)}, ClientCAs: clients,
		ClientAuth: tls.RequireAndVerifyClientCert}
	s.StartTLS()
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	connection, _ := w.connection(t, "one", "")
	both := Trust{CA: agency.pem, Certificate: shown.cert, Key: shown.key}
	for _, c := range []struct {
		name, host string
		trust      Trust
		want       error
	}{
		{"the machine's authorities", "localhost", Trust{Certificate: shown.cert, Key: shown.key},
			ErrChallengeAway},
		{"without a certificate", "localhost", Trust{CA: agency.pem}, ErrChallengeAway},
		{"another host", "127.0.0.1", both, ErrChallengeAway},
		{"both", "localhost", both, nil},
	} {
		w.tx(t, func(tx pgx.Tx) error {
			if err := SetTrust(t.Context(), tx, w.vault, connection, c.trust, time.Now()); err != nil {
				return err
			}
			at := "https://" + net.JoinHostPort(c.host, port)
			return SetEndpoint(t.Context(), tx, w.vault, connection, at)
		})
		if _, err := w.prover().Prove(t.Context(), connection); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	var stored string
	const dump = `select c::text from connection c`
	if err := w.db.QueryRow(t.Context(), dump).Scan(&stored); err != nil ||
		!strings.Contains(stored, "BEGIN") || strings.Contains(stored, "PRIVATE") {
		t.Errorf("stored: %s, %v", stored, err)
	}
	st, err := StandingOf(t.Context(), w.db, w.vault, connection)
	if err != nil || st.CertificateEnd == nil || st.AuthoritiesEnd == nil {
		t.Errorf("%+v, %v", st, err)
	}
}

// TestRebinding: a name that is looked up again at the dial is judged by the address that is really dialled.
func TestRebinding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, err := way{Networks: []string{"10.0.0.0/8"}}.client(w.vault, "x", "http://localhost", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
		strings.Replace(s.URL, "127.0.0.1", "localhost", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(request); !errors.Is(err, errAddress) {
		t.Errorf("dialled: %v", err)
	}
}
