package dossier

import (
	"slices"
	"time"
)

// NoticeKind is what a notice tells a person. Its values are stored and are a part of message keys.
type NoticeKind string

// The kinds of notices.
const (
	NoticeSubmitted       NoticeKind = "submitted"
	NoticeReceived        NoticeKind = "received"
	NoticeRefused         NoticeKind = "refused"
	NoticeSupplement      NoticeKind = "supplement"
	NoticeProcessing      NoticeKind = "processing"
	NoticeCompleted       NoticeKind = "completed" // the result is ready
	NoticePaymentReceived NoticeKind = "payment_received"
	NoticePaymentRefund   NoticeKind = "payment_refund"
	NoticeWithdrawn       NoticeKind = "withdrawn"          // the agency accepted the request to withdraw
	NoticeRequestRefused  NoticeKind = "withdrawal_refused" // it did not
	NoticeStopped         NoticeKind = "stopped"            // the supplement did not come in time
	NoticeSupplementEnds  NoticeKind = "supplement_ends"    // it is still to come, and its last day is near
	// a draft will be thrown away; it has no dossier yet
	NoticeDraftExpiring NoticeKind = "draft_expiring"
)

// NoticePage is the page to which a notice leads.
type NoticePage string

// The pages to which notices lead.
const (
	// It also says what a supplement asks for, and answers it by a button: nothing begins by opening a link.
	DossierPage NoticePage = "dossier"
	DraftPage   NoticePage = "draft" // of a notice about a draft, which has no history
)

// A noticeKindRow is all that belongs to a kind of notice.
type noticeKindRow struct {
	notice NoticeKind
	opens  NoticePage
	cause  noticeCause
	// for how long after the event it makes sense to send it outside of the portal; where the notice names a
	// deadline, not beyond it
	holds time.Duration
}

// For how long a notice makes sense.
const (
	// what is soon overtaken by the next thing, or asks for nothing
	soonOld = 24 * time.Hour
	// what a person waits for
	news = 48 * time.Hour
	// what is to be done by a day; the day ends it
	toDo = 90 * 24 * time.Hour
)

// noticeCause is what tells a kind of notice.
type noticeCause int

const (
	byEntry noticeCause = iota // an entry of a history
	byTerm                     // a term that comes to its end
)

// noticeKinds is the table of the kinds of notices.
var noticeKinds = []noticeKindRow{
	{NoticeSubmitted, DossierPage, byEntry, soonOld},
	{NoticeReceived, DossierPage, byEntry, news},
	{NoticeRefused, DossierPage, byEntry, news},
	{NoticeSupplement, DossierPage, byEntry, toDo},
	{NoticeProcessing, DossierPage, byEntry, soonOld},
	{NoticeCompleted, DossierPage, byEntry, news},
	{NoticePaymentReceived, DossierPage, byEntry, soonOld},
	{NoticePaymentRefund, DossierPage, byEntry, news},
	{NoticeWithdrawn, DossierPage, byEntry, news},
	{NoticeRequestRefused, DossierPage, byEntry, news},
	{NoticeStopped, DossierPage, byEntry, news},
	{NoticeSupplementEnds, DossierPage, byTerm, toDo},
	{NoticeDraftExpiring, DraftPage, byTerm, toDo},
}

// NoticeKinds lists every kind of notice.
var NoticeKinds = columnOf(noticeKinds, func(row noticeKindRow) NoticeKind { return row.notice })

// Opens is the page to which the notice leads; "" for an unknown kind.
func (n NoticeKind) Opens() NoticePage { return n.row().opens }

// Holds is for how long after its event the notice makes sense outside of the portal; 0 for an unknown kind.
func (n NoticeKind) Holds() time.Duration { return n.row().holds }

// row returns the kind's row; it is empty for an unknown kind.
func (n NoticeKind) row() noticeKindRow {
	i := slices.Index(NoticeKinds, n)
	if i < 0 {
		return noticeKindRow{}
	}
	return noticeKinds[i]
}

// TitleKey is the message key of the notice's title, which is also the subject of its mail.
func (n NoticeKind) TitleKey() string { return "notice." + string(n) + ".title" }

// BodyKey is the message key of what the notice says.
func (n NoticeKind) BodyKey() string { return "notice." + string(n) + ".body" }
