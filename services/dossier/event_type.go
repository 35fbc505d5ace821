package dossier

import "slices"

// EventType is what an event of the feed tells a one-stop system, as the CloudEvents attribute "type". It is
// part of the published contract (EventType in portal/backoffice/openapi.yaml).
type EventType string

// The types of events.
const (
	EventSubmitted           EventType = "dossier.submitted"
	EventSupplemented        EventType = "dossier.supplemented"
	EventWithdrawalRequested EventType = "dossier.withdrawal_requested"
	EventCorrectionRequested EventType = "dossier.correction_requested"
	EventConfirmed           EventType = "dossier.confirmed" // the agency's draft result
	EventFeePaid             EventType = "fee.paid"
	EventFeeRefunded         EventType = "fee.refunded"
	EventResultOpened        EventType = "result.opened"
	EventStopped             EventType = "dossier.stopped" // a supplement did not come in time
	// the receiver's system serves this dossier from now on, in place of another one
	EventTransferred EventType = "dossier.transferred"
	// stands in a log in place of an event that its reader has not taken and that another system takes now
	EventEnded EventType = "event.ended"
)

// An eventTypeRow is all that belongs to a type of event.
type eventTypeRow struct {
	event EventType
	fee   bool // the event may name an amount of money
	// no entry of the history tells it: it comes from an agency's change to another one-stop system
	ofMove bool
}

// eventTypes is the table of the types of events.
var eventTypes = []eventTypeRow{
	{event: EventSubmitted, fee: true}, // the one that was paid before
	{event: EventSupplemented},
	{event: EventWithdrawalRequested},
	{event: EventCorrectionRequested},
	{event: EventConfirmed},
	{event: EventFeePaid, fee: true},
	{event: EventFeeRefunded, fee: true},
	{event: EventResultOpened},
	{event: EventStopped},
	{event: EventTransferred, ofMove: true},
	{event: EventEnded, ofMove: true},
}

// EventTypes lists every type of event.
var EventTypes = columnOf(eventTypes, func(row eventTypeRow) EventType { return row.event })

// TakesFee reports whether an event of the type may name an amount of money.
func (e EventType) TakesFee() bool {
	return slices.ContainsFunc(eventTypes, func(row eventTypeRow) bool { return row.event == e && row.fee })
}
