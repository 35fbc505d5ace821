package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
)

// town is a province whose fees are paid at a Stripe of its own. Nothing is worked before a test starts a
// worker.
type town struct {
	*desktest.Province
	stripe *demostripe.Server
	sent   *sent
	said   *said
}

func newTown(t *testing.T) town {
	t.Helper()
	const key, secret = "sk_test_worker", "whsec_worker"
	clock := desktest.NewClock()
	s, err := demostripe.Start(t.Context(),
		demostripe.Config{SecretKey: key, WebhookSecret: secret, Now: clock.Now})
	do(t, err)
	t.Cleanup(func() { _ = s.Close() })
	c := checkout.New(checkout.Config{
		SecretKey: key, WebhookSecret: secret, APIBase: s.URL(), Timeout: 10 * time.Second})
	return town{desktest.New(t, desktest.Options{Checkout: c, Clock: clock}), s, &sent{}, &said{}}
}

// sent is a channel in the place of mail that counts.
type sent struct {
	mu    sync.Mutex
	count int
}

func (*sent) Name() string { return notice.MailName }

func (s *sent) Send(context.Context, string, notice.Contact, notice.Content) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	return nil
}

func (s *sent) any() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.count > 0 }

// said is a log that counts its lines by their messages, and by these with their first attributes: "x a=1".
type said struct{ counts sync.Map }

func (*said) Enabled(context.Context, slog.Level) bool { return true }

func (s *said) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	s.add(line)
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		s.add(line)
		return true
	})
	return nil
}

func (s *said) add(line string) {
	count, _ := s.counts.LoadOrStore(line, &atomic.Int64{})
	count.(*atomic.Int64).Add(1)
}

func (s *said) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s *said) WithGroup(string) slog.Handler      { return s }

func (s *said) times(line string) int64 {
	count, ok := s.counts.Load(line)
	if !ok {
		return 0
	}
	return count.(*atomic.Int64).Load()
}

// worker is a worker of the town that has not begun.
func (w town) worker(t *testing.T) *Worker {
	t.Helper()
	log := slog.New(w.said)
	deliverer := onestop.NewDeliverer(onestop.DelivererConfig{DB: w.Pool, Vault: w.Vault, Log: log})
	sender := &notice.Sender{DB: w.Pool, Vault: w.Vault, Lines: []notice.Line{{Channel: w.sent}}, Log: log,
		Now: w.Clock.Now,
		ContactOf: func(context.Context, notice.Notice) (notice.Contact, error) {
			return notice.Contact{Email: "lan@example.vn", Lang: i18n.Vi}, nil
		}}
	sequencer := onestop.NewSequencer(w.Pool, log, deliverer.Ping)
	works, err := New(Config{
		Desk: w.Desk, Pool: w.Pool, Sequencer: sequencer, Deliverer: deliverer, Sender: sender, Log: log})
	do(t, err)
	return works
}

// start runs a worker until stop is called, at the latest until the test ends. Stop gives what Run gave.
func start(t *testing.T, w *Worker) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return stop
}

// bill is a draft of two copies that waits for its payment, 16,000 đồng.
type bill struct {
	who   identity.Who
	draft dossier.DraftID
	quote string
}

// paid is a bill whose payment the portal has not heard of: the payer did not come back.
func (w town) paid(t *testing.T, n int) bill {
	t.Helper()
	b := bill{who: w.Citizen(t, n)}
	b.draft = w.Copies(t, b.who, 2)
	s, err := w.Desk.Submit(t.Context(), b.who, b.draft)
	if err != nil || !s.FeeDue {
		t.Fatalf("%+v, %v", s, err)
	}
	v, err := w.Desk.Draft(t.Context(), b.who, b.draft)
	do(t, err)
	b.quote = v.Quote.ID
	_, err = w.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.Vi)
	do(t, err)
	attempts, err := payments.AttemptsOf(t.Context(), w.Pool, w.Vault, b.quote)
	do(t, err)
	do(t, w.stripe.Pay(*attempts[0].SessionRef))
	return b
}

// heard has the portal hear of the payments, so that their jobs are enqueued.
func (w town) heard(t *testing.T) {
	t.Helper()
	w.Clock.Advance(5 * time.Minute)
	do(t, w.Desk.SweepPayments(t.Context()))
}

func (w town) filed(t *testing.T, b bill) func() bool {
	return func() bool {
		_, err := dossier.FindByDraft(t.Context(), w.Pool, w.Vault, b.draft, b.who.Party)
		if err != nil && !errors.Is(err, dossier.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
}

func (w town) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	do(t, w.Pool.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// until waits for a condition; the deadline is only there for a test that fails.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			t.Fatalf("never: %s", what)
		}
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", t.Name(), err))
	}
}
