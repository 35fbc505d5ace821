package dossier

import (
	"maps"
	"slices"
)

// Status is the business status of a dossier. Its values are stored and are the last part of message keys.
type Status string

// The business statuses.
const (
	Submitted  Status = "submitted"
	Received   Status = "received"
	Refused    Status = "refused"
	Supplement Status = "supplement"
	Payment    Status = "payment" // the agency asked for a fee
	Processing Status = "processing"
	Confirming Status = "confirming" // the agency's draft result waits for the citizen's yes
	Stopped    Status = "stopped"
	Withdrawn  Status = "withdrawn"
	Completed  Status = "completed"
	Returned   Status = "returned"

	// unfiled is a dossier between Insert and its first move, within one transaction.
	unfiled Status = ""
)

// Statuses lists every status in the order of a dossier's life.
var Statuses = []Status{Submitted, Received, Refused, Supplement, Payment, Processing, Confirming, Stopped, Withdrawn, Completed, Returned}

// moves has the allowed moves of the business status. Supplement, payment and confirming lead back only to where they
// came from, which Dossier.CanMove knows.
var moves = map[Status][]Status{
	unfiled:    {Submitted},
	Submitted:  {Received, Refused, Supplement, Withdrawn},
	Received:   {Processing, Supplement, Payment, Stopped, Withdrawn},
	Processing: {Supplement, Payment, Confirming, Stopped, Withdrawn, Completed},
	Supplement: {Submitted, Received, Processing, Stopped},
	Payment:    {Received, Processing, Stopped},
	Confirming: {Processing, Stopped},
	Completed:  {Returned},
}

// national has the codes of the national portal's list TRANGTHAIHOSO. A result that waits for the citizen's
// confirmation has no code of its own there and counts as being processed.
var national = map[Status]int{
	Submitted: 1, Received: 2, Refused: 3, Processing: 4, Confirming: 4, Supplement: 5, Payment: 6,
	Withdrawn: 7, Stopped: 8, Completed: 9, Returned: 10,
}

// National returns the national portal's number of the status, 1 to 10; 0 for what is no status.
func (s Status) National() int { return national[s] }

// Waits reports whether the next move is the citizen's.
func (s Status) Waits() bool { return s == Supplement || s == Payment || s == Confirming }

// Ended reports whether nothing more is decided in the dossier: no term runs.
func (s Status) Ended() bool {
	switch s {
	case Refused, Stopped, Withdrawn, Completed, Returned:
		return true
	}
	return false
}

// Key is the message key of the status's name.
func (s Status) Key() string { return "dossier.status." + string(s) }

// CanMove reports whether the table allows a move at all. Of the three statuses that wait for the citizen it does not
// know where they came from: ask Dossier.CanMove.
func CanMove(from, to Status) bool { return allows(moves, from, to) }

// CanMove reports whether the dossier may move to a status now.
func (d *Dossier) CanMove(to Status) bool {
	if !CanMove(d.Status, to) {
		return false
	}
	return !d.Status.Waits() || to == Stopped || d.ReturnTo != nil && to == *d.ReturnTo
}

// Sync is how far the one-stop system has the dossier.
type Sync string

// The sync states. That the endpoint answered 2xx and that the system acknowledged are two different things.
const (
	Waiting      Sync = "waiting"      // an event waits to be delivered
	Delivered    Sync = "delivered"    // the endpoint answered 2xx
	Acknowledged Sync = "acknowledged" // the system has the dossier, under its own code
	Failing      Sync = "failing"      // tries fail, more will follow
	Parked       Sync = "parked"       // given up until an operator replays
)

// syncMoves: acknowledging overtakes everything, since a system that pulls is never pushed to; a new event makes any
// state wait again.
var syncMoves = map[Sync][]Sync{
	Waiting:      {Delivered, Acknowledged, Failing, Parked},
	Delivered:    {Waiting, Acknowledged},
	Acknowledged: {Waiting},
	Failing:      {Delivered, Acknowledged, Parked, Waiting},
	Parked:       {Waiting, Delivered, Acknowledged},
}

// Delivery is how far the result is with the citizen.
type Delivery string

// The delivery states.
const (
	None       Delivery = "none"        // no result yet
	Ready      Delivery = "ready"       // an e-result can be opened, or a paper one fetched
	Opened     Delivery = "opened"      // the e-result was opened or downloaded
	HandedOver Delivery = "handed_over" // the paper was given to the citizen
)

// deliveryMoves: a corrected result makes an opened one ready again; a revoked result leaves none.
var deliveryMoves = map[Delivery][]Delivery{
	None:       {Ready, HandedOver},
	Ready:      {Opened, HandedOver, None},
	Opened:     {Ready, HandedOver, None},
	HandedOver: {Ready, None},
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
func (s Sync) Key() string { return "dossier.sync." + string(s) }

// Key is the message key of the state's name.
func (d Delivery) Key() string { return "dossier.delivery." + string(d) }

// Key is the message key of the state's name.
func (p PaymentStatus) Key() string { return "dossier.payment." + string(p) }

// CanSync reports whether the sync state may change so.
func CanSync(from, to Sync) bool { return allows(syncMoves, from, to) }

// CanDeliver reports whether the delivery state may change so.
func CanDeliver(from, to Delivery) bool { return allows(deliveryMoves, from, to) }

// CanPay reports whether the payment state may change so.
func CanPay(from, to PaymentStatus) bool { return allows(paymentMoves, from, to) }

func allows[S ~string](table map[S][]S, from, to S) bool { return slices.Contains(table[from], to) }

// sourcesOf returns the states from which a table allows a move to one, sorted.
func sourcesOf[S ~string](table map[S][]S, to S) []string {
	var from []string
	for _, s := range slices.Sorted(maps.Keys(table)) {
		if slices.Contains(table[s], to) {
			from = append(from, string(s))
		}
	}
	return from
}
