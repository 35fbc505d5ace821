package demostripe

import "maps"

// pay charges the demo card for an open session; the lock is held. It reports the event to wait for, nil when
// the session is not open.
func (s *Server) pay(cs *session) *event {
	if cs.Status != "open" || cs.ExpiresAt <= s.config.Now().Unix() {
		return nil
	}
	i := s.attempt(cs)
	i.Status = "succeeded"
	s.charge(i, "succeeded")
	cs.Status, cs.PaymentStatus = "complete", "paid"
	return s.emit("checkout.session.completed", s.renderSession(cs, nil), nil)
}

// decline has the bank refuse the card; the session stays open and the payer may try again. The lock is held.
func (s *Server) decline(cs *session) *event {
	if cs.Status != "open" {
		return nil
	}
	i := s.attempt(cs)
	s.charge(i, "failed")
	return s.emit("payment_intent.payment_failed", s.renderIntent(i, nil), nil)
}

// expire ends an open session; the lock is held.
func (s *Server) expire(cs *session) *event {
	cs.Status = "expired"
	if i, ok := s.book.Intents[cs.Intent]; ok {
		i.Status = "canceled"
	}
	return s.emit("checkout.session.expired", s.renderSession(cs, nil), nil)
}

// attempt is the session's PaymentIntent, made when the payer first tries (as Checkout does since version
// 2022-08-01).
func (s *Server) attempt(cs *session) *intent {
	if i, ok := s.book.Intents[cs.Intent]; ok {
		return i
	}
	i := &intent{
		ID: newID("pi_"), Amount: cs.Total, Status: "requires_payment_method",
		Created: s.config.Now().Unix(), Description: cs.Description,
		Metadata: maps.Clone(cs.IntentMetadata),
	}
	cs.Intent = i.ID
	s.book.Intents[i.ID] = i
	return i
}

// charge tries the card once. A charge takes its intent's metadata over, as Stripe does.
func (s *Server) charge(i *intent, status string) {
	ch := &charge{
		ID: newID("ch_"), Amount: i.Amount, Status: status, Created: s.config.Now().Unix(),
		Intent: i.ID, Metadata: maps.Clone(i.Metadata),
	}
	s.book.Charges[ch.ID] = ch
	i.Charge = ch.ID
}
