package dossier

import "slices"

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
	// a draft will be thrown away; it has no dossier yet
	NoticeDraftExpiring NoticeKind = "draft_expiring"
)

// NoticePage is the page to which a notice leads.
type NoticePage string

// The pages to which notices lead.
const (
	DossierPage    NoticePage = "dossier"
	SupplementPage NoticePage = "supplement"
	DraftPage      NoticePage = "draft" // of a notice about a draft, which no entry of a history causes
)

// A noticeKindRow is all that belongs to a kind of notice.
type noticeKindRow struct {
	notice NoticeKind
	opens  NoticePage
}

// noticeKinds is the table of the kinds of notices.
var noticeKinds = []noticeKindRow{
	{NoticeSubmitted, DossierPage},
	{NoticeReceived, DossierPage},
	{NoticeRefused, DossierPage},
	{NoticeSupplement, SupplementPage},
	{NoticeProcessing, DossierPage},
	{NoticeCompleted, DossierPage},
	{NoticePaymentReceived, DossierPage},
	{NoticePaymentRefund, DossierPage},
	{NoticeWithdrawn, DossierPage},
	{NoticeRequestRefused, DossierPage},
	{NoticeStopped, DossierPage},
	{NoticeDraftExpiring, DraftPage},
}

// NoticeKinds lists every kind of notice.
var NoticeKinds = columnOf(noticeKinds, func(row noticeKindRow) NoticeKind { return row.notice })

// Opens is the page to which the notice leads; "" for an unknown kind.
func (n NoticeKind) Opens() NoticePage {
	i := slices.Index(NoticeKinds, n)
	if i < 0 {
		return ""
	}
	return noticeKinds[i].opens
}

// TitleKey is the message key of the notice's title, which is also the subject of its mail.
func (n NoticeKind) TitleKey() string { return "notice." + string(n) + ".title" }

// BodyKey is the message key of what the notice says.
func (n NoticeKind) BodyKey() string { return "notice." + string(n) + ".body" }
