package dossier

import (
	"slices"
	"strings"
	"testing"
)

// checkPairs compares a table with its own statement here, over every pair.
func checkPairs[S ~string](t *testing.T, states []S, can func(from, to S) bool, want map[S]string) {
	t.Helper()
	for _, from := range states {
		for _, to := range states {
			if got, should := can(from, to), slices.Contains(strings.Fields(want[from]),
				string(to)); got != should {
				t.Errorf("%q to %q: allowed is %v, want %v", from, to, got, should)
			}
		}
	}
}

func TestEveryBusinessMove(t *testing.T) {
	t.Parallel()
	checkPairs(t, append([]Status{unfiled}, Statuses...), CanMove, map[Status]string{
		unfiled:    "submitted",
		Submitted:  "received refused supplement withdrawn",
		Received:   "processing supplement payment stopped withdrawn",
		Processing: "supplement payment confirming stopped withdrawn completed",
		Supplement: "submitted received processing stopped",
		Payment:    "received processing stopped",
		Confirming: "processing stopped",
		Completed:  "returned",
	})
}

// TestEveryReturn ranges over every pair again for a dossier that knows where it came from.
func TestEveryReturn(t *testing.T) {
	t.Parallel()
	for _, waiting := range []Status{Supplement, Payment, Confirming} {
		for _, from := range Statuses {
			if !CanMove(from, waiting) {
				continue
			}
			d := &Dossier{Status: waiting, ReturnTo: &from}
			for _, to := range Statuses {
				if got, want := d.CanMove(to), to == from || to == Stopped; got != want {
					t.Errorf("%s that came from %s: to %s is %v, want %v", waiting, from, to, got, want)
				}
			}
		}
	}
}

func TestEverySyncMove(t *testing.T) {
	t.Parallel()
	checkPairs(t, Syncs, syncs.allows, map[Sync]string{
		Waiting:      "delivered acknowledged failing parked",
		Delivered:    "waiting acknowledged",
		Acknowledged: "waiting",
		Failing:      "waiting delivered acknowledged parked",
		Parked:       "waiting delivered acknowledged",
	})
}

func TestEveryDeliveryMove(t *testing.T) {
	t.Parallel()
	checkPairs(t, Deliveries, CanDeliver, map[Delivery]string{
		None:       "ready handed_over",
		Ready:      "none opened handed_over",
		Opened:     "none ready handed_over",
		HandedOver: "none ready",
	})
}

func TestEveryPaymentMove(t *testing.T) {
	t.Parallel()
	checkPairs(t, PaymentStatuses, CanPay, map[PaymentStatus]string{
		NoFee:        "owed counter_due",
		Owed:         "none counter_due pending paid refund_due part_refunded refunded",
		CounterDue:   "none owed pending paid refund_due part_refunded refunded",
		Pending:      "owed counter_due paid refund_due part_refunded refunded",
		Paid:         "owed counter_due refund_due part_refunded refunded",
		RefundDue:    "paid part_refunded refunded",
		PartRefunded: "owed counter_due paid refund_due refunded",
		Refunded:     "owed counter_due paid refund_due part_refunded",
	})
}

func TestStatusNumbers(t *testing.T) {
	t.Parallel()
	want := map[Status]int{Submitted: 1, Received: 2, Refused: 3, Processing: 4, Supplement: 5, Payment: 6,
		Withdrawn: 7, Stopped: 8, Completed: 9, Returned: 10, Confirming: 4}
	for _, s := range Statuses {
		if s.National() != want[s] {
			t.Errorf("%s is %d nationally, want %d", s, s.National(), want[s])
		}
		if ends := len(s.row().next) == 0 || s == Completed; s.Ended() != ends {
			t.Errorf("%s ended is %v", s, s.Ended())
		}
		if s.pauses() != (s == Supplement) {
			t.Errorf("%s pauses the clock is %v", s, s.pauses())
		}
	}
}
