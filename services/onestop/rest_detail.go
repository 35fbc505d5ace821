package onestop

import (
	"congdvc/services/dossier"
	"congdvc/services/workday"
)

// DossierDetail answers GET /api/v1/dossiers/{code}: the header, and all that an officer needs to decide what
// is to be done, as of one instant. A list that is empty is there all the same.
type DossierDetail struct {
	Dossier
	// what the citizen asked for and nobody has answered, the oldest first
	Requests   []Request         `json:"requests"`
	Supplement *OpenSupplement   `json:"supplement,omitempty"` // only while the citizen is to answer it
	Results    []DeliveredResult `json:"results"`              // the oldest first
	Fees       []Fee             `json:"fees"`                 // the oldest first
	Slips      []Slip            `json:"slips"`                // the oldest first
	History    []HistoryEntry    `json:"history"`              // the oldest first
}

// Doer is who did something.
type Doer struct {
	Kind  dossier.ActorKind `json:"kind"`           // citizen, officer, or portal, which acts by itself
	Name  string            `json:"name,omitempty"` // absent for the portal
	Title string            `json:"title,omitempty"`
	Unit  string            `json:"unit,omitempty"`
	Phone string            `json:"phone,omitempty"`
}

// Request is something that the citizen asks of the agency.
type Request struct {
	Kind    string  `json:"kind"` // withdrawal
	AskedAt Instant `json:"asked_at"`
	AskedBy Doer    `json:"asked_by"`
	Reason  string  `json:"reason,omitempty"` // in the citizen's words
}

// OpenSupplement is a Supplement that the citizen has not answered yet.
type OpenSupplement struct {
	Revision     int               `json:"revision"` // the number that the answer will have
	Fields       []string          `json:"fields"`
	Requirements []string          `json:"requirements"`
	Reasons      map[string]string `json:"reasons"`
	Deadline     workday.Date      `json:"deadline"` // the last day
	AskedAt      Instant           `json:"asked_at"`
	AskedBy      Doer              `json:"asked_by"`
}

// DeliveredResult is a Result and what became of it.
type DeliveredResult struct {
	Result
	DeliveredAt Instant  `json:"delivered_at"`
	OpenedAt    *Instant `json:"opened_at,omitempty"` // by its owner, for the first time
}

// Fee is what was to be paid at one time, and what was paid. Sums are đồng.
type Fee struct {
	Agency    string       `json:"agency"` // code of the one that collects
	Lines     []FeeLine    `json:"lines"`
	Total     int64        `json:"total"`
	Due       string       `json:"due"` // at_submission or at_counter
	QuotedAt  Instant      `json:"quoted_at"`
	Paid      int64        `json:"paid"`       // ever
	Refunded  int64        `json:"refunded"`   // ever, also by hand at the provider
	RefundDue int64        `json:"refund_due"` // to be given back yet
	Payments  []FeePayment `json:"payments"`
	Receipts  []FeeReceipt `json:"receipts"`
	Refunds   []FeeRefund  `json:"refunds"`
}

// FeeLine is one line of a fee, as in a revision.
type FeeLine struct {
	Code       string `json:"code"`
	Name       string `json:"name"`
	Kind       string `json:"kind"` // phi or le_phi
	Unit       int64  `json:"unit"`
	Quantity   int64  `json:"quantity"`
	Amount     int64  `json:"amount"`
	Basis      string `json:"basis"`
	Refundable bool   `json:"refundable"`
}

// FeePayment is money that came in.
type FeePayment struct {
	Channel   string  `json:"channel"` // stripe or counter
	Amount    int64   `json:"amount"`
	PaidAt    Instant `json:"paid_at"`
	Reference string  `json:"reference,omitempty"` // of a CounterPayment: its receipt number or call
}

// FeeReceipt is a receipt of the portal.
type FeeReceipt struct {
	Number   string   `json:"number"`
	Amount   int64    `json:"amount"`
	PaidAt   Instant  `json:"paid_at"`
	IssuedAt Instant  `json:"issued_at"`
	VoidedAt *Instant `json:"voided_at,omitempty"` // when all of it was given back
}

// FeeRefund is a decision of the portal to give money back.
type FeeRefund struct {
	Amount  int64    `json:"amount"`
	Reason  string   `json:"reason"` // twice, impossible, withdrawn, refused or stopped
	State   string   `json:"state"`  // due, done or failed
	AskedAt Instant  `json:"asked_at"`
	DoneAt  *Instant `json:"done_at,omitempty"`
}

// Slip is a slip that the citizen was given.
type Slip struct {
	Kind     dossier.SlipKind `json:"kind"`   // 01, 02 or 03, as the circular numbers them
	Number   string           `json:"number"` // within the dossier
	IssuedAt Instant          `json:"issued_at"`
}

// HistoryEntry is one thing that happened.
type HistoryEntry struct {
	Number   int            `json:"number"` // from 1, without gaps
	At       Instant        `json:"at"`
	Kind     dossier.Kind   `json:"kind"`
	Status   dossier.Status `json:"status"` // of the dossier from then on
	By       Doer           `json:"by"`
	Note     string         `json:"note,omitempty"`     // their words
	Revision int            `json:"revision,omitempty"` // that was handed in
}
