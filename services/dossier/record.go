package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// MoveIn is one step of a dossier's life.
type MoveIn struct {
	To       Status // ignored by Note
	Kind     Kind
	Actor    Actor
	Note     string         // sealed; "" is none
	Data     map[string]any // no personal data; nil is none
	Revision int            // the revision that is handed in by this step, inserted before; 0 is none
	At       time.Time
}

const moveSQL = `
update dossier set status = $4, return_to = $5, received_at = $6, completed_at = $7, paused_at = $8,
    row_version = row_version + 1, history_seq = history_seq + 1, history_hash = $9, history_seal = $10
where id = $1 and row_version = $2 and status = $3`

// Move changes the business status and writes the history row. A supplement stops the clock; leaving it starts the
// clock again, and the caller sets the new due date. Errors: ErrMove when the table does not allow it; ErrLocked when
// the dossier changed since it was read.
func Move(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, m MoveIn) error {
	if !d.CanMove(m.To) {
		return ErrMove.With("From", string(d.Status)).With("To", string(m.To))
	}
	at := m.At.UTC().Truncate(time.Microsecond)
	row, err := nextRow(ctx, tx, v, d, m, m.To)
	if err != nil {
		return err
	}
	next := *d
	next.moved(m.To, at)
	next.follow(v, row)
	err = guarded(ctx, tx, ErrLocked, moveSQL, d.ID, d.RowVersion, d.Status, next.Status, next.ReturnTo,
		next.ReceivedAt, next.CompletedAt, next.PausedAt, next.HistoryHash, next.HistorySeal)
	if err != nil {
		return fmt.Errorf("dossier: move %s to %s: %w", d.ID, m.To, err)
	}
	if err := insertRow(ctx, tx, d.ID, row); err != nil {
		return err
	}
	*d = next
	return nil
}

const noteSQL = `
update dossier set row_version = row_version + 1, history_seq = history_seq + 1, history_hash = $3,
    history_seal = $4
where id = $1 and row_version = $2`

// Note writes a history row that moves nothing. Errors: ErrLocked.
func Note(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, m MoveIn) error {
	row, err := nextRow(ctx, tx, v, d, m, d.Status)
	if err != nil {
		return err
	}
	next := *d
	next.follow(v, row)
	if err := guarded(ctx, tx, ErrLocked, noteSQL, d.ID, d.RowVersion, next.HistoryHash, next.HistorySeal); err != nil {
		return fmt.Errorf("dossier: note on %s: %w", d.ID, err)
	}
	if err := insertRow(ctx, tx, d.ID, row); err != nil {
		return err
	}
	*d = next
	return nil
}

// follow makes a row the last one of the header's history.
func (d *Dossier) follow(v *vault.Vault, row *historyRow) {
	d.RowVersion++
	d.HistorySeq, d.HistoryHash, d.HistorySeal = row.Seq, row.Hash, endSeal(v, d.ID, row.Seq, row.Hash)
}

const revisionSumSQL = `select sha256 from dossier_revision where dossier_id = $1 and number = $2`

// nextRow makes the row that follows the header's last one.
func nextRow(ctx context.Context, db postgres.DB, v *vault.Vault, d *Dossier, m MoveIn, to Status) (*historyRow, error) {
	r := &historyRow{
		Seq: d.HistorySeq + 1, At: m.At.UTC().Truncate(time.Microsecond), Kind: m.Kind, From: d.Status, To: to,
		ActorKind: m.Actor.Kind, Data: "{}", PrevHash: d.HistoryHash,
	}
	actor, err := m.Actor.stored()
	if err != nil {
		return nil, fmt.Errorf("dossier: write the actor of %s: %w", d.ID, err)
	}
	r.Actor = string(actor)
	if len(m.Data) > 0 {
		data, err := json.Marshal(m.Data)
		if err != nil {
			return nil, fmt.Errorf("dossier: write the data of %s: %w", d.ID, err)
		}
		r.Data = string(data)
	}
	if m.Note != "" {
		if r.Note, err = v.SealText(m.Note, noteBind(d.ID, r.Seq)); err != nil {
			return nil, fmt.Errorf("dossier: seal a note of %s: %w", d.ID, err)
		}
	}
	if m.Revision != 0 {
		r.Revision = &m.Revision
		if r.RevisionSHA256, err = scanOne[[]byte](ctx, db, revisionSumSQL, d.ID, m.Revision); err != nil {
			return nil, fmt.Errorf("dossier: hash of revision %d of %s: %w", m.Revision, d.ID, err)
		}
	}
	r.Hash = r.digest(d.ID)
	return r, nil
}

const insertRowSQL = `
insert into dossier_history (dossier_id, seq, at, kind, from_status, to_status, actor_kind, actor, note_sealed, data,
    revision, revision_sha256, prev_hash, hash)
values (@id, @seq, @at, @kind, @from, @to, @actor_kind, @actor::text::json, @note, @data::text::json,
    @revision, @sha256, @prev, @hash)`

func insertRow(ctx context.Context, tx pgx.Tx, id ID, r *historyRow) error {
	_, err := tx.Exec(ctx, insertRowSQL, pgx.StrictNamedArgs{
		"id": id, "seq": r.Seq, "at": r.At, "kind": r.Kind, "from": r.From, "to": r.To, "actor_kind": r.ActorKind,
		"actor": r.Actor, "note": r.Note, "data": r.Data, "revision": r.Revision, "sha256": r.RevisionSHA256,
		"prev": r.PrevHash, "hash": r.Hash,
	})
	if err != nil {
		return fmt.Errorf("dossier: write event %d of %s: %w", r.Seq, id, err)
	}
	return nil
}

// moved sets what follows from a new status.
func (d *Dossier) moved(to Status, at time.Time) {
	from := d.Status
	d.Status, d.ReturnTo = to, nil
	if to.Waits() {
		d.ReturnTo = &from
	}
	switch {
	case to == Supplement:
		d.PausedAt = &at
	case from == Supplement:
		d.PausedAt = nil
	}
	if to == Received && d.ReceivedAt == nil {
		d.ReceivedAt = &at
	}
	if to == Completed {
		d.CompletedAt = &at
	}
}
