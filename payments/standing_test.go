package payments_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/services/dong"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// said makes a fact at a minute after noon. The refund's id, where there is one, is its reference.
func said(id, attempt string, kind payments.FactKind, amount dong.Amount, minute int) payments.Fact {
	f := payments.Fact{ID: id + ":" + string(kind), Attempt: attempt, Kind: kind, Amount: amount,
		At: noon.Add(time.Duration(minute) * time.Minute), Provider: "stripe"}
	switch kind {
	case payments.FactRefunded, payments.FactRefundFailed:
		f.RefundRef = id
	case payments.FactRefundAsked:
		f.Provider = "portal"
	case payments.FactPaid:
		f.PaymentRef = "pi_" + attempt
	}
	if attempt == "counter" {
		f.Provider = "counter"
	}
	return f
}

// world is enough facts about one quote of 100 to reach every state: two online attempts, one at the counter.
var world = []payments.Fact{
	said("a", "A", payments.FactOpened, 0, 0), said("a", "A", payments.FactPaid, 100, 5),
	said("a", "A", payments.FactExpired, 0, 60), said("a1", "A", payments.FactRefundAsked, 100, 10),
	said("a2", "A", payments.FactRefunded, 40, 11), said("a3", "A", payments.FactRefunded, 60, 12),
	said("a3", "A", payments.FactRefundFailed, 60, 20), said("b", "B", payments.FactOpened, 0, 1),
	said("b", "B", payments.FactPaid, 100, 6), said("b1", "B", payments.FactRefunded, 100, 13),
	said("c", "counter", payments.FactOpened, 0, 2), said("c", "counter", payments.FactCounterPaid, 100, 7),
}

// TestMoves adds one fact to every set of facts, and compares the moves that come about with the table, over
// every pair.
func TestMoves(t *testing.T) {
	t.Parallel()
	seen := map[[2]payments.State]bool{}
	for _, total := range []dong.Amount{0, 100} {
		for set := range 1 << len(world) {
			var facts []payments.Fact
			for n, f := range world {
				if set&(1<<n) != 0 {
					facts = append(facts, f)
				}
			}
			from := payments.Reduce(total, facts).State
			for n, f := range world {
				if set&(1<<n) == 0 {
					seen[[2]payments.State{from,
						payments.Reduce(total, append(facts[:len(facts):len(facts)], f)).State}] = true
				}
			}
		}
	}
	for _, from := range payments.States {
		for _, to := range payments.States {
			if from == to {
				continue
			}
			if got, want := seen[[2]payments.State{from, to}],
				slices.Contains(payments.Moves[from], to); got != want {
				t.Errorf("%s → %s: comes about %v, in the table %v", from, to, got, want)
			}
			if payments.CanMove(from, to) != slices.Contains(payments.Moves[from], to) {
				t.Errorf("CanMove(%s, %s) differs from the table", from, to)
			}
		}
	}
	if len(payments.Moves) != len(payments.States) {
		t.Errorf("the table has %d states of %d", len(payments.Moves), len(payments.States))
	}
}

// TestReduceIgnoresOrder gives the same facts in many orders, with repetitions and with the later copies of
// another way in.
func TestReduceIgnoresOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		var facts []payments.Fact
		for _, f := range world {
			if r.IntN(2) == 0 {
				facts = append(facts, f)
			}
		}
		want := payments.Reduce(100, facts)
		for range 20 {
			other := slices.Clone(facts)
			for range r.IntN(4) {
				if len(facts) > 0 {
					other = append(other, facts[r.IntN(len(facts))])
				}
			}
			r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
			if got := payments.Reduce(100, other); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %+v, in another order %+v", seed, want, got)
			}
		}
	}
}

