package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
	"congdvc/services/workday"
)

// NewEntry is what is to be recorded of a dossier.
type NewEntry struct {
	Kind     Kind
	Actor    Actor
	Note     string         // sealed; "" is none
	Data     map[string]any // no personal data; nil is none
	Revision int            // the revision that is handed in, inserted before; 0 is none
	Due      *workday.Due   // the due date from now on; nil leaves it
	At       time.Time
}

// Record writes an entry into the history and moves the dossier as the row of its kind says. A status that
// pauses the clock stops it, and leaving that status starts it again; Due is then the new due date. Errors:
// ErrMove when the tables do not allow it now; ErrLocked when the dossier changed since it was read; ErrChain
// when what is recorded already was not written by this portal: nothing is sealed that goes on from it.
func Record(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, e NewEntry) error {
	row := e.Kind.row()
	if !slices.Contains(row.by, e.Actor.Kind) {
		return fmt.Errorf("dossier: record %q of %s: not for %q to cause", e.Kind, d.ID, e.Actor.Kind)
	}
	var err error
	if row.moves() {
		err = move(ctx, tx, v, d, d.target(row), e)
	} else {
		err = note(ctx, tx, v, d, e)
	}
	if err != nil || e.Due == nil {
		return err
	}
	return setDue(ctx, tx, d, *e.Due)
}

const moveSQL = `
update dossier set status = $4, return_to = $5, received_at = $6, completed_at = $7, paused_at = $8,
    row_version = row_version + 1, history_seq = history_seq + 1, history_hash = $9, history_seal = $10
where id = $1 and row_version = $2 and status = $3 and history_seq = $11 and history_hash = $12`

// move changes the business status and writes the entry. Errors as of Record.
func move(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, to Status, e NewEntry) error {
	if !d.CanMove(to) {
		return ErrMove.With("From", string(d.Status)).With("To", string(to))
	}
	row, err := nextRow(ctx, tx, v, d, to, e)
	if err != nil {
		return err
	}
	next := *d
	next.moved(to, row.At)
	next.append(v, row)
	err = guarded(ctx, tx, ErrLocked, moveSQL, d.ID, d.RowVersion, d.Status, next.Status, next.ReturnTo,
		next.ReceivedAt, next.CompletedAt, next.PausedAt, next.HistoryHash, next.HistorySeal, d.HistorySeq,
		d.HistoryHash)
	if err != nil {
		return fmt.Errorf("dossier: move %s to %s: %w", d.ID, to, err)
	}
	if err := insertRow(ctx, tx, d.ID, row); err != nil {
		return err
	}
	*d = next
	return nil
}

// moved sets what follows from a new status.
func (d *Dossier) moved(to Status, at time.Time) {
	from := d.Status
	d.Status, d.ReturnTo = to, nil
	if to.Waits() {
		d.ReturnTo = &from
	}
	d.turnClock(from, to, at)
	if to == Received && d.ReceivedAt == nil {
		d.ReceivedAt = &at
	}
	if to == Completed {
		d.CompletedAt = &at
	}
}

const noteSQL = `
update dossier set row_version = row_version + 1, history_seq = history_seq + 1, history_hash = $3,
    history_seal = $4
where id = $1 and row_version = $2 and status = $5 and history_seq = $6 and history_hash = $7`

// note writes an entry that moves nothing. Errors: ErrLocked.
func note(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, e NewEntry) error {
	row, err := nextRow(ctx, tx, v, d, d.Status, e)
	if err != nil {
		return err
	}
	next := *d
	next.append(v, row)
	if err := guarded(ctx, tx, ErrLocked, noteSQL, d.ID, d.RowVersion, next.HistoryHash,
		next.HistorySeal, d.Status, d.HistorySeq, d.HistoryHash); err != nil {
		return fmt.Errorf("dossier: note on %s: %w", d.ID, err)
	}
	if err := insertRow(ctx, tx, d.ID, row); err != nil {
		return err
	}
	*d = next
	return nil
}

// append makes a row the last one of the header's history.
func (d *Dossier) append(v *vault.Vault, row *historyRow) {
	d.RowVersion++
	d.HistorySeq, d.HistoryHash, d.HistorySeal = row.Seq, row.Hash, endSeal(v, d.ID, row.Seq, row.Hash)
}

const revisionSumSQL = `select sha256 from dossier_revision where dossier_id = $1 and number = $2`

// nextRow makes the row that follows the header's last one. Errors: ErrChain.
func nextRow(
	ctx context.Context, db postgres.DB, v *vault.Vault, d *Dossier, to Status, e NewEntry,
) (*historyRow, error) {
	if err := checkSeal(v, d); err != nil {
		return nil, err
	}
	r := &historyRow{
		Seq: d.HistorySeq + 1, At: e.At.UTC().Truncate(time.Microsecond), Kind: e.Kind, From: d.Status,
		To: to, ActorKind: e.Actor.Kind, Data: "{}", PrevHash: d.HistoryHash,
	}
	actor, err := e.Actor.stored()
	if err != nil {
		return nil, fmt.Errorf("dossier: write the actor of %s: %w", d.ID, err)
	}
	r.Actor = string(actor)
	if len(e.Data) > 0 {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return nil, fmt.Errorf("dossier: write the data of %s: %w", d.ID, err)
		}
		r.Data = string(data)
	}
	if e.Note != "" {
		if r.Note, err = v.SealText(e.Note, noteBind(d.ID, r.Seq)); err != nil {
			return nil, fmt.Errorf("dossier: seal a note of %s: %w", d.ID, err)
		}
	}
	if e.Revision != 0 {
		r.Revision = &e.Revision
		if r.RevisionSHA256, err = scanOne[[]byte](ctx, db, revisionSumSQL, d.ID, e.Revision); err != nil {
			return nil, fmt.Errorf("dossier: hash of revision %d of %s: %w", e.Revision, d.ID, err)
		}
	}
	whose, err := json.Marshal(bound{d.Owner, d.SubmittedBy, d.ReceivingAgency, d.DecidingAgency})
	if err != nil {
		return nil, fmt.Errorf("dossier: write whose %s is: %w", d.ID, err)
	}
	text := string(whose)
	r.Bound = &text
	r.Hash = r.digest(d.ID)
	return r, nil
}

const insertRowSQL = `
insert into dossier_history (dossier_id, seq, at, kind, from_status, to_status, actor_kind, actor, note_sealed, data,
    revision, revision_sha256, prev_hash, hash, bound)
values (@id, @seq, @at, @kind, @from, @to, @actor_kind, @actor::text::json, @note, @data::text::json,
    @revision, @sha256, @prev, @hash, @bound::text::json)`

func insertRow(ctx context.Context, tx pgx.Tx, id ID, r *historyRow) error {
	_, err := tx.Exec(ctx, insertRowSQL, pgx.StrictNamedArgs{
		"id": id, "seq": r.Seq, "at": r.At, "kind": r.Kind, "from": r.From, "to": r.To,
		"actor_kind": r.ActorKind, "actor": r.Actor, "note": r.Note, "data": r.Data, "revision": r.Revision,
		"sha256": r.RevisionSHA256, "prev": r.PrevHash, "hash": r.Hash, "bound": r.Bound,
	})
	if err != nil {
		return fmt.Errorf("dossier: write entry %d of %s: %w", r.Seq, id, err)
	}
	return nil
}
