package checkout_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stripe/stripe-go/v76/webhook"

	"congdvc/payments"
	"congdvc/payments/checkout"
)

// FuzzParse signs whatever bytes come: nothing that Stripe, or its key in other hands, can send may crash the
// portal or become a fact that the books cannot hold.
func FuzzParse(f *testing.F) {
	for _, body := range []string{
		`{}`, `null`, `{"api_version":"2023-10-16"}`,
		`{"id":"evt_1","api_version":"2023-10-16","created":1,"type":"checkout.session.completed","data":{"object":{"id":"cs_1","client_reference_id":"a","payment_status":"paid","amount_total":50000,"currency":"vnd","payment_intent":"pi_1"}}}`,
		`{"id":"evt_2","api_version":"2023-10-16","type":"charge.refunded","data":{"object":{"id":"ch_1","metadata":{"attempt":"a"},"payment_intent":"pi_1","refunds":{"data":[{"id":"re_1","amount":1,"currency":"vnd"},null]}}}}`,
		`{"id":"evt_3","api_version":"2023-10-16","type":"charge.refund.updated","data":{"object":{"id":"re_1","amount":1,"currency":"vnd","payment_intent":"pi_1","status":"failed"}}}`,
		`{"id":"evt_4","api_version":"2023-10-16","type":"payment_intent.payment_failed","data":{"object":{"id":"pi_1","metadata":{"attempt":"a"},"latest_charge":"ch_1"}}}`,
		`{"id":"evt_5","api_version":"2023-10-16","type":"checkout.session.expired","data":{"object":null}}`,
	} {
		f.Add([]byte(body))
	}
	empty := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"object":"list","data":[],"has_more":false}`))
	}))
	f.Cleanup(empty.Close)
	c := checkout.New(checkout.Config{SecretKey: secretKey, WebhookSecret: webhookSecret, APIBase: empty.URL})
	f.Fuzz(func(t *testing.T, body []byte) {
		signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body,
			Secret: webhookSecret})
		facts, err := c.Parse(t.Context(), body, signed.Header)
		if errors.Is(err, checkout.ErrSignature) {
			t.Fatal("a signed body was called unsigned")
		}
		for _, fact := range facts {
			money := fact.Kind == payments.FactPaid || fact.Kind == payments.FactRefunded ||
				fact.Kind == payments.FactRefundFailed
			if fact.ID == "" || (fact.Attempt == "" && fact.PaymentRef == "") || (fact.Amount > 0) != money {
				t.Fatalf("fact %+v", fact)
			}
		}
	})
}
