// Package onestop feeds dossiers to the one-stop systems (một cửa điện tử) of the agencies and takes their
// calls.
//
// Every connection has a log of thin events. A change of a dossier appends its event in its own transaction.
// The sequencer gives committed events their positions, without gaps in each connection. A system then pulls
// the log with a cursor, or the deliverer pushes it in the same order. Both give the same CloudEvents with
// the same ids, as often as needed.
//
// The signatures of pushed events follow Standard Webhooks through its own Go library, so that a receiver can
// check them with any of that project's libraries. The scheme is one HMAC: leaving the library means writing
// thirty lines.
package onestop

import (
	"context"
	"encoding/json"
	"fmt"

	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// Faults that a one-stop system, or the person who runs the portal, can be told.
var (
	ErrNotFound    = fault.New(fault.NotFound, "onestop.connection_not_found")
	ErrCodeTaken   = fault.New(fault.Conflict, "onestop.connection_code_taken")
	ErrCode        = fault.New(fault.Invalid, "onestop.connection_code")
	ErrEndpoint    = fault.New(fault.Invalid, "onestop.endpoint")
	ErrCursor      = fault.New(fault.Invalid, "onestop.cursor")
	ErrCursorAhead = fault.New(fault.Gone, "onestop.cursor_ahead")
	ErrIncarnation = fault.New(fault.Gone, "onestop.cursor_incarnation")
	ErrKey         = fault.New(fault.Unauthenticated, "onestop.key")
	ErrNoKey       = fault.New(fault.NotFound, "onestop.key_not_found")
	ErrKeyScope    = fault.New(fault.Forbidden, "onestop.key_scope")
	ErrKeys        = fault.New(fault.Conflict, "onestop.keys")
	ErrKeyScopes   = fault.New(fault.Invalid, "onestop.key_scopes")
	ErrKeyExpired  = fault.New(fault.Unauthenticated, "onestop.key_expired")
	ErrKeyExpiry   = fault.New(fault.Invalid, "onestop.key_expiry")
	ErrReplayLong  = fault.New(fault.Invalid, "onestop.replay_too_long")
)

// Thin is all that an event says: enough to fetch the rest, and nothing about a person.
type Thin struct {
	Dossier    dossier.Code `json:"dossier"`       // the dossier's code
	Revision   int          `json:"revision"`      // number of the newest revision
	SHA256     string       `json:"sha256"`        // of that revision's bytes, lower-case hex
	Language   string       `json:"language"`      // "vi" or "en": what the person reads
	Agency     string       `json:"agency"`        // code of the receiving agency
	Procedure  string       `json:"procedure"`     // national code of the procedure
	Fee        *ThinFee     `json:"fee,omitempty"` // only where the type takes one (dossier.EventType)
	Own        bool         `json:"own,omitempty"` // it comes of a call of the log's own system
	OccurredAt Instant      `json:"occurred_at"`   // the instant of what happened
}

// ThinFee is the money that an event is about.
type ThinFee struct {
	Amount  int64  `json:"amount"`            // đồng, always positive
	Receipt string `json:"receipt,omitempty"` // number of the receipt, or of the refund's voucher
}

// Event is what Append adds to the log.
type Event struct {
	Connection string // id of the connection that serves the receiving agency
	Dossier    dossier.ID
	Type       dossier.EventType
	Data       Thin // OccurredAt is required; it orders nothing, positions do
}

// The dossier's row is locked by the sub-select before the outer insert draws the identity (a sub-select with
// a row lock is never flattened into the outer query), so the order of ids within a dossier is the order of
// its commits even if a caller forgot to lock.
const appendEvent = `
insert into event (uid, connection_id, dossier_id, type, data, created_at)
select $1, $2, locked.id, $4, $5, $6
from (select id from dossier where id = $3 for no key update) locked`

// Append adds an event to the log of its connection in the transaction of the change that it tells about. The
// event gets its position from the sequencer after that transaction has committed; ping the sequencer then.
func Append(ctx context.Context, tx pgx.Tx, e Event) error {
	if e.Data.Fee != nil && !e.Type.TakesFee() {
		return fmt.Errorf("onestop: append %s of %s: it takes no fee", e.Type, e.Dossier)
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("onestop: write event of %s: %w", e.Dossier, err)
	}
	tag, err := tx.Exec(ctx, appendEvent, postgres.NewID(), e.Connection, e.Dossier, e.Type, string(data),
		e.Data.OccurredAt.Time())
	if err != nil {
		return fmt.Errorf("onestop: append %s of %s: %w", e.Type, e.Dossier, err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("onestop: append %s: no dossier %s", e.Type, e.Dossier)
	}
	return nil
}
