// Package payments keeps what is owed, what was tried and what the payment providers said, and computes from
// it how a payment stands. Money moves by facts only: a webhook, the payer's return and the sweeper hand in
// the same facts under the same ids, and Reduce gives the same answer whatever their order. Receipts and
// refunds are written here too; talking to a provider is not this package's job.
package payments

import (
	"errors"

	"congdvc/services/fault"
)

// Failures that a person can be told about.
var (
	// ErrNotFound says that there is no such quote, attempt or receipt.
	ErrNotFound = fault.New(fault.NotFound, "payments.not_found")
	// ErrTooSmall says that a sum is below the least that a provider takes; another channel is to be offered.
	ErrTooSmall = fault.New(fault.Invalid, "payments.too_small")
	// ErrTooLarge says that a sum is above the most that a provider takes; another channel is to be offered.
	ErrTooLarge = fault.New(fault.Invalid, "payments.too_large")
	// ErrVoided says that a quote is no longer the one to pay.
	ErrVoided = fault.New(fault.Conflict, "payments.voided")
	// ErrAmount says that a payment at the counter is not exactly what is owed.
	ErrAmount = fault.New(fault.Invalid, "payments.amount")
)

// ErrUnknownAttempt says that a provider reported on an attempt that this portal never made, as happens when
// several systems share an account. It is not shown to anybody: the fact is dropped.
var ErrUnknownAttempt = errors.New("payments: unknown attempt")

// Channels by which a quote can be paid.
const (
	ChannelStripe  = "stripe"
	ChannelCounter = "counter"
)

// When a quote is due.
const (
	DueAtSubmission = "at_submission"
	DueAtCounter    = "at_counter"
)

// Kinds of fee: a phí covers the cost of a service, a lệ phí is a fixed charge for an act of the state (Law
// on Fees and Charges 97/2015/QH13, art. 3).
const (
	KindPhi   = "phi"
	KindLePhi = "le_phi"
)
