package demostripe

import (
	"slices"
	"strconv"
)

func (s *Server) getIntent(c call) (object, *fault) {
	i, ok := s.book.Intents[c.id]
	if !ok {
		return nil, missing("payment_intent", c.id)
	}
	return s.renderIntent(i, expansions(c.form)), nil
}

func (s *Server) getCharge(c call) (object, *fault) {
	ch, ok := s.book.Charges[c.id]
	if !ok {
		return nil, missing("charge", c.id)
	}
	return s.renderCharge(ch, expansions(c.form)), nil
}

func (s *Server) getRefund(c call) (object, *fault) {
	for _, r := range s.book.Refunds {
		if r.ID == c.id {
			return s.renderRefund(r, expansions(c.form)), nil
		}
	}
	return nil, missing("refund", c.id)
}

// createRefund gives back all that is left of a payment, or the amount asked; more than is left is refused.
func (s *Server) createRefund(c call) (object, *fault) {
	ch, f := s.refundable(c)
	if f != nil {
		return nil, f
	}
	left := ch.Amount - ch.Refunded
	if left == 0 {
		return nil, invalid("", "charge_already_refunded", "Charge %s has already been refunded.", ch.ID)
	}
	amount := left
	if text := c.form.Get("amount"); text != "" {
		var err error
		if amount, err = strconv.ParseInt(text, 10, 64); err != nil || amount < 1 {
			return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
		}
	}
	if amount > left {
		return nil,
			invalid("amount", "", "Refund amount (₫%d) is greater than unrefunded amount on charge (₫%d)",
				amount, left)
	}
	return s.renderRefund(s.refund(ch, amount, c.form.Get("reason"), metadata(c.form, "metadata")),
		expansions(c.form)), nil
}

func (s *Server) refundable(c call) (*charge, *fault) {
	id := c.form.Get("charge")
	if ref := c.form.Get("payment_intent"); ref != "" {
		i, ok := s.book.Intents[ref]
		if !ok {
			return nil, missing("payment_intent", ref)
		}
		if i.Status != "succeeded" {
			return nil, invalid("payment_intent", "payment_intent_unexpected_state",
				"This PaymentIntent (%s) does not have a successful charge to refund.", ref)
		}
		id = i.Charge
	}
	ch, ok := s.book.Charges[id]
	if !ok {
		return nil, missing("charge", id)
	}
	return ch, nil
}

// refund books a refund and sends charge.refunded; the lock is held.
func (s *Server) refund(ch *charge, amount int64, reason string, meta map[string]string) *refund {
	r := &refund{
		ID: newID("re_"), Amount: amount, Charge: ch.ID, Intent: ch.Intent, Reason: reason,
		Status: "succeeded", Created: s.config.Now().Unix(), Metadata: meta,
	}
	before := ch.Refunded
	ch.Refunded += amount
	s.book.Refunds = append(s.book.Refunds, r)
	s.emit("charge.refunded", s.renderCharge(ch, nil), object{"amount_refunded": before})
	return r
}

func (s *Server) listRefunds(c call) (object, *fault) {
	limit, f := limitOf(c.form)
	if f != nil {
		return nil, f
	}
	if of := c.form.Get("charge"); of != "" && s.book.Charges[of] == nil {
		return nil, missing("charge", of)
	}
	newest := slices.Clone(s.book.Refunds)
	slices.Reverse(newest)
	if after := c.form.Get("starting_after"); after != "" {
		at := slices.IndexFunc(newest, func(r *refund) bool { return r.ID == after })
		if at < 0 {
			return nil, missing("refund", after)
		}
		newest = newest[at+1:]
	}
	data, more := []object{}, false
	for _, r := range newest {
		if !same(c.form, "payment_intent", r.Intent) || !same(c.form, "charge", r.Charge) ||
			!within(c.form, "created", r.Created) {
			continue
		}
		if len(data) == limit {
			more = true
			break
		}
		data = append(data, s.renderRefund(r, below(expansions(c.form), "data")))
	}
	return object{"object": "list", "url": "/v1/refunds", "has_more": more, "data": data}, nil
}
