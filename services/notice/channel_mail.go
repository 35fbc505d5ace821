package notice

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"

	"github.com/wneessen/go-mail"
)

// TLS says how the connection to the mail server is encrypted.
type TLS string

// The ways.
const (
	startTLS    TLS = "starttls" // the default: refused when the server does not offer it
	implicitTLS TLS = "tls"
	noTLS       TLS = "none" // for a server on the same machine
)

var errMailConfig = errors.New("notice: the mail configuration is not usable")

// MailConfig is how mail leaves.
type MailConfig struct {
	Addr     string // host:port of the SMTP server
	From     string // "Cổng Dịch vụ công <no-reply@example.vn>"
	User     string // "" = no authentication
	Password string
	TLS      TLS          // "" = startTLS
	Site     address.Site // to which the links in mails lead
}

// Mail is the channel of mails, each on a connection of its own.
type Mail struct {
	from   *netmail.Address
	domain string
	site   address.Site
	client *mail.Client
}

// NewMail checks the configuration and returns a channel that has connected to nothing yet.
func NewMail(c MailConfig) (*Mail, error) {
	host, portText, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w: address: %w", errMailConfig, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("%w: port: %w", errMailConfig, err)
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("%w: sender: %w", errMailConfig, err)
	}
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(usualTimeout), mail.WithHELO(domain)}
	switch c.TLS {
	case startTLS, "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case implicitTLS:
		options = append(options, mail.WithSSL())
	case noTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("%w: TLS %q", errMailConfig, c.TLS)
	}
	if c.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.User),
			mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMailConfig, err)
	}
	return &Mail{from: from, domain: domain, site: c.Site, client: client}, nil
}

// MailName is what the ledger calls mail.
const MailName = "mail"

// Name is MailName.
func (m *Mail) Name() string { return MailName }

// Send sends one plain text, whose Message-ID is made of id.
func (m *Mail) Send(ctx context.Context, id string, to Contact, c Content) error {
	if to.Email == "" {
		return ErrNoAddress
	}
	recipient, err := netmail.ParseAddress(to.Email)
	if err != nil {
		return ErrRefused
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(m.from.Name, m.from.Address); err != nil {
		return fmt.Errorf("%w: sender: %w", errMailConfig, err)
	}
	if err := msg.To(recipient.Address); err != nil {
		return ErrRefused
	}
	msg.Subject(c.Title)
	msg.SetDate()
	msg.SetMessageIDWithValue(id + "@" + m.domain)
	// So that no out-of-office robot answers (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, m.letter(c, to.Lang))
	connection, err := m.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return withoutAddress(err)
	}
	err = m.client.SendWithSMTPClient(connection, msg)
	// A server that took the mail and hangs up without a word has it all the same.
	_ = m.client.CloseWithSMTPClient(connection)
	return withoutAddress(err)
}

// letter is the plain text of a mail, with the link.
func (m *Mail) letter(c Content, l i18n.Lang) string {
	parts := []string{i18n.T(l, "notice.greeting"), c.Body}
	if len(c.Facts) > 0 {
		parts = append(parts, strings.Join(c.Facts, "\n"))
	}
	parts = append(parts, i18n.T(l, "notice.link")+"\n"+m.site.URL(c.Path), i18n.T(l, "notice.foot"))
	return strings.Join(parts, "\n\n") + "\n"
}

// Check proves within 15 seconds that the mail server takes a connection as configured, TLS and
// authentication included. It sends nothing.
func (m *Mail) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, usualTimeout)
	defer cancel()
	connection, err := m.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("notice: connect to the mail server: %w", err)
	}
	if err := m.client.CloseWithSMTPClient(connection); err != nil {
		return fmt.Errorf("notice: leave the mail server: %w", err)
	}
	return nil
}

// withoutAddress reduces a failure to what may be stored and logged, because servers repeat the address in
// their replies. A server that answers by 5xx to this recipient or this mail will not take it later either
// (RFC 5321, section 4.2.1); to all else, such as a connection that broke, it may.
func withoutAddress(err error) error {
	if err == nil {
		return nil
	}
	if refused := (*mail.SendError)(nil); errors.As(err, &refused) {
		code := refused.ErrorCode()
		said := fmt.Sprintf("notice: the mail server refused: %s, code %d", refused.Reason, code)
		switch {
		case code < 500:
			return errors.New(said)
		case slices.Contains(ofTheMail, refused.Reason):
			return fmt.Errorf("%w: %s", ErrRefused, said)
		}
		return fmt.Errorf("%w: %s", ErrUnusable, said)
	}
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("notice: the mail server did not answer in time")
	}
	if answer := (*textproto.Error)(nil); errors.As(err, &answer) { // to the greeting, or to our login
		if answer.Code < 500 {
			return fmt.Errorf("notice: the mail server does not take us now, code %d", answer.Code)
		}
		return fmt.Errorf("%w: the mail server does not take us, code %d", ErrUnusable, answer.Code)
	}
	if failed := (*net.OpError)(nil); errors.As(err, &failed) {
		if alert := tls.AlertError(0); errors.As(failed.Err, &alert) {
			return fmt.Errorf("%w: TLS: %w", ErrUnusable, alert)
		}
		return fmt.Errorf("notice: the mail server cannot be reached: %w", failed.Err)
	}
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return fmt.Errorf("%w: TLS: the certificate of the mail server is not trusted", ErrUnusable)
	}
	if plain := (tls.RecordHeaderError{}); errors.As(err, &plain) {
		return fmt.Errorf("%w: TLS: the mail server speaks none at this port", ErrUnusable)
	}
	if errors.Is(err, io.EOF) {
		return errors.New("notice: the mail server ended the connection")
	}
	return fmt.Errorf("%w: the mail server offers no TLS, or no login that is known here", ErrUnusable)
}

// ofTheMail are the steps at which a server judges the recipient and the mail, and not us.
var ofTheMail = []mail.SendErrReason{mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose,
	mail.ErrWriteContent}
