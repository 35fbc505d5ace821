package checkout_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stripe/stripe-go/v76/webhook"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/payments/demostripe"
)

type object = map[string]any

// with is an object with some of its members changed; nil takes one out.
func with(o, changes object) object {
	changed := maps.Clone(o)
	for name, value := range changes {
		if changed[name] = value; value == nil {
			delete(changed, name)
		}
	}
	return changed
}

// event is an event about an object.
func event(kind string, about object, changes object) []byte {
	body, err := json.Marshal(with(object{"id": "evt_1", "object": "event",
		"api_version": checkout.APIVersion, "created": 1_790_000_000, "livemode": false,
		"type": kind, "data": object{"object": about}}, changes))
	if err != nil {
		panic(err)
	}
	return body
}

// objects are what events are about, as Stripe sends them.
var (
	paidSession = object{"id": "cs_1", "object": "checkout.session", "client_reference_id": attempt,
		"status": "complete", "payment_status": "paid", "amount_total": 50_000, "currency": "vnd",
		"payment_intent": "pi_1"}
	endedSession = object{"id": "cs_1", "object": "checkout.session", "client_reference_id": attempt,
		"status": "expired", "payment_status": "unpaid"}
	refused = object{"id": "pi_1", "object": "payment_intent", "metadata": object{"attempt": attempt},
		"latest_charge": "ch_1"}
	charge = object{"id": "ch_1", "object": "charge", "metadata": object{"attempt": attempt},
		"payment_intent": "pi_1", "refunds": object{"object": "list", "data": []object{refund}}}
	refund = object{"id": "re_1", "object": "refund", "metadata": object{"attempt": attempt},
		"amount": 50_000, "currency": "vnd", "payment_intent": "pi_1", "created": 1_790_000_000,
		"status": "succeeded"}
	dispute = object{"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1",
		"amount": 50_000, "currency": "vnd"}
)

// sensible are the types of events that the portal reads, each with an object that makes sense, and the
// facts.
var sensible = []struct {
	kind  string
	about object
	facts string
}{
	{"checkout.session.completed", paidSession, "cs_1:paid"},
	{"checkout.session.completed", with(paidSession, object{"payment_status": "unpaid"}), ""}, // on its way
	{"checkout.session.async_payment_succeeded", paidSession, "cs_1:paid"},
	{"checkout.session.async_payment_failed", endedSession, "cs_1:expired"},
	{"checkout.session.expired", endedSession, "cs_1:expired"},
	{"payment_intent.payment_failed", refused, "ch_1:declined"},
	{"payment_intent.payment_failed", with(refused, object{"latest_charge": nil}), ""}, // before any charge
	{"charge.refunded", charge, "re_1:refunded"},
	{"charge.refund.updated", refund, "re_1:refunded"},
	{"charge.refund.updated", with(refund, object{"status": "failed"}), "re_1:refund_failed re_1:refunded"},
	{"refund.updated", refund, "re_1:refunded"},
	{"refund.created", refund, "re_1:refunded"},
	{"refund.failed", with(refund, object{"status": "failed"}), "re_1:refund_failed re_1:refunded"},
	{"payment_intent.succeeded", refused, ""},
	{"charge.succeeded", charge, ""},
}

// parse signs a body and reads it.
func parse(t *testing.T, c *checkout.Checkout, body []byte) ([]payments.Fact, *checkout.Odd) {
	t.Helper()
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body,
		Secret: webhookSecret})
	facts, err := c.Parse(t.Context(), body, signed.Header)
	strange := (*checkout.Odd)(nil)
	if err != nil && !errors.As(err, &strange) {
		t.Errorf("%s: %v, which Stripe would be asked to send again", body, err)
	}
	return facts, strange
}

func TestSensibleEvents(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	for _, tt := range sensible {
		facts, strange := parse(t, c, event(tt.kind, tt.about, nil))
		if strange != nil || ids(facts) != tt.facts {
			t.Errorf("%s: %s, %v; want %s", tt.kind, ids(facts), strange, tt.facts)
		}
	}
}

