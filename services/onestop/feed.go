package onestop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

const (
	// MaxBatch is the most events that After gives at once.
	MaxBatch = 500
	// MaxWait is the longest that Await waits.
	MaxWait = 30 * time.Second

	maxCursorText = 64
)

// Cursor is a place in the log of one connection: behind the event at Position, in the log of that
// Incarnation. The zero Cursor is the beginning.
type Cursor struct {
	Incarnation string // 8 letters or digits; a log restored from a backup gets another one
	Position    int64
}

// String gives the cursor as a receiver keeps it, such as "k3f9ab2c.1042"; the zero Cursor is "".
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return c.Incarnation + "." + strconv.FormatInt(c.Position, 10)
}

// ParseCursor reads what String gives. Anything else is ErrCursor.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	incarnation, position, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(position, 10, 64)
	c := Cursor{Incarnation: incarnation, Position: n}
	if !ok || err != nil || n < 0 || len(text) > maxCursorText || incarnation == "" || c.String() != text {
		return Cursor{}, ErrCursor
	}
	for _, r := range incarnation {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return Cursor{}, ErrCursor
		}
	}
	return c, nil
}

// CloudEvent is one event as it is pushed and pulled: CloudEvents 1.0 in its JSON format.
// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
type CloudEvent struct {
	SpecVersion     string            `json:"specversion"` // "1.0"
	ID              string            `json:"id"`          // UUID, the same however often the event is sent
	Source          string            `json:"source"`      // "urn:congdvc:connection:<code>"
	Type            dossier.EventType `json:"type"`
	Subject         string            `json:"subject"` // the dossier's code
	Time            Instant           `json:"time"`
	DataContentType string            `json:"datacontenttype"` // "application/json"
	// extension: the cursor behind this event, to go on pulling from
	Cursor string `json:"cursor"`
	Data   Thin   `json:"data"`
}

// Batch is a part of the log without gaps: no event between two of its events, or between the last one and
// its cursor, is missing.
type Batch struct {
	Events []CloudEvent
	Next   Cursor // behind the last event; ask for what is after it
	More   bool   // the log already goes on behind Next
}

// logEvent is a numbered row of the log.
type logEvent struct {
	ID        int64             `db:"id"`
	UID       string            `db:"uid"`
	DossierID dossier.ID        `db:"dossier_id"`
	Type      dossier.EventType `db:"type"`
	Data      json.RawMessage   `db:"data"`
	CreatedAt time.Time         `db:"created_at"`
	Position  int64             `db:"position"`
}

func (e logEvent) cloudEvent(connectionCode, incarnation string) (CloudEvent, error) {
	out := CloudEvent{
		SpecVersion: "1.0", ID: e.UID, Source: "urn:congdvc:connection:" + connectionCode, Type: e.Type,
		Time: At(e.CreatedAt), DataContentType: "application/json",
		Cursor: Cursor{Incarnation: incarnation, Position: e.Position}.String(),
	}
	if err := json.Unmarshal(e.Data, &out.Data); err != nil {
		return CloudEvent{}, fmt.Errorf("onestop: read event %d: %w", e.ID, err)
	}
	out.Subject = string(out.Data.Dossier)
	return out, nil
}

const findHead = `
select c.code, h.position, h.incarnation
from connection_head h join connection c on c.id = h.connection_id
where h.connection_id = $1`

// head is the end of a connection's log.
type head struct {
	Code, Incarnation string
	Position          int64
}

// headOf reads the end of a log and holds a cursor to it. Errors: ErrIncarnation, ErrCursorAhead,
// ErrNotFound.
func headOf(ctx context.Context, db postgres.DB, connection string, after Cursor) (h head, err error) {
	err = db.QueryRow(ctx, findHead, connection).Scan(&h.Code, &h.Position, &h.Incarnation)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return h, ErrNotFound
	case err != nil:
		return h, fmt.Errorf("onestop: head of %s: %w", connection, err)
	case after != (Cursor{}) && after.Incarnation != h.Incarnation:
		return h, ErrIncarnation
	case after.Position > h.Position:
		return h, ErrCursorAhead
	}
	return h, nil
}

const eventsAfter = `
select id, uid::text, dossier_id::text, case when ended_at is null then type else $4 end as type, data, created_at,
       position
from event
where connection_id = $1 and position > $2
order by position
limit $3`

// After gives the events behind a cursor, oldest first, at most limit of them (1 to MaxBatch; else MaxBatch).
// An event that has ended is there as dossier.EventEnded, under its id and at its position.
// Errors: ErrCursorAhead for a cursor ahead of the log; ErrIncarnation for one of another incarnation, upon
// which the receiver begins at the zero Cursor and skips the events whose ids it has; ErrNotFound for an
// unknown connection.
func After(ctx context.Context, db postgres.DB, connection string, after Cursor, limit int) (Batch, error) {
	if limit < 1 || limit > MaxBatch {
		limit = MaxBatch
	}
	head, err := headOf(ctx, db, connection, after)
	if err != nil {
		return Batch{}, err
	}
	rows, err := db.Query(ctx, eventsAfter, connection, after.Position, limit, dossier.EventEnded)
	if err != nil {
		return Batch{}, fmt.Errorf("onestop: events of %s: %w", connection, err)
	}
	events, err := pgx.CollectRows(rows, pgx.RowToStructByName[logEvent])
	if err != nil {
		return Batch{}, fmt.Errorf("onestop: events of %s: %w", connection, err)
	}
	batch := Batch{
		Next:   Cursor{Incarnation: head.Incarnation, Position: after.Position},
		Events: make([]CloudEvent, len(events)),
	}
	for i, e := range events {
		if batch.Events[i], err = e.cloudEvent(head.Code, head.Incarnation); err != nil {
			return Batch{}, err
		}
		batch.Next.Position = e.Position
	}
	batch.More = batch.Next.Position < head.Position
	return batch, nil
}
