package demostripe

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// knobs are what a test turns to make trouble. Guarded by Server.mu.
type knobs struct {
	delay time.Duration // before the first delivery of an event
	first bool          // the browser returns after the event was delivered
	drop  bool          // events are lost
	twice bool          // an event that was accepted is delivered once more
	down  int           // the status that the API answers with; 0 = as it should
	hung  chan struct{} // the API answers nothing until it is closed; nil = it answers
	moved bool          // the hosted page forwards to another host
}

// errNoSession says that the session is unknown, or not in a state for what was asked.
var errNoSession = errors.New("demostripe: no such session in that state")

func (s *Server) turn(set func(*knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set(&s.knobs)
}

// DelayWebhooks lets every later event wait before its first delivery.
func (s *Server) DelayWebhooks(d time.Duration) { s.turn(func(k *knobs) { k.delay = d }) }

// WebhookFirst lets the payer's browser return only after the event of the payment was delivered once, or was
// given up.
func (s *Server) WebhookFirst() { s.turn(func(k *knobs) { k.first = true }) }

// DropWebhooks loses every later event for good. Only the return page and the sweeper can learn of a payment.
func (s *Server) DropWebhooks() { s.turn(func(k *knobs) { k.drop = true }) }

// SendOnce ends the repetition of events. Without it every event is delivered once more after it was
// accepted.
func (s *Server) SendOnce() { s.turn(func(k *knobs) { k.twice = false }) }

// GoDown has the API answer 503 to everything until ComeBack. The hosted page still works.
func (s *Server) GoDown() { s.Fail(http.StatusServiceUnavailable) }

// Fail has the API answer everything by an error of that status until ComeBack, such as 429 when a merchant
// asks too much, or 500. The hosted page still works.
func (s *Server) Fail(status int) { s.turn(func(k *knobs) { k.down = status }) }

// Hang has the API take every request and answer none until ComeBack. The hosted page still works.
func (s *Server) Hang() {
	s.turn(func(k *knobs) {
		if k.hung == nil {
			k.hung = make(chan struct{})
		}
	})
}

// ComeBack ends GoDown, Fail and Hang. What was hanging is answered.
func (s *Server) ComeBack() {
	s.turn(func(k *knobs) {
		if k.hung != nil {
			close(k.hung)
		}
		k.down, k.hung = 0, nil
	})
}

// Sign gives the signature under which Stripe would send a body now, for a test that makes events of its own.
func (s *Server) Sign(body []byte) string {
	return sign(s.config.Now(), body, s.config.WebhookSecret)
}

// ForwardPages has the hosted page redirect to the same page under another host name, as a provider with a
// domain of its own for it does.
func (s *Server) ForwardPages() { s.turn(func(k *knobs) { k.moved = true }) }

// SetWebhookURL moves the receiver of later deliveries, for a portal whose address is known only after this
// server started.
func (s *Server) SetWebhookURL(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.WebhookURL = target
}

// Pay does what the payer's click on the hosted page does.
func (s *Server) Pay(ref string) error { return s.act(ref, s.pay) }

// Decline lets the payer's bank refuse the card. The session stays open.
func (s *Server) Decline(ref string) error { return s.act(ref, s.decline) }

// Lapse ends an open session, as if its time had run out.
func (s *Server) Lapse(ref string) error {
	return s.act(ref, func(cs *session) *event {
		if cs.Status != "open" {
			return nil
		}
		cs.ExpiresAt = s.config.Now().Unix()
		return s.expire(cs)
	})
}

func (s *Server) act(ref string, do func(*session) *event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cs, ok := s.book.Sessions[ref]
	if !ok || do(cs) == nil {
		return fmt.Errorf("%w: %s", errNoSession, ref)
	}
	return nil
}

// RefundByHand refunds a paid session as staff of the merchant would on Stripe's own dashboard: the refund
// carries no metadata of ours. The amount is in đồng. It returns the refund's id.
func (s *Server) RefundByHand(ref string, amount int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cs, ok := s.book.Sessions[ref]
	if !ok || cs.PaymentStatus != "paid" {
		return "", fmt.Errorf("%w: %s", errNoSession, ref)
	}
	ch := s.book.Charges[s.book.Intents[cs.Intent].Charge]
	if amount > ch.Amount-ch.Refunded {
		return "", fmt.Errorf("demostripe: only %d left to refund", ch.Amount-ch.Refunded)
	}
	return s.refund(ch, amount, "", map[string]string{}).ID, nil
}

// FailRefund lets the payer's bank send a refund back. Stripe reports that by charge.refund.updated.
func (s *Server) FailRefund(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.book.Refunds {
		if r.ID != id || r.Status == "failed" {
			continue
		}
		r.Status = "failed"
		s.book.Charges[r.Charge].Refunded -= r.Amount
		s.emit("charge.refund.updated", s.renderRefund(r, nil), object{"status": "succeeded"})
		return nil
	}
	return fmt.Errorf("demostripe: no refund %s to fail", id)
}

// Event is one event as it is delivered: body and a fresh signature.
type Event struct {
	ID, Type  string
	Body      []byte
	Signature string
	Attempts  int // deliveries tried, duplicates not counted
}

// Events are all events so far, oldest first, for a test that delivers them in an order of its own.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Event, 0, len(s.book.Events))
	for _, e := range s.book.Events {
		all = append(all, Event{ID: e.ID, Type: e.Type, Body: e.Body, Signature: sign(s.config.Now(), e.Body,
			s.config.WebhookSecret), Attempts: e.Attempts})
	}
	return all
}

// Resend delivers every event so far once more, newest first, and waits until that is done. It stops at the
// first event that is not accepted and reports it.
func (s *Server) Resend() error {
	s.mu.Lock()
	all := make([]*event, len(s.book.Events))
	copy(all, s.book.Events)
	s.mu.Unlock()
	for n := len(all) - 1; n >= 0; n-- {
		status, err := s.post(s.life, all[n])
		if err != nil {
			return err
		}
		if status < 200 || status > 299 {
			return fmt.Errorf("demostripe: event %s answered by %d %s", all[n].ID, status,
				http.StatusText(status))
		}
	}
	return nil
}