// TestReduceKeepsBooks checks what must hold of every standing.
func TestReduceKeepsBooks(t *testing.T) {
	t.Parallel()
	for set := range 1 << len(world) {
		var facts []payments.Fact
		for n, f := range world {
			if set&(1<<n) != 0 {
				facts = append(facts, f)
			}
		}
		s := payments.Reduce(100, facts)
		var over dong.Amount
		for _, e := range s.Excess {
			over += e.Amount
		}
		for rule, holds := range map[string]bool{
			"what is due back is at most what is held": s.RefundDue <= s.Paid-s.Refunded &&
				s.Refunded <= s.Paid,
			"an excess is due back": over <= s.RefundDue &&
				over == max(s.Paid-s.Refunded-100, 0),
			"paid twice shows an excess": s.PaidTwice == (over > 0),
			"paid says when and by what": s.State != payments.Paid ||
				(s.PaidBy != "" && !s.PaidAt.IsZero()),
			"settled holds what is owed": s.Settled() ==
				(s.Paid-s.Refunded-s.RefundDue >= 100),
			"due back is a state of its own": (s.RefundDue > 0) == (s.State == payments.RefundDue),
			"nothing paid is not paid, nor given back": s.Paid > 0 ||
				slices.Contains([]payments.State{payments.Owed, payments.Pending, payments.CounterDue},
					s.State),
			"what completed it is not given back whole": !slices.ContainsFunc(s.Excess,
				func(e payments.Excess) bool {
					return e.Attempt == s.PaidBy && e.Amount == 100
				}),
		} {
			if !holds {
				t.Fatalf("not so: %s\nfacts %v\nstanding %+v", rule, names(facts), s)
			}
		}
	}
}

func names(facts []payments.Fact) []string {
	var all []string
	for _, f := range facts {
		all = append(all, f.ID)
	}
	return all
}

func TestReduce(t *testing.T) {
	t.Parallel()
	pick := func(ids ...string) []payments.Fact {
		var all []payments.Fact
		for _, id := range ids {
			n := slices.IndexFunc(world, func(f payments.Fact) bool { return f.ID == id })
			if n < 0 {
				t.Fatalf("no fact %s", id)
			}
			all = append(all, world[n])
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		facts []payments.Fact
		total dong.Amount
		want  string // state, due back, by whom paid
	}{
		{"free", nil, 0, "none 0 "},
		{"nothing tried", nil, 100, "owed 0 "},
		{"session open", pick("a:opened"), 100, "pending 0 "},
		{"session over", pick("a:expired", "a:opened"), 100, "owed 0 "},
		{"another session opened", pick("a:opened", "a:expired", "b:opened"), 100, "pending 0 "},
		{"counter chosen", pick("c:opened"), 100, "counter_due 0 "},
		{"paid", pick("a:opened", "a:paid"), 100, "paid 0 A"},
		{"paid, opened never heard of", pick("a:paid"), 100, "paid 0 A"},
		{"expiry reported though paid", pick("a:expired", "a:paid"), 100, "paid 0 A"},
		{"paid at the counter", pick("c:opened", "c:counter_paid"), 100, "paid 0 counter"},
		{"paid twice: the earlier counts", pick("b:paid", "a:paid"), 100, "refund_due 100 A"},
		{"paid twice, one given back by hand", pick("a:paid", "b:paid", "b1:refunded"), 100, "paid 0 A"},
		{"refund decided", pick("a:paid", "a1:refund_asked"), 100, "refund_due 100 A"},
		{"refund begun", pick("a:paid", "a1:refund_asked", "a2:refunded"), 100, "refund_due 60 A"},
		{"refund done", pick("a:paid", "a1:refund_asked", "a2:refunded", "a3:refunded"), 100, "refunded 0 A"},
		{"refund failed at the bank", pick("a:paid", "a1:refund_asked", "a2:refunded", "a3:refunded",
			"a3:refund_failed"), 100, "refund_due 60 A"},
		{"part given back by hand", pick("a:paid", "a2:refunded"), 100, "part_refunded 0 A"},
		{"a refund heard of before its payment", pick("b1:refunded", "b:opened"), 100, "pending 0 "},
		{"given back, then paid anew", pick("b:paid", "b1:refunded", "c:counter_paid"), 100,
			"paid 0 counter"},
		{"money although nothing is owed", pick("a:paid"), 0, "refund_due 100 A"},
	} {
		s := payments.Reduce(tt.total, tt.facts)
		if got := fmt.Sprintf("%s %d %s", s.State, s.RefundDue, s.PaidBy); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
