package checkout_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/services/dong"
)

const (
	secretKey     = "sk_test_demo"
	webhookSecret = "whsec_demo"
	attempt       = "01936f2e-7d0a-7000-8000-000000000001"
)

// start runs a Stripe of the test's own. Its events are not sent: tests take them from Events and deliver
// them as they like.
func start(t *testing.T) (*demostripe.Server, *checkout.Checkout) {
	t.Helper()
	s, err := demostripe.Start(t.Context(), demostripe.Config{SecretKey: secretKey,
		WebhookSecret: webhookSecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, checkout.New(checkout.Config{SecretKey: secretKey, WebhookSecret: webhookSecret,
		APIBase: s.URL(), Timeout: 5 * time.Second})
}

func opening(amounts ...dong.Amount) checkout.Opening {
	o := checkout.Opening{Attempt: attempt, Reference: "Cổng Dịch vụ công · 1.001193", Lang: i18n.Vi,
		ReturnURL: "http://portal.example/ve", CancelURL: "http://portal.example/le-phi",
		ExpiresAt: time.Now().Add(time.Hour)}
	for _, amount := range amounts {
		o.Lines = append(o.Lines,
			payments.Line{Name: i18n.Text{Vi: "Lệ phí hộ tịch", En: "Civil status charge"},
				Kind: payments.KindLePhi, Unit: 10_000, Quantity: 2, Amount: amount})
	}
	return o
}

func open(t *testing.T, c *checkout.Checkout, amounts ...dong.Amount) checkout.Session {
	t.Helper()
	session, err := c.Open(t.Context(), opening(amounts...))
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func parseAll(t *testing.T, s *demostripe.Server, c *checkout.Checkout) []payments.Fact {
	t.Helper()
	var all []payments.Fact
	for _, e := range s.Events() {
		facts, err := c.Parse(t.Context(), e.Body, e.Signature)
		if err != nil {
			t.Fatalf("%s: %v", e.Type, err)
		}
		all = append(all, facts...)
	}
	return all
}

func lookup(t *testing.T, c *checkout.Checkout, ref string) []payments.Fact {
	t.Helper()
	facts, err := c.Lookup(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func ids(facts []payments.Fact) string {
	var all []string
	for _, f := range facts {
		all = append(all, f.ID)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	do(t, c.Check(t.Context()))
	o := opening(15_000, 0, 5_000)
	session, err := c.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Open(t.Context(), o); err != nil || again != session {
		t.Fatalf("opened again: %+v %v, want %+v", again, err, session)
	}
	if session.ExpiresAt.Unix() != o.ExpiresAt.Unix() {
		t.Errorf("expires at %v, want %v", session.ExpiresAt, o.ExpiresAt)
	}
	page := get(t, session.URL)
	for _, want := range []string{"20.000\u00a0₫", "Lệ phí hộ tịch × 2", "1.001193"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	facts := lookup(t, c, session.Ref)
	if len(facts) != 1 || facts[0].Kind != payments.FactOpened || facts[0].Attempt != attempt ||
		facts[0].ID != payments.OpenedFactID(session.Ref) {
		t.Errorf("facts of an open session: %+v", facts)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	english := opening(50_000)
	open(t, c, 50_000)
	english.Lang = i18n.En
	for _, tt := range []struct {
		name    string
		opening checkout.Opening
		want    error
	}{
		{"below Stripe's least", opening(12_999), payments.ErrTooSmall},
		{"nothing at all", opening(), payments.ErrTooSmall},
		{"above eight digits", opening(100_000_000), payments.ErrTooLarge},
	} {
		tt.opening.Attempt += tt.name
		if _, err := c.Open(t.Context(), tt.opening); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := c.Open(t.Context(), english); err == nil || errors.Is(err, checkout.ErrAway) {
		t.Errorf("one attempt opened in two ways: %v", err)
	}
}

// TestWaysCoincide pays, declines and lets expire, and compares what webhooks say with what a lookup says.
func TestWaysCoincide(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		act  func(*demostripe.Server, string) error
		want payments.FactKind
	}{
		{"paid", (*demostripe.Server).Pay, payments.FactPaid},
		{"expired", (*demostripe.Server).Lapse, payments.FactExpired},
		{"declined", (*demostripe.Server).Decline, payments.FactDeclined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			session := open(t, c, 50_000)
			do(t, tt.act(s, session.Ref))
			heard := parseAll(t, s, c)
			asked := slices.DeleteFunc(lookup(t, c, session.Ref), func(f payments.Fact) bool {
				return f.Kind == payments.FactOpened
			})
			if len(heard) != 1 || len(asked) != 1 {
				t.Fatalf("heard %+v, asked %+v", heard, asked)
			}
			h, a := heard[0], asked[0]
			if h.At.Sub(a.At).Abs() > 2*time.Second {
				t.Errorf("heard at %v, asked at %v", h.At, a.At)
			}
			h.At = a.At
			if h != a || h.Kind != tt.want || h.Attempt != attempt {
				t.Errorf("heard %+v, asked %+v", h, a)
			}
			if h.Kind == payments.FactPaid && (h.Amount != 50_000 || h.PaymentRef == "") {
				t.Errorf("paid: %+v", h)
			}
		})
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	ctx := t.Context()
	session := open(t, c, 50_000)
	do(t, s.Pay(session.Ref))
	paid := parseAll(t, s, c)[0]
	ask := checkout.Refund{Attempt: attempt, PaymentRef: paid.PaymentRef, Amount: 20_000, Key: "refund:1"}
	given, err := c.Refund(ctx, ask)
	if err != nil || given.Kind != payments.FactRefunded || given.Amount != 20_000 || given.RefundRef == "" {
		t.Fatalf("refund: %+v %v", given, err)
	}
	if again, err := c.Refund(ctx, ask); err != nil || again != given {
		t.Fatalf("asked again: %+v %v", again, err)
	}
	byHand, err := s.RefundByHand(session.Ref, 30_000)
	do(t, err)
	ask.Key = "refund:2"
	if _, err := c.Refund(ctx, ask); !errors.Is(err, checkout.ErrAlreadyRefunded) {
		t.Errorf("refund of what is gone: %v", err)
	}
	want := ids([]payments.Fact{paid, given, {ID: byHand + ":refunded"}})
	if got := ids(parseAll(t, s, c)); got != want {
		t.Errorf("webhooks say %s, want %s", got, want)
	}
	if got := ids(lookup(t, c, session.Ref)); got != want {
		t.Errorf("a lookup says %s, want %s", got, want)
	}
	if st := payments.Reduce(50_000, parseAll(t, s, c)); st.State != payments.Refunded {
		t.Errorf("standing %+v", st)
	}
	do(t, s.FailRefund(byHand))
	facts := append(parseAll(t, s, c), lookup(t, c, session.Ref)...)
	for n := range facts { // the failure's event names the payment only: the store finds the attempt by it
		facts[n].Attempt = attempt
	}
	if st := payments.Reduce(50_000, facts); st.State != payments.PartRefunded || st.Refunded != 20_000 {
		t.Errorf("after the bank sent 30.000 back: %+v", st)
	}
	if _, err := c.Refund(ctx, checkout.Refund{Attempt: attempt, PaymentRef: "pi_none", Amount: 1,
		Key: "refund:3"}); !errors.Is(err, payments.ErrNotFound) {
		t.Errorf("refund of an unknown payment: %v", err)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	ctx := t.Context()
	session := open(t, c, 50_000)
	do(t, c.Expire(ctx, session.Ref))
	do(t, c.Expire(ctx, session.Ref))
	if facts := lookup(t, c, session.Ref); len(facts) != 1 || facts[0].Kind != payments.FactExpired {
		t.Errorf("ended: %+v", facts)
	}
	o := opening(50_000)
	o.Attempt = "another"
	second, err := c.Open(ctx, o)
	do(t, err)
	do(t, s.Pay(second.Ref))
	if err := c.Expire(ctx, second.Ref); !errors.Is(err, checkout.ErrComplete) {
		t.Errorf("ending a paid session: %v", err)
	}
	if err := c.Expire(ctx, "cs_test_none"); !errors.Is(err, payments.ErrNotFound) {
		t.Errorf("ending an unknown session: %v", err)
	}
	if _, err := c.Lookup(ctx, "cs_test_none"); !errors.Is(err, payments.ErrNotFound) {
		t.Errorf("looking up an unknown session: %v", err)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	session := open(t, c, 50_000)
	do(t, s.Pay(session.Ref))
	e := s.Events()[0]
	other := checkout.New(checkout.Config{SecretKey: secretKey, WebhookSecret: "whsec_other",
		APIBase: s.URL()})
	for name, parse := range map[string]func() ([]payments.Fact, error){
		"another secret": func() ([]payments.Fact, error) {
			return other.Parse(t.Context(), e.Body, e.Signature)
		},
		"no signature": func() ([]payments.Fact, error) { return c.Parse(t.Context(), e.Body, "") },
		"malformed":    func() ([]payments.Fact, error) { return c.Parse(t.Context(), e.Body, "t=x,v1=y") },
		"changed amount": func() ([]payments.Fact, error) {
			return c.Parse(t.Context(), []byte(strings.Replace(string(e.Body), "50000", "90000", 1)),
				e.Signature)
		},
		"an old envelope": func() ([]payments.Fact, error) {
			return c.Parse(t.Context(), e.Body, "t=1700000000,v1="+strings.Repeat("0", 64))
		},
	} {
		if facts, err := parse(); !errors.Is(err, checkout.ErrSignature) || facts != nil {
			t.Errorf("%s: %v %v", name, facts, err)
		}
	}
}

func TestAway(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	session := open(t, c, 50_000)
	s.GoDown()
	gone := checkout.New(checkout.Config{SecretKey: secretKey, APIBase: "http://127.0.0.1:1",
		Timeout: time.Second})
	for name, call := range map[string]func() error{
		"open, down":      func() error { _, err := c.Open(t.Context(), opening(60_000)); return err },
		"lookup, down":    func() error { _, err := c.Lookup(t.Context(), session.Ref); return err },
		"expire, down":    func() error { return c.Expire(t.Context(), session.Ref) },
		"open, no server": func() error { _, err := gone.Open(t.Context(), opening(60_000)); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := call(); !errors.Is(err, checkout.ErrAway) {
				t.Errorf("%v, want ErrAway", err)
			}
		})
	}
}

func TestCheckTellsAWrongKey(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	c := checkout.New(checkout.Config{SecretKey: "sk_test_wrong", APIBase: s.URL()})
	if err := c.Check(t.Context()); err == nil || errors.Is(err, checkout.ErrAway) {
		t.Errorf("check with a wrong key: %v", err)
	}
}

func get(t *testing.T, target string) string {
	t.Helper()
	res, err := http.Get(target)
	do(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	do(t, err)
	return string(body)
}

// TestPlausible refuses what cannot be Stripe's of about now, and lets through all else.
func TestPlausible(t *testing.T) {
	t.Parallel()
	hash, now := strings.Repeat("0", 64), time.Now().Unix()
	for signature, want := range map[string]bool{
		fmt.Sprintf("t=%d,v1=%s", now, hash):               true,
		fmt.Sprintf("t=%d,v1=short,v1=%s,v0=x", now, hash): true,
		fmt.Sprintf("t=%d,v1=%s", now-3600, hash):          false,
		fmt.Sprintf("t=%d", now):                           false,
		"v1=" + hash:                                       false,
		"t=today,v1=" + hash:                               false,
		"":                                                 false,
	} {
		if got := checkout.Plausible(signature); got != want {
			t.Errorf("%q: %t", signature, got)
		}
	}
}
