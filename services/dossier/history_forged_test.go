package dossier

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
)

// A row that follows the last one of $1 as it should, and moves the dossier to $2; its hash is given.
const (
	forgeRowSQL = `
insert into dossier_history (dossier_id, seq, at, kind, from_status, to_status, actor_kind, actor, data, prev_hash, hash, bound)
select $1, $2, $3, $4, $5, $6, $7, $8::text::json, $9::text::json, $10, $11, $12::text::json`
	forgeHeadSQL = `
update dossier set status = $2, history_seq = $3, history_hash = $4, row_version = row_version + 1 where id = $1`
)

// forge writes the row that somebody would add who knows how hashes are made, and has no key. Only what the
// running role may do is done.
func (w *world) forge(tx pgx.Tx, d *Dossier) (*historyRow, error) {
	rows, err := historyRows(w.Context(), tx, d.ID)
	if err != nil {
		return nil, err
	}
	last := rows[len(rows)-1]
	r := last
	r.Seq, r.Kind, r.From, r.To, r.Note = last.Seq+1, KindRefused, last.To, Refused, nil
	r.PrevHash, r.Revision, r.RevisionSHA256 = last.Hash, nil, nil
	r.Hash = r.digest(d.ID)
	_, err = tx.Exec(w.Context(), forgeRowSQL, d.ID, r.Seq, r.At, r.Kind, r.From, r.To, r.ActorKind, r.Actor,
		r.Data, r.PrevHash, r.Hash, r.Bound)
	return &r, err
}

// TestNobodyGoesOnFromAForgedEnd: what somebody wrote behind the end of a history, or into its header, is
// never sealed by what an officer, the owner or the portal itself does next, and nobody is shown it.
func TestNobodyGoesOnFromAForgedEnd(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(w *world, tx pgx.Tx, d *Dossier) error{
		"a row and the header": func(w *world, tx pgx.Tx, d *Dossier) error {
			r, err := w.forge(tx, d)
			if err == nil {
				_, err = tx.Exec(w.Context(), forgeHeadSQL, d.ID, r.To, r.Seq, r.Hash)
			}
			return err
		},
		"a row only": func(w *world, tx pgx.Tx, d *Dossier) error {
			_, err := w.forge(tx, d)
			return err
		},
		"the status only": func(w *world, tx pgx.Tx, d *Dossier) error {
			_, err := tx.Exec(w.Context(), `update dossier set status = 'refused' where id = $1`, d.ID)
			return err
		},
		"an end of before": func(w *world, tx pgx.Tx, d *Dossier) error {
			_, err := tx.Exec(w.Context(), `
update dossier set status = 'received', history_seq = 2,
    history_hash = (select hash from dossier_history where dossier_id = $1 and seq = 2) where id = $1`, d.ID)
			return err
		},
		"no end": func(w *world, tx pgx.Tx, d *Dossier) error {
			_, err := tx.Exec(w.Context(), `
update dossier set status = '', history_seq = 0, history_hash = '', history_seal = '' where id = $1`, d.ID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.fiveEvents()
			w.tx(func(tx pgx.Tx) error { return forge(w, tx, d) })
			ctx, agencies := t.Context(), []agency.ID{w.receiving, w.deciding}
			gone := func(what string, err error) {
				t.Helper()
				if !errors.Is(err, ErrNotFound) {
					t.Errorf("%s: %v, want ErrNotFound", what, err)
				}
			}
			_, err := FindForAgencies(ctx, w.db, w.v, d.Code, agencies)
			gone("an agency reads", err)
			_, err = FindByCode(ctx, w.db, w.v, d.Code, d.Owner)
			gone("the owner reads", err)
			_, err = PublicStatus(ctx, w.db, w.v, d.Code)
			gone("anybody asks for its status", err)
			if list, err := List(ctx, w.db, w.v, d.Owner, Page{}); err != nil || len(list) != 0 {
				t.Errorf("the owner's list: %d, %v", len(list), err)
			}
			w.tx(func(tx pgx.Tx) error {
				_, err := LockByCode(ctx, tx, w.v, d.Code, agencies)
				gone("an agency acts", err)
				_, err = Lock(ctx, tx, w.v, d.ID)
				gone("the portal acts", err)
				_, err = LockOwn(ctx, tx, w.v, d.Code, d.Owner)
				gone("the owner acts", err)
				return nil
			})
			// Whoever got hold of the header all the same seals nothing.
			err = w.try(func(tx pgx.Tx) error {
				rows, err := tx.Query(ctx, byIDSQL, d.ID)
				if err != nil {
					return err
				}
				h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Dossier])
				if err != nil {
					return err
				}
				return Record(ctx, tx, w.v, h, NewEntry{Kind: KindNote, Actor: officer, At: noon})
			})
			if err == nil && name != "the status only" {
				t.Error("a note was recorded")
			}
			if err := VerifyChain(ctx, w.db, w.v, d.ID); !errors.Is(err, ErrChain) {
				t.Errorf("verify: %v, want ErrChain", err)
			}
		})
	}
}
