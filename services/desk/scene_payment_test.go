package desk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
	"congdvc/services/desk"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
)

const (
	stripeKey     = "sk_test_desk"
	webhookSecret = "whsec_desk"
)

// town is a province with Stripe. Webhooks arrive when the test delivers them, jobs run when it says so.
type town struct {
	*desktest.Province
	stripe   *demostripe.Server
	checkout *checkout.Checkout
}

func newTown(t testing.TB) town {
	t.Helper()
	clock := desktest.NewClock()
	s, err := demostripe.Start(t.Context(), demostripe.Config{SecretKey: stripeKey,
		WebhookSecret: webhookSecret, Now: clock.Now})
	do(t, err)
	t.Cleanup(func() { _ = s.Close() })
	c := checkout.New(checkout.Config{SecretKey: stripeKey, WebhookSecret: webhookSecret, APIBase: s.URL(),
		Timeout: 10 * time.Second})
	return town{desktest.New(t, desktest.Options{Checkout: c, Clock: clock}), s, c}
}

// townsfolk runs tests side by side in one town. They must not move its clock.
func townsfolk(t *testing.T, tests map[string]func(*testing.T, town)) {
	w := newTown(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, w)
		})
	}
}

// bill is a draft that waits for its payment.
type bill struct {
	town
	who   identity.Who
	draft dossier.DraftID
	quote string
}

// frozen is somebody's complete draft of two copies, 16,000 đồng, submitted and so frozen.
func (w town) frozen(t testing.TB) bill {
	t.Helper()
	who := person(t, w.Province)
	return w.freeze(t, who, w.Copies(t, who, 2))
}

func (w town) freeze(t testing.TB, who identity.Who, id dossier.DraftID) bill {
	t.Helper()
	s, err := w.Desk.Submit(t.Context(), who, id)
	if err != nil || !s.FeeDue || s.Code != "" {
		t.Fatalf("%+v %v", s, err)
	}
	v, err := w.Desk.Draft(t.Context(), who, id)
	do(t, err)
	if v.Draft.State != dossier.Frozen || v.Quote == nil || v.Quote.Total != v.Fee.Total {
		t.Fatalf("%s, quote %+v", v.Draft.State, v.Quote)
	}
	return bill{w, who, id, v.Quote.ID}
}

// open opens the payment page and gives Stripe's id of its session.
func (b bill) open(t testing.TB) (ref string) {
	t.Helper()
	url, err := b.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.Vi)
	do(t, err)
	again, err := b.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.En)
	if err != nil || again != url {
		t.Errorf("opened again: %q %v, want %q", again, err, url)
	}
	attempts, err := payments.AttemptsOf(t.Context(), b.Pool, b.Vault, b.quote)
	do(t, err)
	last := attempts[len(attempts)-1]
	if *last.SessionURL != url || !strings.HasPrefix(url, b.stripe.URL()) {
		t.Errorf("the page is at %q", url)
	}
	return *last.SessionRef
}

func (b bill) pay(t testing.TB) (ref string) {
	t.Helper()
	ref = b.open(t)
	do(t, b.stripe.Pay(ref))
	return ref
}

// webhook delivers what Stripe says about a payment page, from the first event on.
func (b bill) webhook(t testing.TB, ref string) {
	t.Helper()
	found := false
	for _, e := range b.stripe.Events() {
		if !b.about(t, e, ref) {
			continue
		}
		found = true
		b.post(t, e.Body)
	}
	if !found {
		t.Fatalf("Stripe says nothing of %s", ref)
	}
}

// about tells whether an event is about a session, its payment or a refund of it.
func (b bill) about(t testing.TB, e demostripe.Event, ref string) bool {
	t.Helper()
	var id string
	do(t, b.Pool.QueryRow(t.Context(), `select id::text from payment_attempt where session_ref = $1`, ref).Scan(&id))
	attempt, err := payments.FindAttempt(t.Context(), b.Pool, b.Vault, id)
	do(t, err)
	if strings.Contains(string(e.Body), attempt.ID) || strings.Contains(string(e.Body), ref) {
		return true
	}
	facts, err := payments.Facts(t.Context(), b.Pool, b.Vault, attempt.Quote)
	do(t, err)
	for _, f := range facts {
		if f.PaymentRef != "" && strings.Contains(string(e.Body), f.PaymentRef) {
			return true
		}
	}
	return false
}

// post is what the webhook's page does, with a signature of the machine's own time: the test's clock stands.
func (b bill) post(t testing.TB, body []byte) {
	t.Helper()
	at := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(at + "." + string(body)))
	facts, err := b.checkout.Parse(t.Context(), body, "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil)))
	do(t, err)
	for _, f := range facts {
		do(t, b.Desk.PaymentFact(t.Context(), f))
	}
}

// back is the payer's browser coming back.
func (b bill) back(t testing.TB) desk.Submission {
	t.Helper()
	s, err := b.Desk.PaymentReturn(t.Context(), b.who, b.draft)
	do(t, err)
	return s
}

const takeJobs = `
delete from river_job where kind in ('submit_paid', 'return_money') and args ->> 'quote' = $1
returning kind, args`

// work runs the jobs of the bill until there are none.
func (b bill) work(t testing.TB) {
	t.Helper()
	for {
		rows, err := b.Pool.Query(t.Context(), takeJobs, b.quote)
		do(t, err)
		done := 0
		var jobs []string
		for rows.Next() {
			var kind string
			var args json.RawMessage
			do(t, rows.Scan(&kind, &args))
			jobs = append(jobs, kind)
		}
		do(t, rows.Err())
		for _, kind := range jobs {
			done++
			if kind == (desk.SubmitPaid{}).Kind() {
				_, err = b.Desk.SubmitPaid(t.Context(), b.quote)
			} else {
				err = b.Desk.ReturnMoney(t.Context(), b.quote)
			}
			if err != nil && !errors.Is(err, checkout.ErrAway) {
				t.Fatal(err)
			}
		}
		if done == 0 {
			return
		}
	}
}

func (b bill) standing(t testing.TB) payments.Standing {
	t.Helper()
	s, err := payments.StandingOf(t.Context(), b.Pool, b.Vault, b.quote)
	do(t, err)
	return s
}

// filed is the dossier that the draft became, once.
func (b bill) filed(t testing.TB) *desk.DossierView {
	t.Helper()
	if n := count(t, b.Province, `select count(*) from dossier where draft_id = $1`, b.draft); n != 1 {
		t.Fatalf("%d dossiers", n)
	}
	h, err := dossier.FindByDraft(t.Context(), b.Pool, b.Vault, b.draft, b.who.Party)
	do(t, err)
	return view(t, b.Province, b.who, h.Code)
}

// editing reports a draft that is not open for editing.
func (b bill) editing(t testing.TB) {
	t.Helper()
	v, err := b.Desk.Draft(t.Context(), b.who, b.draft)
	do(t, err)
	if v.Draft.State != dossier.Editing || v.Draft.Quote != nil {
		t.Errorf("the draft is %s with quote %v", v.Draft.State, v.Draft.Quote)
	}
}
