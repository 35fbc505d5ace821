package dossier

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// SetPayment moves the payment state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetPayment(ctx context.Context, tx pgx.Tx, d *Dossier, to PaymentStatus) error {
	return set(ctx, tx, d, &d.Payment, to, paymentMoves, setPaymentSQL)
}

// PaymentStatus is the dossier's view of its fees; package payments decides it from the provider's facts.
type PaymentStatus string

// The payment states.
const (
	NoFee        PaymentStatus = "none"
	Owed         PaymentStatus = "owed"        // to be paid online
	CounterDue   PaymentStatus = "counter_due" // to be paid at the counter
	Pending      PaymentStatus = "pending"     // a payment is under way
	Paid         PaymentStatus = "paid"
	RefundDue    PaymentStatus = "refund_due"
	PartRefunded PaymentStatus = "part_refunded"
	Refunded     PaymentStatus = "refunded"
)

// settled are the states that facts of the provider lead to; facts come late and together, so any of them may be the
// next one of a fee that is not paid yet.
var settled = []PaymentStatus{Paid, RefundDue, PartRefunded, Refunded}

// paymentMoves: what is paid may be followed by another fee of the agency (owed, counter_due), and what was given back
// may come back from the payer's bank.
var paymentMoves = map[PaymentStatus][]PaymentStatus{
	NoFee:        {Owed, CounterDue},
	Owed:         append([]PaymentStatus{NoFee, CounterDue, Pending}, settled...),
	CounterDue:   append([]PaymentStatus{NoFee, Owed, Pending}, settled...),
	Pending:      append([]PaymentStatus{Owed, CounterDue}, settled...),
	Paid:         {Owed, CounterDue, RefundDue, PartRefunded, Refunded},
	RefundDue:    {Paid, PartRefunded, Refunded},
	PartRefunded: {Owed, CounterDue, Paid, RefundDue, Refunded},
	Refunded:     {Owed, CounterDue, Paid, RefundDue, PartRefunded},
}

// Key is the message key of the state's name.
func (p PaymentStatus) Key() string { return "dossier.payment." + string(p) }

// CanPay reports whether the payment state may change so.
func CanPay(from, to PaymentStatus) bool { return allows(paymentMoves, from, to) }