// TestOddEnvelopes: whatever an event is about, one that is not for this portal has no facts and one reason.
func TestOddEnvelopes(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	live := checkout.New(checkout.Config{SecretKey: "rk_live_1", WebhookSecret: webhookSecret,
		APIBase: "http://127.0.0.1:1"})
	for _, tt := range sensible {
		for name, test := range map[string]struct {
			at      *checkout.Checkout
			changes object
			why     checkout.Why
		}{
			"a newer version":     {c, object{"api_version": "2024-04-10"}, checkout.OtherVersion},
			"no version":          {c, object{"api_version": nil}, checkout.OtherVersion},
			"live money":          {c, object{"livemode": true}, checkout.OtherMode},
			"test money":          {live, nil, checkout.OtherMode},
			"another type":        {c, object{"type": "customer.created"}, checkout.OtherType},
			"no type":             {c, object{"type": nil}, checkout.Unreadable},
			"a type that is none": {c, object{"type": 7}, checkout.Unreadable},
			"no id":               {c, object{"id": nil}, checkout.Unreadable},
			"no instant":          {c, object{"created": nil}, checkout.Unreadable},
			"an instant in words": {c, object{"created": "today"}, checkout.Unreadable},
			"no data":             {c, object{"data": nil}, checkout.Unreadable},
			"data without object": {c, object{"data": object{}}, checkout.Unreadable},
			"another object": {c, object{"data": object{"object": object{"id": "x"}}},
				checkout.Unreadable},
		} {
			facts, strange := parse(t, test.at, event(tt.kind, tt.about, test.changes))
			quiet := tt.kind == "payment_intent.succeeded" || tt.kind == "charge.succeeded"
			if quiet && name == "another object" {
				continue
			}
			if len(facts) > 0 || strange == nil || strange.Why != test.why {
				t.Errorf("%s, %s: %s, %v; want %s", tt.kind, name, ids(facts), strange, test.why)
			}
		}
	}
	for _, body := range []string{"", "null", "[]", "7", `"evt_1"`, "{", "{}", "\x00", "<html>", "id=evt_1"} {
		if facts, strange := parse(t, c, []byte(body)); len(facts) > 0 || strange == nil ||
			strange.Why != checkout.Unreadable {
			t.Errorf("%q: %v %v", body, facts, strange)
		}
	}
}

