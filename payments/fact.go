package payments

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/binding"
	"congdvc/services/dong"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// FactKind is what a fact says.
type FactKind string

// The kinds of fact.
const (
	FactOpened       FactKind = "opened"        // a session can be paid
	FactDeclined     FactKind = "declined"      // the payer's bank refused; the session may still be paid
	FactExpired      FactKind = "expired"       // a session ended unpaid
	FactPaid         FactKind = "paid"          // the provider has the money
	FactCounterPaid  FactKind = "counter_paid"  // an officer took the money
	FactRefundAsked  FactKind = "refund_asked"  // the portal decided to give back; no money has moved yet
	FactRefunded     FactKind = "refunded"      // the provider gave back
	FactRefundFailed FactKind = "refund_failed" // what was given back came back to the provider
)

// Fact is one thing that a provider said. Its id is the same from whatever way it arrived.
type Fact struct {
	ID         string      `db:"id"`
	Attempt    string      `db:"attempt_id"`
	Kind       FactKind    `db:"kind"`
	Amount     dong.Amount `db:"amount"` // 0 where no money is spoken of
	At         time.Time   `db:"at"`     // the provider's instant
	PaymentRef string      `db:"payment_ref"`
	RefundRef  string      `db:"refund_ref"` // the refund that refunded and refund_failed speak of
	Provider   string      `db:"provider"`   // stripe, counter; portal for what was decided here
}

// Object is the provider's id of what the fact is about, or the fact's own.
func (f Fact) Object() string { return cmp.Or(f.RefundRef, f.PaymentRef, f.ID) }

// mark is that of the fact's row; the attempt that it is about is one of the quote.
func (f Fact) mark(v *vault.Vault, quote string) []byte {
	return binding.Fact.Mark(v, f.binds(quote)...)
}

func (f Fact) binds(quote string) []string {
	return []string{f.ID, f.Attempt, quote, string(f.Kind), strconv.FormatInt(int64(f.Amount), 10),
		binding.Instant(&f.At), f.PaymentRef, f.RefundRef, f.Provider}
}

const factColumns = `f.id, f.attempt_id, f.kind, f.amount, f.at, f.payment_ref, f.refund_ref, f.provider, f.mark, a.quote_id::text
from payment_fact f join payment_attempt a on a.id = f.attempt_id `

const paidUnder = `select ` + factColumns + `where f.payment_ref = $1 and f.kind = 'paid' order by f.recorded_at`

const insertFact = `insert into payment_fact (id, attempt_id, kind, amount, at, payment_ref, refund_ref, provider, mark)
values (@id, @attempt_id, @kind, @amount, @at, @payment_ref, @refund_ref, @provider, @mark) on conflict (id) do nothing`

// moveAttempt lets paid win over ended, whichever fact came first.
const moveAttempt = `update payment_attempt set state = $2
where id = $1 and (state in ('opening', 'open') or (state = 'ended' and $2 = 'paid'))`

const reopenRefund = `update payment_refund set state = 'failed', problem = 'returned_by_bank' where refund_ref = $1`

// Record locks the quote that a fact is about, and stores the fact unless it is known; fresh tells which. A
// refund made by hand at the provider is found by its payment when it does not name an attempt. Errors:
// ErrUnknownAttempt; binding.ErrForeign, so that the provider says it again when the row was put right.
func Record(ctx context.Context, tx pgx.Tx, v *vault.Vault, f Fact) (quote string, fresh bool, err error) {
	if f.Attempt == "" && f.PaymentRef != "" {
		paid, err := facts(ctx, tx, v, paidUnder, f.PaymentRef)
		if err != nil {
			return "", false, err
		}
		if len(paid) > 0 {
			f.Attempt = paid[0].Attempt
		}
	}
	a, err := FindAttempt(ctx, tx, v, f.Attempt)
	if errors.Is(err, ErrNotFound) {
		return "", false, ErrUnknownAttempt
	}
	if err != nil {
		return "", false, err
	}
	if _, err := LockQuote(ctx, tx, v, a.Quote); err != nil {
		return "", false, err
	}
	quote = a.Quote
	fresh, err = storeFact(ctx, tx, v, quote, f)
	if err != nil || !fresh {
		return quote, false, err
	}
	switch f.Kind {
	case FactPaid, FactCounterPaid:
		_, err = tx.Exec(ctx, moveAttempt, f.Attempt, AttemptPaid)
	case FactExpired:
		_, err = tx.Exec(ctx, moveAttempt, f.Attempt, AttemptEnded)
	case FactRefundFailed:
		_, err = tx.Exec(ctx, reopenRefund, f.RefundRef)
	}
	if err != nil {
		return "", false, fmt.Errorf("payments: after fact %s: %w", f.ID, err)
	}
	return quote, true, nil
}

