// Package portal is the HTML front door: the pages that citizens and businesses see. A handler parses, calls
// the desk or a read function, and answers; it holds no SQL and no rule of status.
package portal

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"congdvc/i18n"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/throttle"
	"congdvc/services/vault"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config is what the pages need. Every field is required unless it says otherwise.
type Config struct {
	Desk *desk.Desk
	// Checkout verifies webhooks; nil when nothing can be paid online.
	Checkout *checkout.Checkout
	Pool     *pgxpool.Pool
	// Vault opens what the pages render for download, such as slips.
	Vault    *vault.Vault
	Sessions *session.Sessions
	// SessionLife is how long the session's cookie lives.
	SessionLife time.Duration
	OIDC        *oidc.Client
	Limiter     *throttle.Limiter
	Site        address.Site
	// Province is the name in the masthead.
	Province i18n.Text
	// Hotline is the telephone number in the footer; empty leaves it out.
	Hotline string
	// Secure marks cookies Secure: true wherever the site is reached over TLS.
	Secure bool
	// ProxyHeader names the header in which the trusted proxies before the portal give the visitor's address,
	// alone or in a list; empty when there is no proxy.
	ProxyHeader string
	// SecurityContacts are addresses to which security holes are reported, such as "mailto:a@b.vn"; none
	// leaves security.txt out.
	SecurityContacts []string
	// ProxyHops is how many trusted proxies add to that header; less than 1 is 1.
	ProxyHops int
	// Pace is the least at which bodies have to move; zero is transfer.Usual.
	Pace transfer.Pace
	// Budget bounds the bodies that lie in memory at once; nil takes intake.DefaultBudget bytes.
	Budget *intake.Budget
	// Draining reports whether the program is about to end: every answer is then the last of its connection.
	// nil is never.
	Draining func() bool
	Now      func() time.Time
	Log      *slog.Logger
}

// Portal answers the pages.
type Portal struct {
	Config
	pages    pages
	kept     keptPages
	sitemaps keptSitemaps
	// warnOfProxy keeps the log quiet after the first request whose address cannot be read.
	warnOfProxy sync.Once
}

// Mount adds another front door on the same address, such as the REST interface of the one-stop systems.
type Mount func(app *fiber.App)

// New makes the server of the portal with all its routes. It fails when a template does not parse or a route
// contradicts itself.
func New(c Config, mounts ...Mount) (*fiber.App, error) {
	p := &Portal{Config: c}
	if p.Budget == nil {
		p.Budget = intake.NewBudget(intake.DefaultBudget)
	}
	var err error
	if p.pages, err = parsePages(); err != nil {
		return nil, fmt.Errorf("portal: templates: %w", err)
	}
	app := fiber.New(fiber.Config{
		AppName:           "CongDVC",
		Immutable:         true,
		StreamRequestBody: true,
		// Otherwise uploaded files would be written in clear to a temporary folder.
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		ReadBufferSize:               headBytes,
		// These bound the head of a request and a short answer; longer bodies have deadlines of their own.
		ReadTimeout:  transfer.Head,
		WriteTimeout: transfer.Usual.Window,
		IdleTimeout:  transfer.Idle,
		ErrorHandler: p.handleError,
	})
	answerEveryMethod(app)
	p.guardRequests(app)
	app.Use(transfer.Paced(c.Pace), p.identify, p.recoverPanic, p.securityHeaders, refuseHead)
	for _, mount := range mounts {
		mount(app)
	}
	if err := p.register(app); err != nil {
		return nil, err
	}
	return app, nil
}
