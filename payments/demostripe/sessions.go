package demostripe

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a Checkout Session (https://docs.stripe.com/api/checkout/sessions/create).
const (
	shortestLife = 30 * time.Minute
	longestLife  = 24 * time.Hour
	largestTotal = 99_999_999 // eight digits
)

func (s *Server) createSession(c call) (object, *fault) {
	now := s.config.Now().Unix()
	cs := &session{
		ID: newID("cs_test_"), Created: now, Status: "open", PaymentStatus: "unpaid",
		Reference: c.form.Get("client_reference_id"), Locale: c.form.Get("locale"),
		SuccessURL: c.form.Get("success_url"), CancelURL: c.form.Get("cancel_url"),
		Metadata:       metadata(c.form, "metadata"),
		IntentMetadata: metadata(c.form, "payment_intent_data[metadata]"),
		Description:    c.form.Get("payment_intent_data[description]"),
	}
	if mode := c.form.Get("mode"); mode != "payment" {
		return nil, invalid("mode", "", "Invalid mode: must be payment")
	}
	for param, target := range map[string]string{"success_url": cs.SuccessURL, "cancel_url": cs.CancelURL} {
		if u, err := url.Parse(target); err != nil || u.Host == "" ||
			(u.Scheme != "http" && u.Scheme != "https") {
			return nil, invalid(param, "url_invalid", "Not a valid URL")
		}
	}
	var f *fault
	if cs.ExpiresAt, f = expiry(c.form.Get("expires_at"), now); f != nil {
		return nil, f
	}
	if cs.Items, f = items(c.form); f != nil {
		return nil, f
	}
	for _, i := range cs.Items {
		cs.Total += i.Unit * i.Quantity
	}
	switch {
	case cs.Total > largestTotal:
		return nil, invalid("line_items", "amount_too_large",
			"The Checkout Session's total amount due must be no more than ₫%d", largestTotal)
	case cs.Total < s.config.SmallestVND:
		return nil,
			invalid("", "amount_too_small",
				"The Checkout Session's total amount must convert to at least 50 cents. ₫%d is less.",
				cs.Total)
	}
	s.book.Sessions[cs.ID] = cs
	s.book.Order = append(s.book.Order, cs.ID)
	s.keep()
	return s.renderSession(cs, expansions(c.form)), nil
}

func expiry(text string, now int64) (int64, *fault) {
	if text == "" {
		return now + int64(longestLife/time.Second), nil
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, invalid("expires_at", "parameter_invalid_integer", "Invalid integer: %s", text)
	}
	if life := time.Duration(at-now) * time.Second; life < shortestLife-time.Minute || life > longestLife {
		return 0,
			invalid("expires_at", "",
				"The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from "+
					"Checkout Session creation.")
	}
	return at, nil
}

// items reads line_items[0], line_items[1], ... until one is absent.
func items(form url.Values) ([]item, *fault) {
	var all []item
	for n := 0; ; n++ {
		at := fmt.Sprintf("line_items[%d]", n)
		if !form.Has(at + "[price_data][currency]") {
			break
		}
		if cur := strings.ToLower(form.Get(at + "[price_data][currency]")); cur != "vnd" {
			return nil, invalid(at+"[price_data][currency]", "", "Invalid currency: %s", cur)
		}
		i := item{
			ID: newID("li_"), Name: form.Get(at + "[price_data][product_data][name]"),
			Description: form.Get(at + "[price_data][product_data][description]"),
		}
		if i.Name == "" {
			return nil, invalid(at+"[price_data][product_data][name]", "parameter_missing",
				"Missing required param")
		}
		var err error
		// VND has no decimals: the amount is whole đồng (https://docs.stripe.com/currencies#zero-decimal).
		if i.Unit, err = strconv.ParseInt(form.Get(at+"[price_data][unit_amount]"), 10, 64); err != nil ||
			i.Unit < 0 || i.Unit > largestTotal {
			return nil, invalid(at+"[price_data][unit_amount]", "parameter_invalid_integer",
				"Invalid non-negative integer")
		}
		if i.Quantity, err = strconv.ParseInt(form.Get(at+"[quantity]"), 10, 64); err != nil ||
			i.Quantity < 1 || i.Quantity > 999_999 {
			return nil, invalid(at+"[quantity]", "parameter_invalid_integer", "Invalid quantity")
		}
		all = append(all, i)
	}
	if len(all) == 0 {
		return nil, invalid("line_items", "parameter_missing", "Missing required param: line_items.")
	}
	return all, nil
}

func metadata(form url.Values, name string) map[string]string {
	all := map[string]string{}
	for key, values := range form {
		if rest, ok := strings.CutPrefix(key, name+"["); ok && strings.HasSuffix(rest, "]") &&
			len(values) > 0 {
			all[strings.TrimSuffix(rest, "]")] = values[0]
		}
	}
	return all
}

func (s *Server) getSession(c call) (object, *fault) {
	cs, ok := s.book.Sessions[c.id]
	if !ok {
		return nil, missing("checkout.session", c.id)
	}
	return s.renderSession(cs, expansions(c.form)), nil
}

func (s *Server) expireSession(c call) (object, *fault) {
	cs, ok := s.book.Sessions[c.id]
	if !ok {
		return nil, missing("checkout.session", c.id)
	}
	if cs.Status != "open" {
		return nil,
			invalid("session", "",
				"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session "+
					"has a status of %s.", cs.Status)
	}
	s.expire(cs)
	return s.renderSession(cs, expansions(c.form)), nil
}

// listSessions answers newest first, with limit, starting_after, created[gt|gte|lt|lte], status,
// payment_status and payment_intent.
func (s *Server) listSessions(c call) (object, *fault) {
	limit, f := limitOf(c.form)
	if f != nil {
		return nil, f
	}
	newest := slices.Clone(s.book.Order)
	slices.Reverse(newest)
	if after := c.form.Get("starting_after"); after != "" {
		at := slices.Index(newest, after)
		if at < 0 {
			return nil, missing("checkout.session", after)
		}
		newest = newest[at+1:]
	}
	data, more := []object{}, false
	for _, id := range newest {
		cs := s.book.Sessions[id]
		if !within(c.form, "created", cs.Created) || !same(c.form, "status", cs.Status) ||
			!same(c.form, "payment_status", cs.PaymentStatus) || !same(c.form, "payment_intent", cs.Intent) {
			continue
		}
		if len(data) == limit {
			more = true
			break
		}
		data = append(data, s.renderSession(cs, below(expansions(c.form), "data")))
	}
	return object{"object": "list", "url": "/v1/checkout/sessions", "has_more": more, "data": data}, nil
}

func limitOf(form url.Values) (int, *fault) {
	if !form.Has("limit") {
		return 10, nil
	}
	n, err := strconv.Atoi(form.Get("limit"))
	if err != nil || n < 1 || n > 100 {
		return 0, invalid("limit", "parameter_invalid_integer", "limit must be between 1 and 100")
	}
	return n, nil
}

func same(form url.Values, name, value string) bool {
	return !form.Has(name) || form.Get(name) == value
}

func within(form url.Values, name string, value int64) bool {
	for op, holds := range map[string]func(bound int64) bool{
		"": func(b int64) bool {
			return value == b
		}, "[gt]": func(b int64) bool { return value > b }, "[gte]": func(b int64) bool { return value >= b },
		"[lt]": func(b int64) bool { return value < b }, "[lte]": func(b int64) bool { return value <= b },
	} {
		if !form.Has(name + op) {
			continue
		}
		if bound, err := strconv.ParseInt(form.Get(name+op), 10, 64); err != nil || !holds(bound) {
			return false
		}
	}
	return true
}
