package portal_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/portal/address"
	"congdvc/services/dossier"
)

// alarms are what a site's desk told its operator.
type alarms struct {
	mu  sync.Mutex
	all []checkout.Odd
}

func (s *site) alarms() *alarms {
	a := &alarms{}
	s.Desk.PaymentAlarm = func(_ context.Context, o *checkout.Odd) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.all = append(a.all, *o)
	}
	return a
}

// taken are the reasons since the last call.
func (a *alarms) taken() (whys []checkout.Why) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range a.all {
		whys = append(whys, o.Why)
	}
	a.all = nil
	return whys
}

// paying is a person's draft with an open payment page.
type paying struct {
	*browser
	id      dossier.DraftID
	token   url.Values
	hosted  page
	attempt payments.Attempt
}

func (s *site) paying(t *testing.T) paying {
	t.Helper()
	b := s.person(t, "Nguyễn Thị Lan")
	id := dossier.DraftID(draftOf(b.ready("3")))
	token := url.Values{"csrf": {b.get(address.DraftReview("vi", id)).token(t)}}
	b.post(address.DraftSubmit("vi", id), token)
	p := paying{browser: b, id: id, token: token, hosted: b.post(address.DraftFee("vi", id), token)}
	var quote string
	must(t, s.Pool.QueryRow(t.Context(), `select id::text from payment_quote where draft_id = $1`,
		id).Scan(&quote))
	attempts, err := payments.AttemptsOf(t.Context(), s.Pool, s.Vault, quote)
	must(t, err)
	p.attempt = attempts[0]
	return p
}

// hook sends a body as Stripe does; the answer has no page.
func (s *site) hook(t *testing.T, body []byte, signature string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+address.StripeWebhook(),
		strings.NewReader(string(body)))
	must(t, err)
	r.Header.Set("Stripe-Signature", signature)
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	must(t, answer.Body.Close())
	return answer.StatusCode
}

// TestSenselessWebhooks: what is signed and makes no sense is taken, so that Stripe stops, and an alarm is
// raised; nothing is filed or given back by it, and the true payment counts afterwards.
func TestSenselessWebhooks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.alarms()
	p := s.paying(t)
	now := time.Now().Unix()
	session := func(changes map[string]any) map[string]any {
		o := map[string]any{"id": *p.attempt.SessionRef, "object": "checkout.session", "status": "complete",
			"client_reference_id": p.attempt.ID, "payment_status": "paid", "amount_total": 24_000,
			"currency": "vnd", "payment_intent": "pi_forged"}
		for k, v := range changes {
			o[k] = v
		}
		return o
	}
	given := map[string]any{"id": "re_forged", "object": "refund", "amount": 99_000, "currency": "vnd",
		"created": now, "status": "succeeded", "metadata": map[string]any{"attempt": p.attempt.ID}}
	event := func(kind string, about any, changes map[string]any) []byte {
		e := map[string]any{"id": "evt_1", "object": "event", "api_version": checkout.APIVersion,
			"created": now, "livemode": false, "type": kind, "data": map[string]any{"object": about}}
		for k, v := range changes {
			e[k] = v
		}
		body, err := json.Marshal(e)
		must(t, err)
		return body
	}
	const completed = "checkout.session.completed"
	for name, tt := range map[string]struct {
		body []byte
		why  checkout.Why
	}{
		"no event":         {[]byte(`[1, 2]`), checkout.Unreadable},
		"a type of no use": {event("customer.created", session(nil), nil), checkout.OtherType},
		"nothing in it":    {event(completed, nil, nil), checkout.Unreadable},
		"another version": {event(completed, session(nil),
			map[string]any{"api_version": "2025-01-27.acacia"}), checkout.OtherVersion},
		"real money": {event(completed, session(nil), map[string]any{"livemode": true}), checkout.OtherMode},
		"dollars": {event(completed, session(map[string]any{"currency": "usd"}), nil),
			checkout.OtherCurrency},
		"too little": {event(completed, session(map[string]any{"amount_total": 1}), nil),
			checkout.OtherAmount},
		"too much": {event(completed, session(map[string]any{"amount_total": 90_000}), nil),
			checkout.OtherAmount},
		"before it was asked for": {event(completed, session(nil), map[string]any{"created": 1_000_000}),
			checkout.OtherTime},
		"in a year": {event(completed, session(nil), map[string]any{"created": now + 365*86400}),
			checkout.OtherTime},
		"an attempt of nobody": {event(completed, session(map[string]any{
			"client_reference_id": "01936f2e-7d0a-7000-8000-000000000001"}), nil), checkout.Unknown},
		"an attempt that is none": {event(completed, session(map[string]any{
			"client_reference_id": "x' or 1=1\x00"}), nil), checkout.Unknown},
		"more given back than was paid": {event("refund.updated", given, nil), checkout.OtherAmount},
		"a dispute": {event("charge.dispute.created", map[string]any{"id": "dp_1", "object": "dispute"}, nil),
			checkout.Disputed},
	} {
		status := s.hook(t, tt.body, s.Stripe.Sign(tt.body))
		if got := a.taken(); status != http.StatusNoContent || !slices.Equal(got, []checkout.Why{tt.why}) {
			t.Errorf("%s: %d, alarms %v; want %s", name, status, got, tt.why)
		}
		if status := s.hook(t, tt.body, "t=1,v1=00"); status != http.StatusBadRequest {
			t.Errorf("%s, unsigned: %d", name, status)
		}
	}
	forged := s.Stripe.Sign(event(completed, session(nil), nil))
	if status := s.hook(t, event(completed, session(nil), map[string]any{"id": "evt_2"}),
		forged); status != http.StatusBadRequest || len(a.taken()) > 0 {
		t.Errorf("under the signature of another body: %d", status)
	}
	var facts, refunds, dossiers int
	must(t, s.Pool.QueryRow(t.Context(), `select (select count(*) from payment_fact where kind <> 'opened'),
		(select count(*) from payment_refund), (select count(*) from dossier)`).Scan(&facts, &refunds, &dossiers))
	if facts+refunds+dossiers > 0 {
		t.Errorf("%d facts, %d refunds, %d dossiers", facts, refunds, dossiers)
	}
	p.pay(p.hosted)
	p.waitFor(address.PaymentReturn("vi", p.id), "/da-nop")
	if got := a.taken(); len(got) > 0 {
		t.Errorf("the true payment: alarms %v", got)
	}
}

