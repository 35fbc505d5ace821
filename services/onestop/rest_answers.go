package onestop

import (
	"congdvc/services/dossier"
	"congdvc/services/result"
	"congdvc/services/workday"
)

// The types of this file and of rest_calls.go are the JSON of /api/v1. Points in time are Instants; days are
// "2026-11-23"; money is whole đồng. A member that may be absent is omitted, never null.

// FeedBatch answers GET /api/v1/feed.
type FeedBatch struct {
	Events []CloudEvent `json:"events"`
	// cursor for the next call; the same as before when there was nothing new
	Next string `json:"next"`
	More bool   `json:"more"` // there is more already: ask at once
}

// Wire gives the batch as the feed answers it.
func (b Batch) Wire() FeedBatch {
	return FeedBatch{Events: b.Events, Next: b.Next.String(), More: b.More}
}

// Dossier is a dossier's header: what it is and how it stands, and nothing about a person.
type Dossier struct {
	Code             dossier.Code     `json:"code"`
	Procedure        string           `json:"procedure"` // national code
	ProcedureVersion string           `json:"procedure_version"`
	Case             string           `json:"case"`
	Language         string           `json:"language"`
	ReceivingAgency  string           `json:"receiving_agency"` // code
	DecidingAgency   string           `json:"deciding_agency"`  // code
	Status           string           `json:"status"`
	NationalStatus   int              `json:"national_status"` // 1 to 10, the national portal's TRANGTHAIHOSO
	Sync             string           `json:"sync"`
	Payment          string           `json:"payment"`
	ResultAfterFee   bool             `json:"result_after_fee"` // while it is unpaid no result is taken
	Delivery         string           `json:"delivery"`
	OfficeCode       string           `json:"office_code,omitempty"` // as it was acknowledged
	SubmittedAt      Instant          `json:"submitted_at"`
	ReceivedAt       *Instant         `json:"received_at,omitempty"`
	DueAt            *Instant         `json:"due_at,omitempty"`
	PausedAt         *Instant         `json:"paused_at,omitempty"` // since when the term stands still
	CompletedAt      *Instant         `json:"completed_at,omitempty"`
	Revisions        []RevisionHeader `json:"revisions"`
	RowVersion       int64            `json:"row_version"` // also the ETag, for If-Match
}

// RevisionHeader names one revision of a dossier.
type RevisionHeader struct {
	Number    int     `json:"number"`
	SHA256    string  `json:"sha256"` // of the bytes at Href, lower-case hex
	CreatedAt Instant `json:"created_at"`
	Href      string  `json:"href"` // path of the exact bytes
}

// ReadableRevision is a revision as a person reads it: labels instead of ids, texts instead of codes. It is
// laid out anew each time and is not what was hashed.
type ReadableRevision struct {
	Dossier      dossier.Code          `json:"dossier"`
	Number       int                   `json:"number"`
	Procedure    string                `json:"procedure"` // name
	Case         string                `json:"case,omitempty"`
	Fields       []ReadableField       `json:"fields"` // in the order of the form
	Requirements []ReadableRequirement `json:"requirements"`
	Results      []ReadableResult      `json:"results"` // what the procedure may end in, for DeliverResult
}

// ReadableField is one question with its answer.
type ReadableField struct {
	ID      string         `json:"id"`
	Section string         `json:"section,omitempty"`
	Label   string         `json:"label"`
	Text    string         `json:"text,omitempty"`  // absent when not answered
	Table   *ReadableTable `json:"table,omitempty"` // instead of the text
	Asks    bool           `json:"asks"`            // a supplement may ask for it

	Differs *ReadableSource `json:"differs,omitempty"` // a source says otherwise
	// what the person was asked to look at again, and said to be right
	Confirmed []string `json:"confirmed,omitempty"`
}

// ReadableSource is what a source says of an answer that the person gave otherwise.
type ReadableSource struct {
	Source  string       `json:"source"`            // identity, organisation or dossier
	Dossier dossier.Code `json:"dossier,omitempty"` // code of the earlier dossier
	Text    string       `json:"text"`              // its value
	Reason  string       `json:"reason,omitempty"`  // the person's words
}

// ReadableTable is the answer to a question that takes several rows.
type ReadableTable struct {
	Head []string   `json:"head"`
	Rows [][]string `json:"rows"`
}

// ReadableRequirement is a paper that the dossier needs; a supplement may ask for it.
type ReadableRequirement struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ReadableResult is a kind of result, by its code in the national catalogue.
type ReadableResult struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Result tells of a result that was taken.
type Result struct {
	Code result.Code `json:"code"` // to be verified by anyone
	// code of the procedure's result that it is; absent when nobody said
	Kind     string       `json:"kind,omitempty"`
	Number   string       `json:"number"`
	Name     string       `json:"name"`
	IssuedOn workday.Date `json:"issued_on"`
	SHA256   string       `json:"sha256"`
	State    string       `json:"state"` // issued, superseded or revoked
	Signed   bool         `json:"signed"`
	// what is wrong with the signature; absent when nothing is
	Signature string `json:"signature,omitempty"`
}

// PushAttempt is one try to push one event, as both sides see it.
type PushAttempt struct {
	ID       int64             `json:"id"`    // to page by
	Event    string            `json:"event"` // CloudEvents id
	Position int64             `json:"position"`
	Type     dossier.EventType `json:"type"`
	Dossier  dossier.Code      `json:"dossier"`
	At       Instant           `json:"at"`
	Status   int               `json:"status,omitempty"` // of the reply; absent when there was none
	Error    string            `json:"error,omitempty"`  // absent when it was delivered
	TookMS   int               `json:"took_ms"`
}

// PushAttempts answers GET /api/v1/push-attempts.
type PushAttempts struct {
	Attempts []PushAttempt `json:"attempts"`       // the newest first
	Next     int64         `json:"next,omitempty"` // "before" of the next page; absent on the last
}

// Wire gives the attempt as the API answers it.
func (a Attempt) Wire() PushAttempt {
	return PushAttempt{
		ID: a.ID, Event: a.Event, Position: a.Position, Type: a.Type, Dossier: a.Dossier,
		At: At(a.At), Status: a.Status, Error: a.Error, TookMS: a.TookMS,
	}
}

// Problem is an error as every call answers it, application/problem+json (RFC 9457).
type Problem struct {
	Type     string         `json:"type"` // "urn:congdvc:problem:<key>": stable, to be matched by programs
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail,omitempty"`
	Instance string         `json:"instance,omitempty"` // "urn:congdvc:request:<request id>"
	Errors   []ProblemField `json:"errors,omitempty"`   // every fault of what was given
}

// ProblemField is one fault of one member of what was given.
type ProblemField struct {
	// JSON Pointer (RFC 6901) into the request's body, such as "/office_code"
	Pointer string `json:"pointer,omitempty"`
	// instead: a query parameter or header, such as "limit" or "Actor.name"
	Parameter string `json:"parameter,omitempty"`
	Type      string `json:"type"`
	Detail    string `json:"detail"`
}

// ProblemMediaType is the media type of a Problem.
const ProblemMediaType = "application/problem+json"

// ProblemType gives the stable type of a message key: "dossier.locked" is
// "urn:congdvc:problem:dossier.locked".
func ProblemType(key string) string { return "urn:congdvc:problem:" + key }
