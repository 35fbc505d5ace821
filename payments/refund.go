package payments

import (
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

// RefundState is where a refund that the portal decided on is.
type RefundState string

// The states of a refund. One that failed needs a person: the money is with the provider.
const (
	RefundWaiting RefundState = "due"
	RefundDone    RefundState = "done"
	RefundFailed  RefundState = "failed"
)

// Reasons to give money back. One payment is given back at most once for each.
const (
	ReasonTwice      = "twice"      // paid more than once
	ReasonImpossible = "impossible" // paid, but the dossier can no longer be submitted
	ReasonWithdrawn  = "withdrawn"
	ReasonRefused    = "refused"
	ReasonStopped    = "stopped"
)

// Refund is a decision to give a payment back, and what became of it.
type Refund struct {
	ID         string      `db:"id"`
	Quote      string      `db:"quote_id"`
	Attempt    string      `db:"attempt_id"`
	PaymentRef string      `db:"payment_ref"`
	Amount     dong.Amount `db:"amount"`
	Reason     string      `db:"reason"`
	State      RefundState `db:"state"`
	Tries      int         `db:"tries"`
	NextAt     time.Time   `db:"next_at"`
	Problem    string      `db:"problem"`    // a short code of why it is not done; no personal data
	RefundRef  *string     `db:"refund_ref"` // the provider's id, once done
	CreatedAt  time.Time   `db:"created_at"`
	DoneAt     *time.Time  `db:"done_at"`
	Mark       []byte      `db:"mark"` // see services/binding
}

func (r *Refund) binds() []string {
	return []string{r.ID, r.Quote, r.Attempt, r.PaymentRef, strconv.FormatInt(int64(r.Amount), 10), r.Reason}
}

// Key is the idempotency key under which a provider is asked: asking again never gives back twice.
func (r *Refund) Key() string { return "refund:" + r.ID }

// NewRefund is a decision to give back. Attempt, PaymentRef and Amount are those of an Excess, or of the
// payment.
type NewRefund struct {
	Quote      string
	Attempt    string
	PaymentRef string
	Amount     dong.Amount
	Reason     string
	Now        time.Time
}

const refundColumns = `id, quote_id, attempt_id, payment_ref, amount, reason, state, tries, next_at, problem, refund_ref, created_at, done_at, mark`

const insertRefund = `insert into payment_refund (id, quote_id, attempt_id, payment_ref, amount, reason, state, next_at, created_at, mark)
values (@id, @quote_id, @attempt_id, @payment_ref, @amount, @reason, 'due', @now, @now, @mark)
on conflict (attempt_id, reason) do nothing returning ` + refundColumns

const refundFor = `select ` + refundColumns + ` from payment_refund where attempt_id = $1 and reason = $2`

// InsertRefund locks the quote, and writes a decision to give back with the fact that it was asked. When the
// same payment was decided on before for the same reason, it returns that decision, and fresh is false.
// Errors: ErrNotFound.
func InsertRefund(ctx context.Context, tx pgx.Tx, v *vault.Vault, n NewRefund) (r *Refund, fresh bool,
	err error) {
	if _, err := LockQuote(ctx, tx, v, n.Quote); err != nil {
		return nil, false, err
	}
	made := Refund{ID: postgres.NewID(), Quote: n.Quote, Attempt: n.Attempt, PaymentRef: n.PaymentRef,
		Amount: n.Amount, Reason: n.Reason}
	all, err := refunds(ctx, tx, v, insertRefund, pgx.StrictNamedArgs{
		"id": made.ID, "mark": binding.Refund.Mark(v, made.binds()...), "quote_id": n.Quote,
		"attempt_id":  n.Attempt,
		"payment_ref": n.PaymentRef, "amount": n.Amount, "reason": n.Reason, "now": n.Now,
	})
	if err != nil {
		return nil, false, err
	}
	if len(all) == 0 {
		all, err = refunds(ctx, tx, v, refundFor, n.Attempt, n.Reason)
		if err != nil {
			return nil, false, err
		}
		if len(all) == 0 {
			return nil, false, errors.New("payments: a refund vanished while its quote was locked")
		}
		return &all[0], false, nil
	}
	r = &all[0]
	err = insertOwnFact(ctx, tx, v, n.Quote, Fact{
		ID: "portal:" + r.ID + ":asked", Attempt: n.Attempt, Kind: FactRefundAsked, Amount: n.Amount,
		At: n.Now, PaymentRef: n.PaymentRef, Provider: "portal",
	})
	return r, err == nil, err
}

const refundsDue = `select ` + refundColumns +
	` from payment_refund where state = 'due' and next_at <= $1 order by next_at limit $2`

// RefundsDue returns refunds that are to be asked for by now, the longest waiting first.
func RefundsDue(ctx context.Context, db postgres.DB, v *vault.Vault, now time.Time,
	limit int) ([]Refund, error) {
	return refunds(ctx, db, v, refundsDue, now, limit)
}

const refundsOf = `select ` + refundColumns +
	` from payment_refund where quote_id = $1 order by created_at, id`

// RefundsOf returns every refund of a quote, oldest first.
func RefundsOf(ctx context.Context, db postgres.DB, v *vault.Vault, quote string) ([]Refund, error) {
	return refunds(ctx, db, v, refundsOf, quote)
}

const refundsFailed = `select ` + refundColumns +
	` from payment_refund where state = 'failed' order by created_at, id`

// RefundsStuck returns the refunds that need a person, oldest first: those that the portal gave up trying,
// and those that came back to the provider. A refund whose money was meanwhile given back outside the portal
// is left out.
func RefundsStuck(ctx context.Context, db postgres.DB, v *vault.Vault) ([]Refund, error) {
	failed, err := refunds(ctx, db, v, refundsFailed)
	if err != nil {
		return nil, err
	}
	var stuck []Refund
	for _, r := range failed {
		standing, err := StandingOf(ctx, db, v, r.Quote)
		if err != nil {
			return nil, err
		}
		if standing.RefundDue > 0 {
			stuck = append(stuck, r)
		}
	}
	return stuck, nil
}

// refunds reads those that this portal decided on.
func refunds(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Refund,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("payments: refunds: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Refund])
	if err != nil {
		return nil, fmt.Errorf("payments: refunds: %w", err)
	}
	return binding.Keep(all, func(r *Refund) (bool, error) {
		return binding.Refund.Holds(ctx, db, v, r.Mark, r.binds()...)
	})
}

const markRefund = `update payment_refund set state = 'done', refund_ref = $2, problem = '', done_at = $3, tries = tries + 1 where id = $1 and state <> 'done'`

// MarkRefund says that the provider gave back, under its own id. An empty id says that the money had been
// given back outside the portal before. The fact of it is recorded apart. Marking twice changes nothing.
func MarkRefund(ctx context.Context, tx pgx.Tx, id, refundRef string, at time.Time) error {
	var ref *string
	if refundRef != "" {
		ref = &refundRef
	}
	if _, err := tx.Exec(ctx, markRefund, id, ref, at); err != nil {
		return fmt.Errorf("payments: mark refund %s: %w", id, err)
	}
	return nil
}

const postponeRefund = `update payment_refund set tries = tries + 1, problem = $2, next_at = $3, state = case when $4 then 'failed' else state end
where id = $1 and state = 'due'`

// Postponed says why a refund was not given back now, and when to try again; Final gives up and leaves it to
// a person.
type Postponed struct {
	Problem string // a short code; no personal data
	Next    time.Time
	Final   bool
}

// PostponeRefund stores a try that failed.
func PostponeRefund(ctx context.Context, db postgres.DB, id string, p Postponed) error {
	if _, err := db.Exec(ctx, postponeRefund, id, p.Problem, p.Next, p.Final); err != nil {
		return fmt.Errorf("payments: postpone refund %s: %w", id, err)
	}
	return nil
}
