package dossier

// Kind says what a row of the history tells. Its values are stored and are the last part of message keys.
type Kind string

// The kinds of events.
const (
	KindSubmitted          Kind = "submitted"
	KindAcknowledged       Kind = "acknowledged" // the one-stop system has it
	KindReceived           Kind = "received"
	KindRefused            Kind = "refused"
	KindProcessing         Kind = "processing"
	KindNote               Kind = "note"
	KindSupplementAsked    Kind = "supplement_asked"
	KindSupplemented       Kind = "supplemented"
	KindFeeAsked           Kind = "fee_asked"
	KindFeePaid            Kind = "fee_paid"
	KindFeeRefunded        Kind = "fee_refunded"
	KindConfirmationAsked  Kind = "confirmation_asked"
	KindConfirmed          Kind = "confirmed"
	KindConfirmedBySilence Kind = "confirmed_by_silence"
	KindCorrected          Kind = "corrected" // the citizen answered a draft result with a correction
	KindExtended           Kind = "extended"
	KindTransferred        Kind = "transferred"
	KindWithdrawalAsked    Kind = "withdrawal_asked"
	KindCorrectionAsked    Kind = "correction_asked"
	KindStopAsked          Kind = "stop_asked"
	KindRequestRefused     Kind = "request_refused"
	KindRequestAccepted    Kind = "request_accepted"
	KindWithdrawn          Kind = "withdrawn"
	KindStopped            Kind = "stopped"
	KindCompleted          Kind = "completed"
	KindResultReplaced     Kind = "result_replaced"
	KindResultRevoked      Kind = "result_revoked"
	KindReturned           Kind = "returned"
)

// Kinds lists every kind of event.
var Kinds = []Kind{
	KindSubmitted, KindAcknowledged, KindReceived, KindRefused, KindProcessing, KindNote, KindSupplementAsked,
	KindSupplemented, KindFeeAsked, KindFeePaid, KindFeeRefunded, KindConfirmationAsked, KindConfirmed,
	KindConfirmedBySilence, KindCorrected, KindExtended, KindTransferred, KindWithdrawalAsked, KindCorrectionAsked,
	KindStopAsked, KindRequestRefused, KindRequestAccepted, KindWithdrawn, KindStopped, KindCompleted,
	KindResultReplaced, KindResultRevoked, KindReturned,
}

// Key is the message key of the event's sentence.
func (k Kind) Key() string { return "dossier.event." + string(k) }
