package demostripe

import (
	"net/url"
	"slices"
	"strings"
)

// expansions are the fields asked to be rendered whole, as expand[]=a&expand[]=b or expand[0]=a&expand[1]=b.
func expansions(form url.Values) []string {
	var all []string
	for key, values := range form {
		if strings.HasPrefix(key, "expand[") {
			all = append(all, values...)
		}
	}
	return all
}

// below keeps the expansions that start with a field and strips it: data.payment_intent → payment_intent.
func below(expand []string, field string) []string {
	var rest []string
	for _, e := range expand {
		if tail, ok := strings.CutPrefix(e, field+"."); ok {
			rest = append(rest, tail)
		}
	}
	return rest
}

// expanded says whether a field is to be rendered whole; expanding what lies in it does so too.
func expanded(expand []string, field string) bool {
	return slices.ContainsFunc(expand, func(e string) bool {
		return e == field || strings.HasPrefix(e, field+".")
	})
}

func (s *Server) renderSession(cs *session, expand []string) object {
	o := object{
		"id": cs.ID, "object": "checkout.session", "livemode": false, "mode": "payment", "currency": "vnd",
		"amount_subtotal": cs.Total, "amount_total": cs.Total, "client_reference_id": orNull(cs.Reference),
		"created": cs.Created, "expires_at": cs.ExpiresAt, "locale": orNull(cs.Locale),
		"metadata": cs.Metadata, "status": cs.Status, "payment_status": cs.PaymentStatus,
		"success_url": cs.SuccessURL, "cancel_url": cs.CancelURL, "payment_method_types": []string{"card"},
		"payment_intent": nil, "url": nil,
	}
	if cs.Status == "open" {
		o["url"] = s.payURL(cs)
	}
	if cs.Intent != "" {
		o["payment_intent"] = cs.Intent
		if expanded(expand, "payment_intent") {
			o["payment_intent"] = s.renderIntent(s.book.Intents[cs.Intent], below(expand, "payment_intent"))
		}
	}
	if expanded(expand, "line_items") {
		data := []object{}
		for _, i := range cs.Items {
			data = append(data, object{
				"id": i.ID, "object": "item", "currency": "vnd", "description": i.Name,
				"quantity": i.Quantity, "amount_subtotal": i.Unit * i.Quantity,
				"amount_total": i.Unit * i.Quantity,
			})
		}
		o["line_items"] = object{
			"object": "list", "has_more": false, "data": data,
			"url": "/v1/checkout/sessions/" + cs.ID + "/line_items",
		}
	}
	return o
}

func (s *Server) payURL(cs *session) string { return s.config.PublicURL + "/c/pay/" + cs.ID }

func (s *Server) renderIntent(i *intent, expand []string) object {
	received := int64(0)
	if i.Status == "succeeded" {
		received = i.Amount
	}
	o := object{
		"id": i.ID, "object": "payment_intent", "livemode": false, "currency": "vnd", "amount": i.Amount,
		"amount_received": received, "status": i.Status, "created": i.Created,
		"description": orNull(i.Description), "metadata": i.Metadata, "latest_charge": orNull(i.Charge),
	}
	if i.Charge != "" && expanded(expand, "latest_charge") {
		o["latest_charge"] = s.renderCharge(s.book.Charges[i.Charge], below(expand, "latest_charge"))
	}
	if i.Charge != "" && i.Status == "requires_payment_method" {
		o["last_payment_error"] = object{
			"type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
			"charge": i.Charge, "message": "Your card was declined.",
		}
	}
	return o
}

// renderCharge leaves the refunds out unless they are asked for, as Stripe does since version 2022-11-15.
func (s *Server) renderCharge(c *charge, expand []string) object {
	o := object{
		"id": c.ID, "object": "charge", "livemode": false, "currency": "vnd", "amount": c.Amount,
		"amount_captured": c.Amount, "amount_refunded": c.Refunded, "captured": c.Status == "succeeded",
		"paid": c.Status == "succeeded", "refunded": c.Refunded == c.Amount, "status": c.Status,
		"created": c.Created, "payment_intent": c.Intent, "metadata": c.Metadata,
	}
	if expanded(expand, "refunds") {
		data := []object{}
		for _, r := range s.book.Refunds {
			if r.Charge == c.ID {
				data = append(data, s.renderRefund(r, nil))
			}
		}
		o["refunds"] = object{
			"object": "list", "url": "/v1/charges/" + c.ID + "/refunds", "has_more": false,
			"data": data,
		}
	}
	if c.Status == "failed" {
		o["amount_captured"], o["failure_code"], o["failure_message"] = 0, "card_declined",
			"Your card was declined."
	}
	return o
}

func (s *Server) renderRefund(r *refund, expand []string) object {
	o := object{
		"id": r.ID, "object": "refund", "currency": "vnd", "amount": r.Amount, "charge": r.Charge,
		"payment_intent": r.Intent, "created": r.Created, "metadata": r.Metadata, "reason": orNull(r.Reason),
		"status": r.Status,
	}
	if expanded(expand, "charge") {
		o["charge"] = s.renderCharge(s.book.Charges[r.Charge], below(expand, "charge"))
	}
	if r.Status == "failed" {
		o["failure_reason"] = "unknown"
	}
	return o
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
