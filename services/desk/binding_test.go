package desk_test

import (
	"errors"
	"testing"

	"congdvc/services/attachment"
	"congdvc/services/binding"
	"congdvc/services/desk/desktest"
)

// TestRunningRole: the desk works as a role that may not change what is a record.
func TestRunningRole(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	p.Submitted(t, p.Citizen(t, 1))
	for _, sql := range []string{
		`update dossier_history set note_sealed = null`, `delete from dossier_history`,
		`update dossier_revision set person_id = person_id`, `delete from dossier_revision`,
		`update payment_fact set amount = 1`, `delete from payment_fact`, `delete from event`,
		`delete from dossier`, `delete from draft`, `truncate dossier_history`, `delete from mandate`,
		`alter table dossier_history disable trigger all`, `drop table dossier_access`,
		`create table mine (x int)`, `set session_replication_role = replica`,
		`update dossier_access set actor = '{}'`, `delete from dossier_access`,
		`update dossier_access set mark = null`, `update dossier_access set at = now()`,
		`update dossier_revision set mark = null`, `update draft_handover set mark = null`,
		`update slip set mark = null`,
	} {
		if _, err := p.Desk.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: done", sql)
		}
	}
}

// TestOnlyTheOwnerGivesMarks: rows of before get theirs by the role that migrates, and the other is told so.
func TestOnlyTheOwnerGivesMarks(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	do(t, binding.MayBind(t.Context(), p.Pool))
	if err := binding.MayBind(t.Context(), p.Desk.Pool); !errors.Is(err, binding.ErrNotOwner) {
		t.Errorf("the running role: %v", err)
	}
}

// TestEverythingIsBound: what the journey of a dossier writes has its marks.
func TestEverythingIsBound(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	p.Submitted(t, p.Citizen(t, 1))
	p.Colleagues(t)
	seen, err := binding.Verify(t.Context(), p.Pool, p.Vault, func(f binding.Fault) error {
		t.Error(f)
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("%d rows, %v", seen, err)
	}
}

// TestStolenFile: another person's file under one's own draft is not there, by whichever column.
func TestStolenFile(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	loot, own := p.Copies(t, p.Citizen(t, 1), 1), p.Copies(t, p.Citizen(t, 2), 1)
	files := func() int {
		list, err := attachment.OfDraft(t.Context(), p.Pool, p.Vault, own)
		do(t, err)
		return len(list)
	}
	before := files()
	if before == 0 {
		t.Fatal("no file")
	}
	for _, sql := range []string{
		`update attachment set requirement = requirement || '2', draft_id = $2 where draft_id = $1`,
		`update attachment a set file_id = (select file_id from attachment where draft_id = $1 limit 1)
			where draft_id = $2 and $1 <> $2`,
	} {
		tx, err := p.Pool.Begin(t.Context())
		do(t, err)
		_, err = tx.Exec(t.Context(), sql, loot, own)
		do(t, err)
		list, err := attachment.OfDraft(t.Context(), tx, p.Vault, own)
		do(t, err)
		for _, a := range list {
			if want, err := attachment.Find(t.Context(), p.Pool, p.Vault, a.ID, own); err != nil ||
				want.File != a.File {
				t.Errorf("%s: %+v", sql, a)
			}
		}
		do(t, tx.Rollback(t.Context()))
	}
}
