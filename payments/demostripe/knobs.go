package demostripe

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// knobs are what a test turns to make the world unkind. Guarded by Server.mu.
type knobs struct {
	delay time.Duration
	first bool
	drop  bool
	twice bool
	down  bool
}

// ErrNoSession says that the session is unknown, or not in a state for what was asked.
var ErrNoSession = errors.New("demostripe: no such session in that state")

func (s *Server) turn(set func(*knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set(&s.knobs)
}

// DelayWebhooks has every later event wait before its first delivery.
func (s *Server) DelayWebhooks(d time.Duration) { s.turn(func(k *knobs) { k.delay = d }) }

// WebhookFirst has the payer's browser return only after the payment's event was delivered once (or was given
// up).
func (s *Server) WebhookFirst(on bool) { s.turn(func(k *knobs) { k.first = on }) }

// DropWebhooks loses every later event for good: only the return page and the sweeper can learn of it.
func (s *Server) DropWebhooks(on bool) { s.turn(func(k *knobs) { k.drop = on }) }

// SendTwice has every event delivered once more after it was accepted. It is on from the start.
func (s *Server) SendTwice(on bool) { s.turn(func(k *knobs) { k.twice = on }) }

// Down has the API answer 503 to everything; the hosted page still works.
func (s *Server) Down(on bool) { s.turn(func(k *knobs) { k.down = on }) }

// SetWebhookURL moves the receiver of later deliveries, for a portal whose address is known only after this
// server started.
func (s *Server) SetWebhookURL(target string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.WebhookURL = target
}

// Pay does what the payer's click on the hosted page does.
func (s *Server) Pay(ref string) error { return s.act(ref, s.pay) }

// Decline has the payer's bank refuse; the session stays open.
func (s *Server) Decline(ref string) error { return s.act(ref, s.decline) }

// Lapse lets an open session's time run out now.
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
		return fmt.Errorf("%w: %s", ErrNoSession, ref)
	}
	return nil
}

// RefundByHand refunds a paid session as the merchant's staff would on Stripe's own dashboard: the refund
// carries no metadata of ours. It returns the refund's id.
func (s *Server) RefundByHand(ref string, amount int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cs, ok := s.book.Sessions[ref]
	if !ok || cs.PaymentStatus != "paid" {
		return "", fmt.Errorf("%w: %s", ErrNoSession, ref)
	}
	ch := s.book.Charges[s.book.Intents[cs.Intent].Charge]
	if amount > ch.Amount-ch.Refunded {
		return "", fmt.Errorf("demostripe: only %d left to refund", ch.Amount-ch.Refunded)
	}
	return s.refund(ch, amount, "", map[string]string{}).ID, nil
}

// FailRefund has the payer's bank send a refund back, which Stripe reports by charge.refund.updated.
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

// Events are all events so far, oldest first, for a test that delivers them itself in an order of its own.
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

// Resend delivers every event so far once more, newest first, and waits. It reports the first that was not
// accepted.
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