// TestOddObjects: what an event is about has to be a thing of this portal, whole, and in đồng.
func TestOddObjects(t *testing.T) {
	t.Parallel()
	_, c := start(t)
	const completed, given = "checkout.session.completed", "charge.refund.updated"
	for name, tt := range map[string]struct {
		kind    string
		about   object
		changes object
		why     checkout.Why
	}{
		"paid in dollars":       {completed, paidSession, object{"currency": "usd"}, checkout.OtherCurrency},
		"paid in nothing":       {completed, paidSession, object{"currency": nil}, checkout.OtherCurrency},
		"paid nought":           {completed, paidSession, object{"amount_total": 0}, checkout.OtherAmount},
		"paid less than nought": {completed, paidSession, object{"amount_total": -5}, checkout.OtherAmount},
		"paid no sum":           {completed, paidSession, object{"amount_total": nil}, checkout.OtherAmount},
		"paid a fraction":       {completed, paidSession, object{"amount_total": 1.5}, checkout.Unreadable},
		"paid more than can be": {completed, paidSession, object{"amount_total": 1 << 60},
			checkout.OtherAmount},
		"of nobody": {completed, paidSession, object{"client_reference_id": nil},
			checkout.Unknown},
		"without an id":       {completed, paidSession, object{"id": nil}, checkout.Unreadable},
		"with a strange id":   {completed, paidSession, object{"id": "cs\x00"}, checkout.Unreadable},
		"without its payment": {completed, paidSession, object{"payment_intent": nil}, checkout.Unreadable},
		"in a new state": {completed, paidSession, object{"payment_status": "lent"},
			checkout.Unreadable},
		"without its state":     {completed, paidSession, object{"payment_status": nil}, checkout.Unreadable},
		"another kind of thing": {completed, refund, nil, checkout.Unreadable},
		"ended, of nobody": {"checkout.session.expired", endedSession, object{"client_reference_id": nil},
			checkout.Unknown},
		"failed, of nobody": {"checkout.session.async_payment_failed", endedSession,
			object{"client_reference_id": nil}, checkout.Unknown},
		"refused, of nobody": {"payment_intent.payment_failed", refused, object{"metadata": nil},
			checkout.Unknown},
		"given back in dollars": {given, refund, object{"currency": "usd"}, checkout.OtherCurrency},
		"given back nought":     {given, refund, object{"amount": 0}, checkout.OtherAmount},
		"given back to nobody": {given, refund, object{"metadata": nil, "payment_intent": nil},
			checkout.Unknown},
		"given back at no time": {given, refund, object{"created": nil}, checkout.Unreadable},
		"an unknown charge": {"charge.refunded", charge, object{"refunds": nil, "id": "ch_none"},
			checkout.Unknown},
		"a charge without an id":  {"charge.refunded", charge, object{"id": nil}, checkout.Unreadable},
		"a dispute":               {"charge.dispute.created", dispute, nil, checkout.Disputed},
		"a dispute that was lost": {"charge.dispute.closed", dispute, nil, checkout.Disputed},
		"a dispute about nothing": {"charge.dispute.created", dispute, object{"id": nil},
			checkout.Unreadable},
	} {
		facts, strange := parse(t, c, event(tt.kind, with(tt.about, tt.changes), nil))
		if len(facts) > 0 || strange == nil || strange.Why != tt.why {
			t.Errorf("%s: %s, %v; want %s", name, ids(facts), strange, tt.why)
			continue
		}
		if strange.Event != "evt_1" || strange.Type != tt.kind ||
			!slices.Contains(checkout.Whys, strange.Why) {
			t.Errorf("%s: the alarm is %+v", name, strange)
		}
	}
	trial := with(endedSession, object{"client_reference_id": checkout.TrialAttempt()})
	facts, strange := parse(t, c, event("checkout.session.expired", trial, nil))
	if len(facts) > 0 || strange != nil {
		t.Errorf("a trial that ended: %s, %v", ids(facts), strange)
	}
	one := with(charge, object{"refunds": object{"data": []object{with(refund, object{"currency": "usd"}),
		with(refund, object{"id": "re_2"})}}})
	facts, strange = parse(t, c, event("charge.refunded", one, nil))
	if ids(facts) != "re_2:refunded" || strange == nil || strange.Why != checkout.OtherCurrency {
		t.Errorf("one refund of two makes sense: %s, %v", ids(facts), strange)
	}
}

// TestStripeAwayIsSentAgain: an event that has to be asked about is sent again when Stripe does not answer.
func TestStripeAwayIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*demostripe.Server){
		"down":         (*demostripe.Server).GoDown,
		"too many":     func(s *demostripe.Server) { s.Fail(429) },
		"key refused":  func(s *demostripe.Server) { s.Fail(401) },
		"of its own":   func(s *demostripe.Server) { s.Fail(500) },
		"somebody has": func(s *demostripe.Server) { s.Fail(409) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			trouble(s)
			body := event("charge.refunded", with(charge, object{"refunds": nil}), nil)
			signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body,
				Secret: webhookSecret})
			facts, err := c.Parse(t.Context(), body, signed.Header)
			if len(facts) > 0 || !errors.Is(err, checkout.ErrAway) && !errors.Is(err, checkout.ErrKey) {
				t.Errorf("%v %v", facts, err)
			}
		})
	}
}
