// Package dossier holds what a person hands in to an authority: the draft while it is written, the immutable
// revisions once it is submitted, its code, its status, and the record of everything that happened to it and
// of who read it.
//
// A dossier is a header and immutable revisions. The header carries four separate states (business, payment,
// delivery of the result, sync to the one-stop system), each with its table of allowed moves: status.go,
// payment_status.go, delivery.go, sync.go. What may happen to a dossier is one table, history_kind.go: who
// may cause it, where it moves the dossier, and which event, notice and slip tell of it, each of which has
// its table beside it. The history is a chain of hashes from the first row. Whoever may see a row is a
// parameter and a `where` clause: what belongs to another party is ErrNotFound.
package dossier

import (
	"encoding/json"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/fault"
	"congdvc/services/workday"
)

// ID names a dossier inside the portal; a UUIDv7.
type ID string

// Faults of drafts and dossiers.
var (
	// no such draft or dossier, or not this party's or agency's
	ErrNotFound = fault.New(fault.NotFound, "dossier.not_found")
	ErrLocked   = fault.New(fault.Conflict, "dossier.locked") // the row changed since it was read
	ErrMove     = fault.New(fault.Conflict, "dossier.move")   // its status does not allow this
	// the draft waits for its payment, or is not open any more
	ErrFrozen = fault.New(fault.Conflict, "dossier.frozen")
	// the supplement does not ask for this field or paper
	ErrNotAsked = fault.New(fault.Forbidden, "dossier.not_asked")
	// another dossier has the code; draw the next one
	ErrCodeTaken = fault.New(fault.Conflict, "dossier.code_taken")
	// a draft for this supplement exists already
	ErrSupplement = fault.New(fault.Conflict, "dossier.supplement_open")
)

// A Dossier is the header of what was submitted. It is read by the functions of this package and changed by
// them only; they keep the struct in step with its row.
type Dossier struct {
	ID              ID               `db:"id"`
	Code            Code             `db:"code"`
	Draft           DraftID          `db:"draft_id"` // the draft of revision 1
	ProcedureCode   string           `db:"procedure_code"`
	VersionID       string           `db:"procedure_version_id"`
	Case            string           `db:"case_id"`
	Owner           identity.PartyID `db:"owner_party_id"`
	SubmittedBy     identity.PartyID `db:"submitted_by"` // the person who acted
	ReceivingAgency agency.ID        `db:"receiving_agency_id"`
	DecidingAgency  agency.ID        `db:"deciding_agency_id"`
	Status          Status           `db:"status"`
	// where a supplement, payment or confirmation leads back to
	ReturnTo    *Status        `db:"return_to"`
	Delivery    Delivery       `db:"delivery_status"`
	Sync        Sync           `db:"sync_status"`
	Payment     PaymentStatus  `db:"payment_status"`
	Lang        string         `db:"lang"`
	SubmittedAt time.Time      `db:"submitted_at"`
	ReceivedAt  *time.Time     `db:"received_at"`
	DueAt       *time.Time     `db:"due_at"`
	DueSheet    []workday.Step `db:"due_sheet"` // why DueAt is what it is, day by day
	PausedAt    *time.Time     `db:"paused_at"` // since when the clock stands still
	CompletedAt *time.Time     `db:"completed_at"`
	OfficeCode  *string        `db:"office_code"` // the one-stop system's own code
	RowVersion  int64          `db:"row_version"` // grows with every change; the ETag of the API
	HistorySeq  int            `db:"history_seq"` // number of history rows
	HistoryHash []byte         `db:"history_hash"`
	// keyed hash over the last row: whoever lacks the key cannot cut or rewrite the end
	HistorySeal []byte `db:"history_seal"`
	// see services/binding: whose it is and which agencies have it, as the portal wrote it
	Mark []byte `db:"mark"`
}

// ActorKind says on whose side an actor stands.
type ActorKind string

// The kinds of actors.
const (
	Citizen ActorKind = "citizen" // a person who acts for the owner party
	Officer ActorKind = "officer" // somebody of an agency, as its one-stop system names them
	Portal  ActorKind = "portal"  // the portal by itself: a deadline, a payment's fact
)

// actorKinds lists every kind of actor.
var actorKinds = []ActorKind{Citizen, Officer, Portal}

// An Actor is who did or read something. Of a citizen only the id is stored; an officer is stored as named,
// since the owner has a right to know who dealt with the dossier.
type Actor struct {
	Kind   ActorKind        `json:"kind"`
	Person identity.PartyID `json:"person,omitempty"`
	Name   string           `json:"name,omitempty"`
	Title  string           `json:"title,omitempty"`
	Unit   string           `json:"unit,omitempty"`
	Phone  string           `json:"phone,omitempty"`
	// System is the id of the connection by which an officer acts. It is not kept: it only tells apart, in
	// the log of that system, what it did itself.
	System string `json:"-"`
}

// stored returns the JSON of an actor as rows keep it.
func (a Actor) stored() ([]byte, error) {
	if a.Kind == Citizen {
		a = Actor{Kind: Citizen, Person: a.Person}
	}
	return json.Marshal(a)
}
