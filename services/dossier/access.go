package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
)

// An Access is one reading of a dossier by somebody other than its owner.
type Access struct {
	At    time.Time `db:"at"`
	Actor Actor     `db:"actor"`
	What  string    `db:"what"`
}

// What was read; the last part of message keys dossier.access.*.
const (
	ReadHeader   = "header"   // the status and dates
	ReadRevision = "revision" // the answers
	ReadFile     = "file"
	ReadResult   = "result"
)

const recordAccessSQL = `insert into dossier_access (id, dossier_id, at, actor, what) values ($1, $2, $3, $4, $5)`

// RecordAccess writes down who read what, before it is given out.
func RecordAccess(ctx context.Context, db postgres.DB, id ID, actor Actor, what string, at time.Time) error {
	raw, err := actor.stored()
	if err == nil {
		_, err = db.Exec(ctx, recordAccessSQL, postgres.NewID(), id, at, json.RawMessage(raw), what)
	}
	if err != nil {
		return fmt.Errorf("dossier: record an access to %s: %w", id, err)
	}
	return nil
}

const accessesSQL = `
select at, actor, what from dossier_access where dossier_id = $1 order by at desc, id desc limit $2`

// maxAccesses bounds the page; a dossier is read some tens of times.
const maxAccesses = 500

// Accesses returns who read a dossier that the caller has found for its owner, the last first; at most 500.
func Accesses(ctx context.Context, db postgres.DB, id ID) ([]Access, error) {
	rows, err := db.Query(ctx, accessesSQL, id, maxAccesses)
	if err != nil {
		return nil, fmt.Errorf("dossier: accesses to %s: %w", id, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Access])
	if err != nil {
		return nil, fmt.Errorf("dossier: accesses to %s: %w", id, err)
	}
	return list, nil
}
