package demostripe_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"congdvc/payments/demostripe"
)

const (
	secretKey     = "sk_test_demo"
	webhookSecret = "whsec_demo"
)

// receiver is a webhook endpoint that refuses the first deliveries and remembers the accepted events.
type receiver struct {
	mu     sync.Mutex
	refuse int
	events []stripe.Event
	faults []error
	got    chan struct{}
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	e, sigErr := webhook.ConstructEvent(body, req.Header.Get("Stripe-Signature"), webhookSecret)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := errors.Join(err, sigErr); err != nil {
		r.faults = append(r.faults, err)
	}
	if r.refuse > 0 {
		r.refuse--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	r.events = append(r.events, e)
	r.got <- struct{}{}
}

func (r *receiver) wait(t *testing.T, n int) []stripe.Event {
	t.Helper()
	for range n {
		select {
		case <-r.got:
		case <-time.After(time.Minute):
			t.Fatal("webhook not delivered")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) > 0 {
		t.Fatalf("webhook: %v", r.faults)
	}
	return r.events
}

func start(t *testing.T, c demostripe.Config) (*demostripe.Server, *receiver, *client.API) {
	t.Helper()
	r := &receiver{got: make(chan struct{}, 100)}
	hook := httptest.NewServer(r)
	t.Cleanup(hook.Close)
	c.SecretKey, c.WebhookSecret, c.WebhookURL = secretKey, webhookSecret, hook.URL
	c.Pauses = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	s, err := demostripe.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, r, clientOf(s, secretKey)
}

func clientOf(s *demostripe.Server, key string) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(s.URL()), MaxNetworkRetries: stripe.Int64(0),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return client.New(key, &stripe.Backends{API: backend})
}

func opening(amount int64) *stripe.CheckoutSessionParams {
	return &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), ClientReferenceID: stripe.String("attempt-1"),
		Locale:     stripe.String("vi"),
		SuccessURL: stripe.String("http://portal.example/ve?s={CHECKOUT_SESSION_ID}"),
		CancelURL:  stripe.String("http://portal.example/huy"),
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Description: stripe.String(
			"Hồ sơ thử"), Metadata: map[string]string{"attempt": "attempt-1"}},
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency: stripe.String("vnd"), UnitAmount: stripe.Int64(amount),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{
					Name: stripe.String("Lệ phí <đăng ký>")},
			}}},
	}
}

