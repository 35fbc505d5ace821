package payments

import (
	"cmp"
	"context"
	"slices"
	"time"

	"congdvc/services/dong"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// State is where the payment of a quote is: a machine of its own, apart from the dossier's status.
type State string

// The states of a payment.
const (
	None         State = "none"          // nothing is owed
	Owed         State = "owed"          // to be paid, and no session is open
	CounterDue   State = "counter_due"   // to be paid at the counter, as the person chose
	Pending      State = "pending"       // a session is open
	Paid         State = "paid"          // exactly what is owed was paid
	RefundDue    State = "refund_due"    // something is to be given back
	PartRefunded State = "part_refunded" // some of it was given back, nothing more is to be
	Refunded     State = "refunded"      // all of it was given back
)

// States lists every state.
var States = []State{None, Owed, CounterDue, Pending, Paid, RefundDue, PartRefunded, Refunded}

// Moves says which states one further fact can lead to, from each state; staying is always possible and not
// listed. Facts come late and in any order, so money may turn up in every state, and a refund before its
// payment.
var Moves = map[State][]State{
	None:         {RefundDue, Refunded},
	Owed:         {CounterDue, Pending, Paid, RefundDue, PartRefunded, Refunded},
	CounterDue:   {Pending, Paid, RefundDue, PartRefunded, Refunded},
	Pending:      {Owed, CounterDue, Paid, RefundDue, PartRefunded, Refunded},
	Paid:         {RefundDue, PartRefunded, Refunded},
	RefundDue:    {Paid, PartRefunded, Refunded},
	PartRefunded: {Paid, RefundDue, Refunded},
	Refunded:     {Paid, RefundDue, PartRefunded},
}

// CanMove says whether one further fact can lead from a state to another.
func CanMove(from, to State) bool { return from == to || slices.Contains(Moves[from], to) }

// Excess is money that was paid beyond what is owed and has not been given back.
type Excess struct {
	Attempt    string
	PaymentRef string
	Provider   string
	Amount     dong.Amount
}

// Standing is how the payment of a quote stands.
type Standing struct {
	State     State
	Total     dong.Amount // owed
	Paid      dong.Amount // ever paid
	Refunded  dong.Amount // ever given back, failed refunds not counted
	RefundDue dong.Amount // decided or needed to be given back, and not given yet
	PaidTwice bool        // Excess is not empty
	Excess    []Excess    // in the order of the payments; the first payments count as those owed
	PaidAt    time.Time   // the provider's instant of the payment that completed the total; zero until then
	PaidBy    string      // the attempt of that payment
	Provider  string      // who took it
	Declined  bool        // the payer's bank refused on an attempt that is still open
}

// Settled says that what is owed was paid and is not to be given back, or that nothing is owed.
func (s Standing) Settled() bool { return s.Paid-s.Refunded-s.RefundDue >= s.Total }

// tally is what the facts say about one attempt.
type tally struct {
	attempt, provider, paymentRef string
	paidAt                        time.Time
	paid, refunded, asked         dong.Amount
	opened, ended, declined       bool
}

func (t tally) net() dong.Amount { return t.paid - t.refunded }

// Reduce computes the standing of a quote from everything that providers said, in any order, repeated or
// late. It is pure.
func Reduce(total dong.Amount, facts []Fact) Standing {
	s := Standing{Total: total}
	tallies := tallied(facts)
	var asked dong.Amount
	var pending, counter bool
	for _, t := range tallies {
		s.Paid += t.paid
		s.Refunded += t.refunded
		asked += t.asked
		if t.opened && !t.ended && t.paid == 0 {
			counter = counter || t.provider == ChannelCounter
			pending = pending || t.provider != ChannelCounter
			s.Declined = s.Declined || t.declined
		}
	}
	s.Excess = excess(total, tallies)
	s.PaidTwice = len(s.Excess) > 0
	s.PaidAt, s.PaidBy, s.Provider = completed(total, tallies)
	net := s.Paid - s.Refunded
	s.RefundDue = min(max(net-total, asked-s.Refunded, 0), net)
	s.State = stateOf(s, net, pending, counter)
	return s
}

func stateOf(s Standing, net dong.Amount, pending, counter bool) State {
	switch {
	case s.RefundDue > 0:
		return RefundDue
	case s.Paid > 0 && net == 0:
		return Refunded
	case s.Paid > 0 && net >= s.Total:
		return Paid
	case s.Paid > 0 && s.Refunded > 0:
		return PartRefunded
	case s.Total == 0:
		return None
	case pending:
		return Pending
	case counter:
		return CounterDue
	}
	return Owed
}

// tallied sums the facts up by attempt, in the order in which the attempts were paid.
func tallied(facts []Fact) []tally {
	sorted := slices.Clone(facts)
	slices.SortFunc(sorted, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.At.Compare(b.At), cmp.Compare(a.Amount, b.Amount))
	})
	sorted = slices.CompactFunc(sorted, func(a, b Fact) bool { return a.ID == b.ID })
	failed := map[string]bool{}
	for _, f := range sorted {
		if f.Kind == FactRefundFailed {
			failed[f.RefundRef] = true
		}
	}
	by := map[string]*tally{}
	for _, f := range sorted {
		t := by[f.Attempt]
		if t == nil {
			t = &tally{attempt: f.Attempt}
			by[f.Attempt] = t
		}
		t.add(f, failed)
	}
	all := make([]tally, 0, len(by))
	for _, t := range by {
		t.refunded = min(t.refunded, t.paid) // a refund heard of before its payment waits for it
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b tally) int {
		return cmp.Or(a.paidAt.Compare(b.paidAt), cmp.Compare(a.attempt, b.attempt))
	})
	return all
}

