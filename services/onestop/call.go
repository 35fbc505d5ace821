package onestop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// ErrCallReused says that an idempotency key was used before for another request.
var ErrCallReused = fault.New(fault.Conflict, "onestop.call_reused")

// callLife is how long the answer of a call is kept for repetition.
const callLife = 7 * 24 * time.Hour

// Call names one call of a one-stop system that changes something.
type Call struct {
	Connection string // id
	Key        string // the caller's Idempotency-Key, 1 to 200 characters
	Request    []byte // whatever tells this request from another: method, path and body
	Now        time.Time
	// Replayed is set to true when Claim or Answered gives an answer of before; nil where nobody asks.
	Replayed *bool
}

func (c Call) replayed() {
	if c.Replayed != nil {
		*c.Replayed = true
	}
}

const claimCall = `
insert into office_call (connection_id, idempotency_key, request_hash, created_at)
values ($1, $2, $3, $4)
on conflict do nothing`

const priorCall = `
select request_hash, answer from office_call
where connection_id = $1 and idempotency_key = $2`

// Claim begins a call in the transaction of its effect. If the call was carried out before it returns that
// answer, which is not nil. If the same call is running, Claim waits for it. Errors: ErrCallReused.
func Claim(ctx context.Context, tx pgx.Tx, c Call) (answer []byte, err error) {
	sum := sha256.Sum256(c.Request)
	tag, err := tx.Exec(ctx, claimCall, c.Connection, c.Key, sum[:], c.Now)
	if err != nil {
		return nil, fmt.Errorf("onestop: claim a call of %s: %w", c.Connection, err)
	}
	if tag.RowsAffected() == 1 {
		return nil, nil
	}
	answer, err = Answered(ctx, tx, c)
	if err == nil && answer == nil {
		return nil, fmt.Errorf("onestop: the call %s of %s vanished while it was waited for", c.Key,
			c.Connection)
	}
	return answer, err
}

// Answered is the answer of a call that was carried out before, nil when it was not. What has become wrong
// since, such as a day that is over, does not take its answer away. Errors: ErrCallReused.
func Answered(ctx context.Context, db postgres.DB, c Call) (answer []byte, err error) {
	var hash []byte
	err = db.QueryRow(ctx, priorCall, c.Connection, c.Key).Scan(&hash, &answer)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: prior call of %s: %w", c.Connection, err)
	}
	if sum := sha256.Sum256(c.Request); !bytes.Equal(hash, sum[:]) {
		return nil, ErrCallReused
	}
	c.replayed()
	return answer, nil
}

const answerCall = `update office_call set answer = $3 where connection_id = $1 and idempotency_key = $2`

// Answer keeps the answer of a claimed call, in the same transaction.
func Answer(ctx context.Context, tx pgx.Tx, c Call, answer []byte) error {
	if _, err := tx.Exec(ctx, answerCall, c.Connection, c.Key, answer); err != nil {
		return fmt.Errorf("onestop: keep the answer of a call of %s: %w", c.Connection, err)
	}
	return nil
}

const forgetCalls = `delete from office_call where created_at < $1`

// ForgetCalls removes the answers that are older than callLife.
func ForgetCalls(ctx context.Context, db postgres.DB, now time.Time) error {
	if _, err := db.Exec(ctx, forgetCalls, now.Add(-callLife)); err != nil {
		return fmt.Errorf("onestop: forget old calls: %w", err)
	}
	return nil
}
