package dossier

import "slices"

// Kind says what an entry of the history tells. Its values are stored, hashed into the chain and never
// renamed, and are the last part of message keys.
type Kind string

// The kinds of entries.
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

// A kindRow is all that belongs to a kind of entry: who may cause it, where it moves the dossier, and what is
// told to whom. A member that is left out means nothing of that sort: a kind without to and back moves
// nothing.
type kindRow struct {
	kind Kind
	by   []ActorKind
	to   Status // the status to which it moves the dossier
	// a dossier that waits for its owner goes back to where it came from, whatever to says
	back   bool
	event  EventType  // told to the one-stop system
	notice NoticeKind // told to the person
	slip   SlipKind   // issued to the person
	// nothing makes such an entry yet, so that the contract does not promise what would come of it
	unmade bool
}

// who may cause an entry.
var (
	byCitizen = []ActorKind{Citizen}
	byOfficer = []ActorKind{Officer}
	byPortal  = []ActorKind{Portal}
)

// kinds is the table of the kinds of entries.
var kinds = []kindRow{
	{kind: KindSubmitted, by: byCitizen, to: Submitted, event: EventSubmitted, notice: NoticeSubmitted},
	{kind: KindAcknowledged, by: byOfficer},
	{kind: KindReceived, by: byOfficer, to: Received, notice: NoticeReceived, slip: SlipReceived},
	{kind: KindRefused, by: byOfficer, to: Refused, notice: NoticeRefused, slip: SlipRefused},
	{kind: KindProcessing, by: byOfficer, to: Processing, notice: NoticeProcessing},
	{kind: KindNote, by: byOfficer},
	{kind: KindSupplementAsked, by: byOfficer, to: Supplement, notice: NoticeSupplement,
		slip: SlipSupplement},
	{kind: KindSupplemented, by: byCitizen, back: true, event: EventSupplemented},
	{kind: KindFeeAsked, by: byOfficer, to: Payment, unmade: true},
	{kind: KindFeePaid, by: []ActorKind{Portal, Officer}, event: EventFeePaid, notice: NoticePaymentReceived},
	{kind: KindFeeRefunded, by: byPortal, event: EventFeeRefunded, notice: NoticePaymentRefund},
	{kind: KindConfirmationAsked, by: byOfficer, to: Confirming, unmade: true},
	{kind: KindConfirmed, by: byCitizen, back: true, event: EventConfirmed, unmade: true},
	{kind: KindConfirmedBySilence, by: byPortal, back: true, event: EventConfirmed, unmade: true},
	{kind: KindCorrected, by: byCitizen, back: true, unmade: true},
	{kind: KindExtended, by: byOfficer, unmade: true},
	{kind: KindTransferred, by: byOfficer, unmade: true},
	{kind: KindWithdrawalAsked, by: byCitizen, event: EventWithdrawalRequested},
	{kind: KindCorrectionAsked, by: byCitizen, event: EventCorrectionRequested, unmade: true},
	{kind: KindStopAsked, by: byCitizen, unmade: true},
	{kind: KindRequestRefused, by: byOfficer, notice: NoticeRequestRefused},
	{kind: KindRequestAccepted, by: byOfficer, to: Withdrawn, back: true, notice: NoticeWithdrawn},
	{kind: KindWithdrawn, by: byOfficer, to: Withdrawn}, // after request_accepted led the dossier back
	{kind: KindStopped, by: byPortal, to: Stopped, event: EventStopped, notice: NoticeStopped},
	{kind: KindCompleted, by: byOfficer, to: Completed, notice: NoticeCompleted},
	{kind: KindResultReplaced, by: byOfficer, unmade: true},
	{kind: KindResultRevoked, by: byOfficer, unmade: true},
	{kind: KindReturned, by: []ActorKind{Citizen, Officer}, to: Returned, event: EventResultOpened},
}

// Kinds lists every kind of entry.
var Kinds = columnOf(kinds, func(row kindRow) Kind { return row.kind })

// row returns the kind's row; it is empty for an unknown kind.
func (k Kind) row() kindRow {
	i := slices.Index(Kinds, k)
	if i < 0 {
		return kindRow{}
	}
	return kinds[i]
}

// Key is the message key of the entry's sentence.
func (k Kind) Key() string { return "dossier.event." + string(k) }

// Event is what the one-stop system is told; "" where it is told nothing.
func (k Kind) Event() EventType { return k.row().event }

// Notice is what the person is told; "" where there is no notice.
func (k Kind) Notice() NoticeKind { return k.row().notice }

// Slip is what the person is given with it; "" where there is none.
func (k Kind) Slip() SlipKind { return k.row().slip }

// moves reports whether an entry of the kind moves the dossier.
func (r kindRow) moves() bool { return r.to != unfiled || r.back }

// target is the status to which an entry of the kind moves the dossier; unfiled when it cannot.
func (d *Dossier) target(r kindRow) Status {
	if r.back && d.Status.Waits() && d.ReturnTo != nil {
		return *d.ReturnTo
	}
	return r.to
}

// Allows reports whether an entry of the kind may be made now. Errors: ErrMove, with the status and where it
// would lead.
func (d *Dossier) Allows(k Kind) error {
	if row := k.row(); row.moves() && !d.CanMove(d.target(row)) {
		return ErrMove.With("From", string(d.Status)).With("To", string(d.target(row)))
	}
	return nil
}
