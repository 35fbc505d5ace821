package dossier

import (
	"context"

	"github.com/jackc/pgx/v5"
)

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

// paymentStatuses is the table of the payment states. The provider's facts may come late and together, so
// paid and each of the three refund states may follow directly on an unpaid one. A new fee of the agency may
// follow on what is paid (owed, counter_due). Money that was given back may be returned by the payer's bank.
var paymentStatuses = machine[PaymentStatus]{
	{NoFee, []PaymentStatus{Owed, CounterDue}},
	{Owed, []PaymentStatus{NoFee, CounterDue, Pending, Paid, RefundDue, PartRefunded, Refunded}},
	{CounterDue, []PaymentStatus{NoFee, Owed, Pending, Paid, RefundDue, PartRefunded, Refunded}},
	{Pending, []PaymentStatus{Owed, CounterDue, Paid, RefundDue, PartRefunded, Refunded}},
	{Paid, []PaymentStatus{Owed, CounterDue, RefundDue, PartRefunded, Refunded}},
	{RefundDue, []PaymentStatus{Paid, PartRefunded, Refunded}},
	{PartRefunded, []PaymentStatus{Owed, CounterDue, Paid, RefundDue, Refunded}},
	{Refunded, []PaymentStatus{Owed, CounterDue, Paid, RefundDue, PartRefunded}},
}

// PaymentStatuses lists every payment state.
var PaymentStatuses = paymentStatuses.states()

// Key is the message key of the state's name.
func (p PaymentStatus) Key() string { return "dossier.payment." + string(p) }

// Unpaid reports whether a fee waits to be paid.
func (p PaymentStatus) Unpaid() bool { return p == Owed || p == CounterDue || p == Pending }

// CanPay reports whether the payment state may change so.
func CanPay(from, to PaymentStatus) bool { return paymentStatuses.allows(from, to) }

// SetPayment moves the payment state; the state it has already changes nothing. Errors: ErrMove, ErrLocked.
func SetPayment(ctx context.Context, tx pgx.Tx, d *Dossier, to PaymentStatus) error {
	return paymentStatuses.set(ctx, tx, d, &d.Payment, to, setPaymentSQL)
}