func open(t *testing.T, api *client.API, amount int64) *stripe.CheckoutSession {
	t.Helper()
	cs, err := api.CheckoutSessions.New(opening(amount))
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

func TestPayOnThePage(t *testing.T) {
	t.Parallel()
	s, r, api := start(t, demostripe.Config{})
	r.refuse = 2
	s.WebhookFirst()
	cs := open(t, api, 50_000)
	if cs.AmountTotal != 50_000 || cs.Status != "open" || cs.PaymentIntent != nil {
		t.Fatalf("new session: %+v", cs)
	}
	page := get(t, cs.URL)
	for _, want := range []string{`lang="vi"`, "không phải Stripe thật", "50.000\u00a0₫", "Hồ sơ thử",
		"Lệ phí &lt;đăng ký&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "style=") {
		t.Error("page has script or inline style")
	}
	res := post(t, cs.URL, "pay")
	if got, want := res.Header.Get("Location"),
		"http://portal.example/ve?s="+cs.ID; res.StatusCode != http.StatusSeeOther || got != want {
		t.Fatalf("after paying: %d %q, want 303 %q", res.StatusCode, got, want)
	}
	events := r.wait(t, 2) // the second is the deliberate duplicate
	if events[0].ID != events[1].ID || events[0].Type != "checkout.session.completed" {
		t.Fatalf("events: %v %v", events[0].Type, events[1].Type)
	}
	if got := events[0].GetObjectValue("payment_status") +
		events[0].GetObjectValue("client_reference_id"); got != "paidattempt-1" {
		t.Errorf("event says %q", got)
	}
	params := &stripe.CheckoutSessionParams{}
	params.AddExpand("payment_intent.latest_charge")
	now, err := api.CheckoutSessions.Get(cs.ID, params)
	if err != nil {
		t.Fatal(err)
	}
	if now.PaymentStatus != "paid" || now.URL != "" || now.PaymentIntent.LatestCharge.Amount != 50_000 ||
		now.PaymentIntent.LatestCharge.Metadata["attempt"] != "attempt-1" {
		t.Errorf("after paying: %+v", now)
	}
	if again := post(t, cs.URL, "pay"); again.StatusCode != http.StatusOK {
		t.Errorf("paying again answered %d, want the page", again.StatusCode)
	}
}

func TestDeclineCancelExpire(t *testing.T) {
	t.Parallel()
	s, r, api := start(t, demostripe.Config{})
	s.SendOnce()
	cs := open(t, api, 50_000)
	if res := post(t, cs.URL, "decline"); res.StatusCode != http.StatusOK {
		t.Fatalf("decline answered %d", res.StatusCode)
	}
	if e := r.wait(t, 1)[0]; e.Type != "payment_intent.payment_failed" ||
		e.GetObjectValue("metadata", "attempt") != "attempt-1" {
		t.Fatalf("decline sent %s", e.Type)
	}
	if res := post(t, cs.URL, "cancel"); res.Header.Get("Location") != "http://portal.example/huy" {
		t.Fatalf("cancel leads to %q", res.Header.Get("Location"))
	}
	gone, err := api.CheckoutSessions.Expire(cs.ID, nil)
	if err != nil || gone.Status != "expired" {
		t.Fatalf("expire: %v %v", gone, err)
	}
	if e := r.wait(t, 1)[1]; e.Type != "checkout.session.expired" {
		t.Fatalf("expiry sent %s", e.Type)
	}
	if _, err := api.CheckoutSessions.Expire(cs.ID, nil); code(err) != "" || err == nil {
		t.Errorf("expiring twice: %v", err)
	}
	if res := post(t, cs.URL, "pay"); res.StatusCode != http.StatusOK {
		t.Errorf("an expired session was paid: %d", res.StatusCode)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	s, _, api := start(t, demostripe.Config{})
	tooSmall := opening(12_999)
	soon := opening(50_000)
	soon.ExpiresAt = stripe.Int64(time.Now().Add(10 * time.Minute).Unix())
	dollars := opening(50_000)
	dollars.LineItems[0].PriceData.Currency = stripe.String("usd")
	for _, tt := range []struct {
		name   string
		params *stripe.CheckoutSessionParams
		key    string
		code   stripe.ErrorCode
		status int
	}{
		{"amount below the minimum", tooSmall, secretKey, stripe.ErrorCodeAmountTooSmall, 400},
		{"amount above eight digits", opening(100_000_000), secretKey,
			stripe.ErrorCodeParameterInvalidInteger, 400},
		{"life below thirty minutes", soon, secretKey, "", 400},
		{"another currency", dollars, secretKey, "", 400},
		{"wrong key", opening(50_000), "sk_test_wrong", "", 401},
	} {
		_, err := clientOf(s, tt.key).CheckoutSessions.New(tt.params)
		var e *stripe.Error
		if !errors.As(err, &e) || e.HTTPStatusCode != tt.status || e.Code != tt.code {
			t.Errorf("%s: %v, want %d %q", tt.name, err, tt.status, tt.code)
		}
	}
	if _, err := api.CheckoutSessions.Get("cs_test_none", nil); code(err) != stripe.ErrorCodeResourceMissing {
		t.Errorf("unknown session: %v", err)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	_, _, api := start(t, demostripe.Config{})
	same := func(amount int64) (*stripe.CheckoutSession, error) {
		p := opening(amount)
		p.SetIdempotencyKey("attempt-1")
		return api.CheckoutSessions.New(p)
	}
	first, err := same(50_000)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := same(50_000); err != nil || again.ID != first.ID {
		t.Fatalf("same key, same parameters: %v %v", again, err)
	}
	var e *stripe.Error
	if _, err := same(60_000); !errors.As(err, &e) || e.Type != stripe.ErrorTypeIdempotency {
		t.Fatalf("same key, other parameters: %v", err)
	}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	s, r, api := start(t, demostripe.Config{})
	s.SendOnce()
	cs := open(t, api, 50_000)
	if err := s.Pay(cs.ID); err != nil {
		t.Fatal(err)
	}
	pi := r.wait(t, 1)[0].GetObjectValue("payment_intent")
	refund := func(amount int64, key string) (*stripe.Refund, error) {
		p := &stripe.RefundParams{PaymentIntent: stripe.String(pi), Amount: stripe.Int64(amount)}
		p.SetIdempotencyKey(key)
		return api.Refunds.New(p)
	}
	one, err := refund(20_000, "a")
	if err != nil || one.Status != "succeeded" {
		t.Fatalf("refund: %v %v", one, err)
	}
	if again, err := refund(20_000, "a"); err != nil || again.ID != one.ID {
		t.Fatalf("repeated refund: %v %v", again, err)
	}
	if _, err := refund(30_001, "b"); err == nil {
		t.Fatal("more was refunded than was paid")
	}
	if _, err := refund(30_000, "c"); err != nil {
		t.Fatal(err)
	}
	if _, err := refund(1, "d"); code(err) != stripe.ErrorCodeChargeAlreadyRefunded {
		t.Fatalf("refund of nothing left: %v", err)
	}
	events := r.wait(t, 2)
	if e := events[2]; e.Type != "charge.refunded" || e.GetObjectValue("metadata", "attempt") != "attempt-1" {
		t.Fatalf("refund sent %s", e.Type)
	}
	list := api.Refunds.List(&stripe.RefundListParams{PaymentIntent: stripe.String(pi),
		ListParams: stripe.ListParams{Limit: stripe.Int64(1)}})
	n := 0
	for list.Next() {
		n++
	}
	if n != 2 || list.Err() != nil {
		t.Errorf("listed %d refunds, want 2: %v", n, list.Err())
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	s, _, api := start(t, demostripe.Config{})
	s.DropWebhooks()
	var ids []string
	for range 5 {
		ids = append(ids, open(t, api, 50_000).ID)
	}
	if err := s.Pay(ids[2]); err != nil {
		t.Fatal(err)
	}
	p := &stripe.CheckoutSessionListParams{Status: stripe.String("open"),
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: time.Now().Add(-time.Hour).Unix()}}
	p.Limit = stripe.Int64(2)
	var got []string
	all := api.CheckoutSessions.List(p)
	for all.Next() {
		got = append(got, all.CheckoutSession().ID)
	}
	if want := []string{ids[4], ids[3], ids[1], ids[0]}; strings.Join(got, " ") != strings.Join(want, " ") ||
		all.Err() != nil {
		t.Errorf("open sessions %v, want %v (%v)", got, want, all.Err())
	}
}

func TestStateSurvivesRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _, api := start(t, demostripe.Config{Dir: dir})
	s.SendOnce()
	s.SetWebhookURL("http://127.0.0.1:1/gone")
	cs := open(t, api, 50_000)
	s.DelayWebhooks(time.Hour) // still owed when the server stops
	if err := s.Pay(cs.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, r, api := start(t, demostripe.Config{Dir: dir})
	if now, err := api.CheckoutSessions.Get(cs.ID, nil); err != nil || now.PaymentStatus != "paid" {
		t.Fatalf("after restart: %v %v", now, err)
	}
	if e := r.wait(t, 1)[0]; e.Type != "checkout.session.completed" {
		t.Fatalf("after restart %s was delivered", e.Type)
	}
}

func code(err error) stripe.ErrorCode {
	var e *stripe.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func get(t *testing.T, target string) string {
	t.Helper()
	res, err := http.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") ||
		!strings.Contains(csp, "form-action 'self' http://portal.example") {
		t.Errorf("CSP %q", csp)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func post(t *testing.T, target, choice string) *http.Response {
	t.Helper()
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	res, err := c.PostForm(target, url.Values{"choice": {choice}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}
