package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"

	"congdvc/identity/demoidp"
	"congdvc/payments/demostripe"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// inspected is what an inspection of this program's parts writes, on a day that the starter data knows.
func (p *program) inspected(on workday.Date) (lines string, err error) {
	p.Helper()
	var out bytes.Buffer
	k := &checkup{out: &out, now: on.At(9 * 60)}
	c := &Config{
		PublicURL: p.env["PUBLIC_URL"], Database: p.env["DATABASE_URL"],
		Redis: []string{p.env["REDIS_ADDRS"]}, Files: p.env["FILES_DIR"], Keyset: p.env["VAULT_KEYSET_FILE"],
		KEK: p.env["VAULT_KEK_FILE"], Issuer: p.env["OIDC_ISSUER"], ClientID: "portal",
		ClientSecret: "secret", Claims: "vneid", StripeKey: p.env["STRIPE_SECRET_KEY"],
		StripeAPI: p.env["STRIPE_API_BASE"], SMTP: p.env["SMTP_ADDR"], SMTPTLS: "none",
		MailFrom: "khong-tra-loi@example.vn",
	}
	k.look(p.Context(), &parts{config: c, site: address.Site{Base: c.PublicURL}})
	return out.String(), k.verdict()
}

// greeted is a connection to the mail server, on which a check sends nothing.
type greeted struct{}

var errSent = errors.New("a check sends no mail")

func (greeted) Mail(string, *smtp.MailOptions) error { return errSent }
func (greeted) Rcpt(string, *smtp.RcptOptions) error { return errSent }
func (greeted) Data(io.Reader) error                 { return errSent }
func (greeted) Reset()                               {}
func (greeted) Logout() error                        { return nil }

// outside starts every outside party.
func (p *program) outside() {
	p.Helper()
	p.env["PUBLIC_URL"] = "http://127.0.0.1:8080" // what is on loopback is no use to a portal elsewhere
	p.env["REDIS_ADDRS"] = miniredis.RunT(p.T).Addr()
	idp, err := demoidp.Start(p.Context(), demoidp.Config{ClientID: "portal", ClientSecret: "secret",
		RedirectURIs:   []string{p.env["PUBLIC_URL"] + address.OIDCReturn()},
		PostLogoutURIs: []string{p.env["PUBLIC_URL"] + "/"}})
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { closed(p.T, idp) })
	stripe, err := demostripe.Start(p.Context(), demostripe.Config{SecretKey: "sk_test_1",
		WebhookSecret: "whsec_1"})
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { closed(p.T, stripe) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.Fatal(err)
	}
	mail := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return greeted{}, nil }))
	ended := make(chan error)
	go func() { ended <- mail.Serve(listener) }()
	p.Cleanup(func() { closed(p.T, mail); <-ended })
	p.env["OIDC_ISSUER"], p.env["STRIPE_SECRET_KEY"], p.env["STRIPE_API_BASE"] = idp.URL(), "sk_test_1",
		stripe.URL()
	p.env["STRIPE_WEBHOOK_SECRET"] = "whsec_1"
	p.env["SMTP_ADDR"] = listener.Addr().String()
	p.must("migrate")
}

func closed(t *testing.T, c io.Closer) {
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

var checkDay = workday.Date{Year: 2026, Month: time.November, Day: 23}

// serveAll has one connection serve everyone who receives dossiers as of the day of these tests.
func (p *program) serveAll() {
	p.Helper()
	p.must("onestop", "create", "chung", "Một cửa chung", "--all-communes")
	connection, err := onestop.FindConnection(p.Context(), p.pool, "chung")
	if err != nil {
		p.Fatal(err)
	}
	all, err := agency.List(p.Context(), p.pool, agency.Filter{On: checkDay})
	if err != nil {
		p.Fatal(err)
	}
	err = pgx.BeginFunc(p.Context(), p.pool, func(tx pgx.Tx) error {
		for _, a := range all {
			if err := agency.Serve(p.Context(), tx, p.keys(), connection.ID, a.ID,
				checkDay.AddDays(-1)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.outside()
	lines, err := p.inspected(checkDay)
	if err == nil {
		t.Error("an empty database passes")
	}
	p.has(lines, "FAIL  procedures", "portal import starter")

	p.must("import", "starter")
	lines, err = p.inspected(checkDay)
	if err == nil {
		t.Error("agencies without a one-stop system pass")
	}
	p.has(lines, "FAIL  agencies ", "portal onestop serve CODE --agencies H42.")

	p.serveAll()
	lines, err = p.inspected(checkDay)
	if err != nil || strings.Contains(lines, "FAIL") {
		t.Errorf("%v\n%s", err, lines)
	}
	p.has(lines, "ok    vault", "ok    signatures", "ok    database", "ok    keys", "ok    files",
		"ok    agencies", "ok    procedure", "ok    redis", "ok    identity provider",
		"ok    way to the login",
		"ok    way of the logout", "ok    payment provider", "ok    way to the payment", "ok    mail server")

	// The starter's calendars end with 2027.
	lines, err = p.inspected(workday.Date{Year: 2027, Month: time.December, Day: 20})
	if err == nil {
		t.Error("a calendar that ends passes")
	}
	p.has(lines, "FAIL  calendar", "holidays of the next year")
}

func TestCheckWhenEverythingIsAway(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/nothing"
	p.env["VAULT_KEK_FILE"] += "-absent"
	p.env["STRIPE_SECRET_KEY"], p.env["STRIPE_API_BASE"] = "sk_test_1", "http://127.0.0.1:1"
	p.env["SMTP_ADDR"] = "127.0.0.1:1"
	lines, err := p.inspected(checkDay)
	if err == nil {
		t.Error("passes")
	}
	p.has(lines, "FAIL  vault", "ok    signatures", "FAIL  database", "FAIL  redis",
		"FAIL  identity provider", "FAIL  payment provider", "FAIL  mail server")
}

// TestCheckByHand: the whole command, which says every fault of the configuration and ends with a failure.
func TestCheckByHand(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	delete(p.env, "OIDC_CLIENT_ID")
	p.env["PUBLIC_URL"] = "dichvucong"
	out, err := p.run("check")
	if err == nil {
		t.Error("passes")
	}
	p.has(out, "FAIL  configuration", "OIDC_CLIENT_ID", "FAIL  configuration", "PUBLIC_URL")
}
