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
)

// An eventTypeRow is all that belongs to a type of event.
type eventTypeRow struct {
	event EventType
	fee   bool // the event may name an amount of money
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
}

// EventTypes lists every type of event.
var EventTypes = columnOf(eventTypes, func(row eventTypeRow) EventType { return row.event })

// TakesFee reports whether an event of the type may name an amount of money.
func (e EventType) TakesFee() bool { return slices.Contains(eventTypes, eventTypeRow{e, true}) }
