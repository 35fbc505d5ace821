package payments_test

import (
	"fmt"
	"slices"
	"time"

	"congdvc/payments"
)

// A fee of 25,000 đồng is paid in two tabs at once. The provider's messages come late, in any order and twice
// over; the answer is the same: paid, and the second payment is to be given back.
func ExampleReduce() {
	at := func(minute int) time.Time { return time.Date(2026, time.November, 23, 9, minute, 0, 0, time.UTC) }
	const stripe = payments.ChannelStripe
	facts := []payments.Fact{
		{ID: "cs_1", Attempt: "first tab", Kind: payments.FactOpened, At: at(0), Provider: stripe},
		{ID: "cs_2", Attempt: "second tab", Kind: payments.FactOpened, At: at(1), Provider: stripe},
		{ID: "pi_1", Attempt: "first tab", Kind: payments.FactPaid, Amount: 25_000, At: at(2),
			Provider: stripe},
		{ID: "pi_2", Attempt: "second tab", Kind: payments.FactPaid, Amount: 25_000, At: at(3),
			Provider: stripe},
	}
	late := slices.Clone(facts)
	slices.Reverse(late)
	late = append(late, facts...) // and every one of them a second time

	for _, told := range [][]payments.Fact{facts, late} {
		s := payments.Reduce(25_000, told)
		fmt.Println(s.State, int64(s.RefundDue), "for the", s.Excess[0].Attempt)
	}

	refunded := payments.Fact{
		ID: "re_1", Attempt: "second tab", Kind: payments.FactRefunded, Amount: 25_000,
		At: at(9), RefundRef: "re_1",
	}
	s := payments.Reduce(25_000, append(late, refunded))
	fmt.Println(s.State, s.Settled())
	// Output:
	// refund_due 25000 for the second tab
	// refund_due 25000 for the second tab
	// paid true
}
