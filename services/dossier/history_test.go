package dossier

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestRecordsRefuseChange: the database itself refuses.
func TestRecordsRefuseChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.submit(w.party(), noon)
	for _, sql := range []string{
		`update dossier_history set kind = 'note'`, `delete from dossier_history`, `truncate dossier_history`,
		`update dossier_revision set sha256 = sha256`, `delete from dossier_revision`,
		`truncate dossier_revision cascade`,
	} {
		if _, err := w.db.Exec(t.Context(), sql); err == nil ||
			!strings.Contains(err.Error(), "is a record") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestVerifyChain tampers as only somebody who owns the database can, with the triggers off.
func TestVerifyChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.fiveEvents()
	if err := VerifyChain(t.Context(), w.db, w.v, d.ID); err != nil {
		t.Fatal("untouched:", err)
	}
	const row = ` from dossier_history where seq = 3`
	for name, tamper := range map[string]string{
		"kind":          `update dossier_history set kind = 'refused' where seq = 3`,
		"time":          `update dossier_history set at = at + interval '1 microsecond' where seq = 3`,
		"from":          `update dossier_history set from_status = 'processing', to_status = 'processing' where seq = 3`,
		"actor":         `update dossier_history set actor = replace(actor::text, 'Hoa', 'Huệ')::json where seq = 3`,
		"actor kind":    `update dossier_history set actor_kind = 'portal' where seq = 3`,
		"note":          `update dossier_history set note_sealed = note_sealed || '\x00' where seq = 3`,
		"no note":       `update dossier_history set note_sealed = null where seq = 3`,
		"data":          `update dossier_history set data = '{"n": 2}' where seq = 3`,
		"data spaced":   `update dossier_history set data = '{ "n":1}' where seq = 3`,
		"hash":          `update dossier_history set hash = sha256(hash) where seq = 3`,
		"binding":       `update dossier_history set revision = null, revision_sha256 = null where seq = 1`,
		"row removed":   `delete from dossier_history where seq = 3`,
		"first removed": `delete from dossier_history where seq = 1`,
		"last removed":  `delete from dossier_history where seq = 5`,
		"tail removed with header": `with gone as (delete from dossier_history where seq = 5)
			update dossier set history_seq = 4, history_hash = (select hash from dossier_history where seq = 4)`,
		"all removed":      `delete from dossier_history`,
		"row inserted":     `insert into dossier_history select dossier_id, 6, at, kind, from_status, to_status, actor_kind, actor, note_sealed, data, null, null, hash, hash` + row,
		"rows swapped":     `update dossier_history set seq = case seq when 3 then 104 else 103 end where seq in (3, 4); update dossier_history set seq = seq - 100 where seq > 100`,
		"status":           `update dossier set status = 'completed'`,
		"revision":         `update dossier_revision set sha256 = sha256(body)`,
		"revision added":   `insert into dossier_revision select dossier_id, 2, body, sha256, person_id, created_at from dossier_revision`,
		"history of other": `update dossier_history set dossier_id = gen_random_uuid() where seq = 5`,
	} {
		w.tampered(name, d, func(tx pgx.Tx) error {
			for _, sql := range strings.Split(tamper, ";") {
				if _, err := tx.Exec(t.Context(), sql); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// TestVerifyChainComputedAnew: somebody who may write everything, and knows how hashes are made, but has no
// key.
func TestVerifyChainComputedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.fiveEvents()
	w.tampered("computed anew", d, func(tx pgx.Tx) error {
		rows, err := historyRows(t.Context(), tx, d.ID)
		if err != nil {
			return err
		}
		last := rows[4]
		last.Data = `{"n":2}`
		last.Hash = last.digest(d.ID)
		_, err = tx.Exec(t.Context(),
			`with r as (update dossier_history set data = $2::text::json, hash = $3 where dossier_id = $1 and seq = 5)
			update dossier set history_hash = $3 where id = $1`, d.ID, last.Data, last.Hash)
		return err
	})
}

// tampered does something behind the triggers' back, expects it to be noticed, and takes it back.
func (w *world) tampered(name string, d *Dossier, tamper func(tx pgx.Tx) error) {
	w.Helper()
	back := errors.New("take it back")
	err := w.try(func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.Context(), `set local session_replication_role = replica`); err != nil {
			return err
		}
		if err := tamper(tx); err != nil {
			return err
		}
		if err := VerifyChain(w.Context(), tx, w.v, d.ID); !errors.Is(err, ErrChain) {
			w.Errorf("%s: %v, want ErrChain", name, err)
		}
		return back
	})
	if !errors.Is(err, back) {
		w.Errorf("%s: %v", name, err)
	}
}

// fiveEvents makes a dossier with five rows of history, the third with all that a row may have.
func (w *world) fiveEvents() *Dossier {
	w.Helper()
	d := w.submit(w.party(), noon)
	w.move(d, Received, KindReceived)
	w.tx(func(tx pgx.Tx) error {
		return Record(w.Context(), tx, w.v, d, NewEntry{Kind: KindNote, Actor: officer, Note: "Đã xác minh",
			Data: map[string]any{"n": 1}, At: noon})
	})
	w.move(d, Processing, KindProcessing)
	w.tx(func(tx pgx.Tx) error {
		return Record(w.Context(), tx, w.v, d, NewEntry{Kind: KindNote, Actor: officer, At: noon})
	})
	return d
}

func TestVerifyChainOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := VerifyChain(t.Context(), w.db, w.v, ID(w.version)); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

func TestOpenRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kinds string
		want  Kind
	}{
		"none":     {"submitted received", ""},
		"asked":    {"submitted withdrawal_asked note", KindWithdrawalAsked},
		"refused":  {"submitted withdrawal_asked request_refused", ""},
		"accepted": {"submitted stop_asked request_accepted", ""},
		"asked again": {"submitted withdrawal_asked request_refused correction_asked",
			KindCorrectionAsked},
		"ended in between": {"submitted withdrawal_asked withdrawn", ""},
	} {
		var events []Entry
		for _, k := range strings.Fields(c.kinds) {
			e := Entry{Kind: Kind(k), To: Submitted}
			if k == "withdrawn" {
				e.To = Withdrawn
			}
			events = append(events, e)
		}
		if got, ok := OpenRequest(events); got.Kind != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q", name, got.Kind)
		}
	}
}
