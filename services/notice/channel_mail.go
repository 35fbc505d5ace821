package notice

import (
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// TLS says how the connection to the mail server is kept from others.
type TLS string

// The ways.
const (
	StartTLS    TLS = "starttls" // the default: refused when the server does not offer it
	ImplicitTLS TLS = "tls"
	NoTLS       TLS = "none" // for a server on the same machine
)

const sendTimeout = 15 * time.Second

var (
	// errRecipient means that this address will never take the mail.
	errRecipient = errors.New("notice: the address cannot be mailed to")
	errMailer    = errors.New("notice: the mail configuration is not usable")
)

// MailConfig is how mail leaves.
type MailConfig struct {
	Addr     string // host:port of the SMTP server
	From     string // "Cổng Dịch vụ công <no-reply@example.vn>"
	User     string // "" = no authentication
	Password string
	TLS      TLS // "" = StartTLS
}

// Mailer sends mails, each on a connection of its own.
type Mailer struct {
	from   *netmail.Address
	domain string
	client *mail.Client
}

// NewMailer checks the configuration and returns a mailer that has connected to nothing yet.
func NewMailer(c MailConfig) (*Mailer, error) {
	host, portText, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w: address: %w", errMailer, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("%w: port: %w", errMailer, err)
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("%w: sender: %w", errMailer, err)
	}
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(sendTimeout), mail.WithHELO(domain)}
	switch c.TLS {
	case StartTLS, "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case ImplicitTLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, fmt.Errorf("%w: TLS %q", errMailer, c.TLS)
	}
	if c.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.User), mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMailer, err)
	}
	return &Mailer{from: from, domain: domain, client: client}, nil
}

// Send sends one plain text to one address, within 15 seconds. id names the mail for ever, so that a mail that was
// sent twice can be known by its Message-ID. The error tells neither the address nor the text.
func (m *Mailer) Send(ctx context.Context, id, to, subject, body string) error {
	recipient, err := netmail.ParseAddress(to)
	if err != nil {
		return errRecipient
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(m.from.Name, m.from.Address); err != nil {
		return fmt.Errorf("%w: sender: %w", errMailer, err)
	}
	if err := msg.To(recipient.Address); err != nil {
		return errRecipient
	}
	msg.Subject(subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(id + "@" + m.domain)
	// So that no out-of-office robot answers (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, body)
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return withoutAddress(m.client.DialAndSendWithContext(ctx, msg))
}

// Check proves within 15 seconds that the mail server takes a connection as configured, TLS and authentication
// included. It sends nothing.
func (m *Mailer) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
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

// withoutAddress keeps what may be written down of a failure: servers repeat the address in what they say.
func withoutAddress(err error) error {
	if err == nil {
		return nil
	}
	var refused *mail.SendError
	if errors.As(err, &refused) {
		if refused.Reason == mail.ErrSMTPRcptTo && !refused.IsTemp() {
			return errRecipient
		}
		return fmt.Errorf("notice: the mail server refused: %s, code %d", refused.Reason, refused.ErrorCode())
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("notice: the mail server did not answer in time")
	}
	if failed := (*net.OpError)(nil); errors.As(err, &failed) {
		return fmt.Errorf("notice: the mail server cannot be reached: %w", failed.Err)
	}
	return errors.New("notice: the mail server did not take the connection")
}