// waitFor looks at a page until it leads to one whose path ends so.
func (b *browser) waitFor(path, end string) page {
	b.t.Helper()
	p := b.get(path)
	for deadline := time.Now().Add(time.Minute); !strings.HasSuffix(p.path, end) &&
		time.Now().Before(deadline); p = b.get(path) {
		time.Sleep(50 * time.Millisecond)
	}
	if !strings.HasSuffix(p.path, end) {
		b.t.Fatalf("%s leads to %s: %s", path, p.path, p.body)
	}
	return p
}

// TestWebhookWhileOurDatabaseFails: a failure of ours is one, so that Stripe sends the event again.
func TestWebhookWhileOurDatabaseFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.alarms()
	p := s.paying(t)
	s.Stripe.DropWebhooks()
	must(t, s.Stripe.Pay(*p.attempt.SessionRef))
	events := s.Stripe.Events()
	paid := events[len(events)-1]
	rename := func(from, to string) {
		_, err := s.Pool.Exec(t.Context(), `alter table `+from+` rename to `+to)
		must(t, err)
	}
	rename("payment_fact", "away")
	if status := s.hook(t, paid.Body, s.Stripe.Sign(paid.Body)); status < 500 {
		t.Errorf("while the database fails: %d", status)
	}
	rename("away", "payment_fact")
	for range 2 {
		if status := s.hook(t, paid.Body, s.Stripe.Sign(paid.Body)); status != http.StatusNoContent {
			t.Errorf("sent again: %d", status)
		}
	}
	p.waitFor(address.PaymentReturn("vi", p.id), "/da-nop")
	if got := a.taken(); len(got) > 0 {
		t.Errorf("alarms %v", got)
	}
}

// TestPagesWhileStripeIsAway: nobody waits for Stripe without end. To pay is 503 with a time to try again,
// and says that nothing was charged; to edit leaves all as it was; who comes back is told that the payment is
// being checked. When Stripe is back, all goes on.
func TestPagesWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*site){
		"hung":        func(s *site) { s.Stripe.Hang() },
		"down":        func(s *site) { s.Stripe.GoDown() },
		"broken":      func(s *site) { s.Stripe.Fail(http.StatusInternalServerError) },
		"too many":    func(s *site) { s.Stripe.Fail(http.StatusTooManyRequests) },
		"key refused": func(s *site) { s.Stripe.Fail(http.StatusUnauthorized) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.Desk.ProviderTime = time.Second
			b := s.person(t, "Nguyễn Thị Lan")
			id := dossier.DraftID(draftOf(b.ready("3")))
			token := url.Values{"csrf": {b.get(address.DraftReview("vi", id)).token(t)}}
			b.post(address.DraftSubmit("vi", id), token)
			trouble(s) // until ComeBack: an answer before that did not wait for Stripe's
			pay := b.post(address.DraftFee("vi", id), token)
			checkPage(t, s, pay)
			if pay.StatusCode != http.StatusServiceUnavailable || pay.Header.Get("Retry-After") == "" ||
				!strings.Contains(pay.body, "chưa có khoản tiền nào bị trừ") ||
				!strings.Contains(pay.body, "vẫn được giữ nguyên") {
				t.Errorf("to pay: %d %q %s", pay.StatusCode, pay.Header.Get("Retry-After"), pay.body)
			}
			s.Stripe.ComeBack()
			hosted := b.post(address.DraftFee("vi", id), token)
			if !strings.HasPrefix(hosted.Request.URL.String(), s.Stripe.URL()) {
				t.Fatalf("to pay when Stripe is back leads to %s", hosted.Request.URL)
			}
			s.Stripe.DropWebhooks()
			trouble(s)
			edit := b.post(address.DraftEdit("vi", id), token)
			checkPage(t, s, edit)
			if edit.StatusCode != http.StatusServiceUnavailable || edit.Header.Get("Retry-After") == "" ||
				!strings.Contains(edit.body, "Chưa mở lại được hồ sơ để sửa") {
				t.Errorf("to edit: %d %s", edit.StatusCode, edit.body)
			}
			b.pay(hosted)
			back := b.get(address.PaymentReturn("vi", id))
			checkPage(t, s, back)
			if back.StatusCode != http.StatusOK ||
				!strings.Contains(back.body, "Khoản thanh toán đang được kiểm tra") {
				t.Errorf("coming back: %d %s", back.StatusCode, back.body)
			}
			s.Stripe.ComeBack()
			b.waitFor(address.PaymentReturn("vi", id), "/da-nop")
		})
	}
}
