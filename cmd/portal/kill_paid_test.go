package main

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"congdvc/portal/address"
)

// bill is a draft that waits for its payment on the provider's page.
type bill struct {
	*entry
	session string // the provider's name for that page
}

const dossiers = `select count(*) from dossier`

// bill prepares a draft of three copies, 24,000 đồng, and opens its payment page.
func (s *site) bill() bill {
	s.Helper()
	v := s.visit(s.idp.People()[0])
	b := bill{entry: &entry{visitor: v, draft: s.rooms.Copies(s, v.who, 3)}}
	form, fee := url.Values{"csrf": {v.token}}, address.DraftFee("vi", b.draft)
	answer, body := v.post(s.url+address.DraftSubmit("vi", b.draft), form)
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther ||
		!strings.HasSuffix(to, fee) {
		s.Fatalf("submitting leads to %q: %s", to, body)
	}
	_, body = v.post(s.url+fee, form)
	to := ledTo(body)
	if !strings.HasPrefix(to, s.stripe.URL()) {
		s.Fatalf("paying leads to %q: %s", to, body)
	}
	b.session = path.Base(to)
	return b
}

// filed checks that a bill became one dossier with one receipt, and shows its payer the confirmation.
func (s *site) filed(b bill) {
	s.Helper()
	answer, body := b.visitor.get(s.url + address.PaymentReturn("vi", b.draft))
	code, err := acknowledged(answer, body)
	s.ok(err)
	b.code = code
	s.kept([]*entry{b.entry})
	s.arrived([]*entry{b.entry})
	for what, sql := range map[string]string{
		"receipts":      `select count(*) from receipt`,
		"payments":      `select count(*) from payment_fact where kind = 'paid'`,
		"paid dossiers": `select count(*) from dossier where payment_status = 'paid'`,
		"events with a " +
			"receipt": `select count(*) from event where type = 'dossier.submitted' and data->'fee'->>'receipt' <> ''`,
	} {
		if n := s.count(s.Context(), sql); n != 1 {
			s.Errorf("%d %s", n, what)
		}
	}
}

// passJobs makes a dead portal's jobs and its leadership four minutes older. The next portal takes over jobs
// that have been running for three minutes.
func (s *site) passJobs() {
	s.Helper()
	for _, sql := range []string{
		`update river_job set attempted_at = attempted_at - interval '4 minutes' where state = 'running'`,
		`update river_leader set expires_at = expires_at - interval '4 minutes'`,
	} {
		_, err := s.pool.Exec(s.Context(), sql)
		s.ok(err)
	}
}

// TestPaidWhileDead has somebody pay while the portal is dead: what the provider repeats until it is heard
// submits the draft, and what it repeats after that changes nothing.
func TestPaidWhileDead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.bill()
	s.kill()
	s.ok(s.stripe.Pay(b.session))
	s.until("the provider says in vain that it was paid", func() bool {
		for _, e := range s.stripe.Events() {
			if e.Type == "checkout.session.completed" {
				return e.Attempts > 1
			}
		}
		return false
	})
	s.start()
	s.until("the payment submits the draft", func() bool { return s.count(t.Context(), dossiers) == 1 })
	s.ok(s.stripe.Resend())
	s.kill()
	s.passJobs()
	s.start()
	s.ready()
	s.ok(s.stripe.Resend())
	const jobs = `select count(*) from river_job where kind = 'submit_paid' and finalized_at is null`
	s.until("nothing is left to do", func() bool { return s.count(t.Context(), jobs) == 0 })
	s.filed(b)
}

// TestKilledWhileFiling kills the portal while it turns a payment into a dossier: the next life does so.
func TestKilledWhileFiling(t *testing.T) {
	t.Parallel()
	const running = `select count(*) from river_job where kind = 'submit_paid' and state = 'running'`
	s := newSite(t)
	b := s.bill()
	// The job cannot go on before it has drawn the code of the dossier.
	tx, err := s.pool.Begin(t.Context())
	s.ok(err)
	_, err = tx.Exec(t.Context(), `lock table code_counter in exclusive mode`)
	s.ok(err)
	s.ok(s.stripe.Pay(b.session))
	s.until("the payment is worked on", func() bool { return s.count(t.Context(), running) == 1 })
	s.kill()
	s.ok(tx.Rollback(t.Context()))
	if s.count(t.Context(), running) != 1 || s.count(t.Context(), dossiers) != 0 {
		t.Fatal("the job was not broken off")
	}
	s.passJobs()
	s.start()
	s.until("the next life submits the draft", func() bool { return s.count(t.Context(), dossiers) == 1 })
	s.filed(b)
}