// insertOwnFact stores a fact of the portal's own making; its quote is locked.
func insertOwnFact(ctx context.Context, tx pgx.Tx, v *vault.Vault, quote string, f Fact) error {
	_, err := storeFact(ctx, tx, v, quote, f)
	return err
}

func storeFact(ctx context.Context, tx pgx.Tx, v *vault.Vault, quote string, f Fact) (fresh bool, err error) {
	tag, err := tx.Exec(ctx, insertFact, pgx.StrictNamedArgs{
		"id": f.ID, "attempt_id": f.Attempt, "kind": f.Kind, "amount": f.Amount, "at": f.At,
		"payment_ref": f.PaymentRef, "refund_ref": f.RefundRef, "provider": f.Provider,
		"mark": f.mark(v, quote),
	})
	if err != nil {
		return false, fmt.Errorf("payments: insert fact %s: %w", f.ID, err)
	}
	return tag.RowsAffected() == 1, nil
}

const factsOf = `select ` + factColumns + `where a.quote_id = $1 order by f.at, f.id`

// Facts returns what is known about a quote, in the order of the providers' instants. What somebody else
// than this portal wrote is none.
func Facts(ctx context.Context, db postgres.DB, v *vault.Vault, quote string) ([]Fact, error) {
	if !postgres.IsID(quote) {
		return nil, ErrNotFound
	}
	return facts(ctx, db, v, factsOf, quote)
}

// boundFact is a fact as its row says it.
type boundFact struct {
	Fact
	Mark  []byte `db:"mark"`
	Quote string `db:"quote_id"`
}

// readFacts returns the facts of a query that hold, in its order.
func readFacts(ctx context.Context, db postgres.DB, v *vault.Vault, sql, of string) ([]boundFact, error) {
	rows, err := db.Query(ctx, sql, of)
	if err != nil {
		return nil, fmt.Errorf("payments: facts of %s: %w", of, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[boundFact])
	if err != nil {
		return nil, fmt.Errorf("payments: facts of %s: %w", of, err)
	}
	return binding.Keep(found, func(f *boundFact) (bool, error) {
		return binding.Fact.Holds(ctx, db, v, f.Mark, f.binds(f.Quote)...)
	})
}

func facts(ctx context.Context, db postgres.DB, v *vault.Vault, sql, of string) ([]Fact, error) {
	found, err := readFacts(ctx, db, v, sql, of)
	if err != nil {
		return nil, err
	}
	var all []Fact
	for _, f := range found {
		all = append(all, f.Fact)
	}
	return all, nil
}

// CounterPayment is an officer's word that a fee was paid in person.
type CounterPayment struct {
	Quote     string
	Amount    dong.Amount
	Reference string // the office's own receipt number; the same reference again is the same payment
	At        time.Time
	Now       time.Time
}

// CounterFact makes the fact of a payment at the counter, with an attempt to hang it on. It has still to be
// recorded. Errors: ErrNotFound, ErrVoided, ErrAmount unless the amount is exactly the quote's total.
func CounterFact(ctx context.Context, tx pgx.Tx, v *vault.Vault, p CounterPayment) (Fact, error) {
	q, err := LockQuote(ctx, tx, v, p.Quote)
	if err != nil {
		return Fact{}, err
	}
	if p.Amount != q.Total {
		return Fact{}, ErrAmount.With("Total", q.Total)
	}
	id := "counter:" + p.Quote + ":" + p.Reference
	known, err := Facts(ctx, tx, v, p.Quote)
	if err != nil {
		return Fact{}, err
	}
	for _, f := range known {
		if f.ID == id {
			return f, nil
		}
	}
	a, _, err := InsertAttempt(ctx, tx, v, NewAttempt{
		Quote: p.Quote, Channel: ChannelCounter, Lang: "vi", Now: p.Now,
	})
	if err != nil {
		return Fact{}, err
	}
	return Fact{
		ID: id, Attempt: a.ID, Kind: FactCounterPaid, Amount: p.Amount, At: p.At,
		PaymentRef: p.Reference, Provider: ChannelCounter,
	}, nil
}