func (t *tally) add(f Fact, failed map[string]bool) {
	switch f.Kind {
	case FactOpened:
		t.opened = true
		t.provider = cmp.Or(t.provider, f.Provider)
	case FactDeclined:
		t.declined = true
	case FactExpired:
		t.ended = true
	case FactPaid, FactCounterPaid:
		if t.paid == 0 || f.At.Before(t.paidAt) {
			t.paidAt, t.paymentRef, t.provider = f.At, f.PaymentRef, f.Provider
		}
		t.paid += f.Amount
	case FactRefundAsked:
		t.asked += f.Amount
	case FactRefunded:
		if !failed[f.RefundRef] {
			t.refunded += f.Amount
		}
	}
}

// excess walks the payments in order. The first ones fill what is owed; what goes beyond that is to be given
// back. A payment that was given back fills nothing.
func excess(total dong.Amount, paid []tally) []Excess {
	var over []Excess
	left := total
	for _, t := range paid {
		fills := min(t.net(), left)
		left -= fills
		if more := t.net() - fills; more > 0 {
			over = append(over, Excess{
				Attempt: t.attempt, PaymentRef: t.paymentRef, Provider: t.provider, Amount: more,
			})
		}
	}
	return over
}

// completed finds the payment that made up the total: among what was not given back if that suffices, else
// among all.
func completed(total dong.Amount, paid []tally) (at time.Time, attempt, provider string) {
	for _, amount := range []func(tally) dong.Amount{tally.net, func(t tally) dong.Amount { return t.paid }} {
		var sum dong.Amount
		for _, t := range paid {
			if sum += amount(t); sum >= total && amount(t) > 0 {
				return t.paidAt, t.attempt, t.provider
			}
		}
	}
	return time.Time{}, "", ""
}

// StandingOf reads the facts of a quote and reduces them. Errors: ErrNotFound.
func StandingOf(ctx context.Context, db postgres.DB, v *vault.Vault, quote string) (Standing, error) {
	q, err := FindQuote(ctx, db, v, quote)
	if err != nil {
		return Standing{}, err
	}
	facts, err := Facts(ctx, db, v, quote)
	if err != nil {
		return Standing{}, err
	}
	return Reduce(q.Total, facts), nil
}
