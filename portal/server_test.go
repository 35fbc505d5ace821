package portal_test

import (
	"bytes"
	"log/slog"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity/demoidp"
	"congdvc/identity/oidc"
	"congdvc/identity/session"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/portal"
	"congdvc/portal/address"
	"congdvc/portal/backoffice"
	"congdvc/portal/intake"
	"congdvc/portal/transfer"
	"congdvc/services/desk/desktest"
	"congdvc/services/throttle"

	"github.com/alicebob/miniredis/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"
)

// site is a portal that listens, with its identity and payment providers.
type site struct {
	*desktest.Province
	T      testing.TB
	URL    string
	App    *fiber.App
	Redis  *miniredis.Miniredis
	Stripe *demostripe.Server
	IDP    *demoidp.Server
	Log    *bytes.Buffer
	idle   atomic.Int64 // by how much the clock of sessions is ahead
	ahead  atomic.Int64 // by how much that of pages is
}

// newSite starts a portal on a loopback address; everything ends with the test. changes are those to its
// identity provider.
func newSite(t testing.TB, changes ...func(*demoidp.Config)) *site {
	t.Helper()
	return newSiteOf(t, portal.Config{}, changes...)
}

// newPacedSite is newSite where bodies have to move at another pace.
func newPacedSite(t testing.TB, pace transfer.Pace) *site {
	t.Helper()
	return newSiteOf(t, portal.Config{Pace: pace})
}

// newSiteWith is newSite with a budget of bodies.
func newSiteWith(t testing.TB, budget *intake.Budget) *site {
	t.Helper()
	return newSiteOf(t, portal.Config{Budget: budget})
}

// newSiteOf is newSite with bounds of another configuration.
func newSiteOf(t testing.TB, bounds portal.Config, changes ...func(*demoidp.Config)) *site {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &site{T: t, URL: "http://" + listener.Addr().String(), Log: &bytes.Buffer{}}
	quiet := slog.New(slog.DiscardHandler)
	provider := demoidp.Config{ClientID: "congdvc", ClientSecret: "secret", Log: quiet,
		RedirectURIs: []string{s.URL + address.OIDCReturn()}, PostLogoutURIs: []string{s.URL + "/"}}
	for _, change := range changes {
		change(&provider)
	}
	s.IDP, err = demoidp.Start(t.Context(), provider)
	must(t, err)
	t.Cleanup(func() { _ = s.IDP.Close() })
	s.Stripe, err = demostripe.Start(t.Context(), demostripe.Config{SecretKey: "sk_test_x",
		WebhookURL: s.URL + address.StripeWebhook(), WebhookSecret: "whsec_test", Log: quiet,
		Pauses: []time.Duration{50 * time.Millisecond}})
	must(t, err)
	t.Cleanup(func() { _ = s.Stripe.Close() })
	pay := checkout.New(checkout.Config{SecretKey: "sk_test_x", WebhookSecret: "whsec_test",
		APIBase: s.Stripe.URL()})
	s.Province = desktest.New(t, desktest.Options{Checkout: pay, Base: s.URL, Real: true})
	s.Redis = miniredis.RunT(t)
	rdb := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{s.Redis.Addr()}, MaxRetries: -1,
		DialerRetries: 1, DialTimeout: 200 * time.Millisecond})
	t.Cleanup(func() { _ = rdb.Close() })
	login := oidc.New(oidc.Config{Issuer: s.IDP.URL(), ClientID: "congdvc", ClientSecret: "secret",
		RedirectURL: s.URL + address.OIDCReturn(), MinAssurance: 2})
	limiter := throttle.New(rdb)
	limiter.Patience = 10 * time.Second // machines that run tests are busy
	app, err := portal.New(portal.Config{
		Desk: s.Desk, Pool: s.Pool, Vault: s.Vault, Checkout: pay,
		Sessions: session.New(session.Config{Redis: rdb, Vault: s.Vault, Soft: 30 * time.Minute,
			Now: func() time.Time {
				return time.Now().Add(time.Duration(s.idle.Load()))
			}}), SessionLife: 12 * time.Hour,
		OIDC: login, Limiter: limiter, Site: address.Site{Base: s.URL},
		Province: i18n.Text{Vi: "Tỉnh Ninh Bình", En: "Ninh Binh Province"}, Hotline: "1900 0000",
		Pace: bounds.Pace, Budget: bounds.Budget,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
		Log: slog.New(slog.NewTextHandler(s.Log, nil)),
	}, backoffice.New(backoffice.Config{Desk: s.Desk, Pool: s.Pool, Limiter: limiter, Budget: bounds.Budget,
		Now: time.Now, Log: quiet}).Mount)
	must(t, err)
	s.App = app
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(2 * time.Second) })
	return s
}

// spend counts attempts as if so many requests had come before.
func (s *site) spend(budget string, attempts int, per time.Duration, key string) {
	s.T.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: s.Redis.Addr()})
	defer rdb.Close()
	limiter := throttle.New(rdb)
	limiter.Patience = 10 * time.Second
	charge := throttle.Charge{Budget: throttle.Budget{Name: budget, Limit: math.MaxInt, Per: per}, Key: key,
		Weight: int64(attempts)}
	must(s.T, limiter.Spend(s.T.Context(), charge))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
