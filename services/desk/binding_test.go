package desk_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/services/attachment"
	"congdvc/services/binding"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
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
		`update attachment set source = '{"dossier": "H42-261123-0001", "agency": "H42", "agency_name": {},
			"date": "2026-11-23", "result": {"code": "X", "name": "Giả", "verify_url": "https://thief.example"}}'
			where draft_id = $2 and $1 <> $2`,
		`update attachment set media_type = 'text/html' where draft_id = $2 and $1 <> $2`,
	} {
		tx, err := p.Pool.Begin(t.Context())
		do(t, err)
		_, err = tx.Exec(t.Context(), sql, loot, own)
		do(t, err)
		list, err := attachment.OfDraft(t.Context(), tx, p.Vault, own)
		do(t, err)
		for _, a := range list {
			if want, err := attachment.Find(t.Context(), p.Pool, p.Vault, a.ID, own); err != nil ||
				!reflect.DeepEqual(want, &a) {
				t.Errorf("%s: %+v", sql, a)
			}
		}
		do(t, tx.Rollback(t.Context()))
	}
}

// elsewhere leads a draft ($1) to somewhere else than its person sees.
var elsewhere = map[string]string{
	"the agency": `update draft set receiving_agency_id = (select id from agency where id <> receiving_agency_id
		and kind = 'commune' limit 1) where id = $1`,
	"the agency, unmarked": `update draft set mark = null, receiving_agency_id = (select id from agency
		where id <> receiving_agency_id and kind = 'commune' limit 1) where id = $1`,
	"the version": `update draft set procedure_version_id = (select id from procedure_version
		where id <> procedure_version_id limit 1) where id = $1`,
	"the case":      `update draft set case_id = case_id || 'x' where id = $1`,
	"the capacity":  `update draft set capacity = capacity || 'x' where id = $1`,
	"the procedure": `update draft set procedure_code = procedure_code || '1' where id = $1`,
	"the quote":     `update draft set quote_id = gen_random_uuid() where id = $1`,
}

// TestRedirectedDraft: what was led elsewhere in the database is not handed in, before and after its payment.
func TestRedirectedDraft(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for what, sql := range elsewhere {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			who := person(t, w.Province)
			id := w.Copies(t, who, 1)
			turn(t, w, sql, id)
			if s, err := w.Desk.Submit(t.Context(), who, id); !errors.Is(err, dossier.ErrNotFound) {
				t.Errorf("handed in: %+v, %v", s, err)
			}
			b := w.frozen(t)
			ref := b.pay(t)
			b.webhook(t, ref)
			turn(t, w, sql, b.draft)
			if s, err := w.Desk.SubmitPaid(t.Context(), b.quote); err == nil && s.Code != "" {
				t.Errorf("paid and handed in: %+v", s)
			}
		})
	}
	if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
		t.Errorf("%d dossiers", n)
	}
}

func turn(t *testing.T, w town, sql string, args ...any) {
	t.Helper()
	tag, err := w.Pool.Exec(t.Context(), sql, args...)
	do(t, err)
	if tag.RowsAffected() != 1 {
		t.Fatalf("%s: %d rows", sql, tag.RowsAffected())
	}
}

// TestPaidAndRedirected: while rows without a mark count, the sealed revision still says where a paid draft
// goes: to another agency it does not go, and the money goes back.
func TestPaidAndRedirected(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := w.frozen(t)
	ref := b.pay(t)
	do(t, binding.OpenUntil(t.Context(), w.Pool, w.Vault, time.Now().Add(time.Hour)))
	turn(t, w, elsewhere["the agency, unmarked"], b.draft)
	for range 2 {
		b.webhook(t, ref)
		b.work(t)
	}
	if s := b.standing(t); s.State != payments.Refunded {
		t.Errorf("%+v", s)
	}
	if n := count(t, w.Province, `select count(*) from dossier`); n != 0 {
		t.Errorf("%d dossiers", n)
	}
}

// TestForgedMoney: a payment that nobody made files nothing, nobody is led to a page that is not the
// provider's, and a refund that nobody decided on gives nothing back.
func TestForgedMoney(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := w.frozen(t)
	url, err := b.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.Vi)
	do(t, err)
	turn(t, w, `insert into payment_fact (id, attempt_id, kind, amount, at, payment_ref, refund_ref, provider)
		select 'forged', id, 'paid', 16000, $2, 'pi_forged', '', 'stripe' from payment_attempt where quote_id = $1`,
		b.quote, w.Clock.Now())
	if s, err := w.Desk.SubmitPaid(t.Context(), b.quote); err != nil || s.Code != "" {
		t.Errorf("filed: %+v, %v", s, err)
	}
	turn(t, w, `update payment_attempt set session_url = 'https://evil.example/' where quote_id = $1`, b.quote)
	now, err := b.Desk.OpenPayment(t.Context(), b.who, b.draft, i18n.Vi)
	if err != nil || now == url || !strings.HasPrefix(now, w.stripe.URL()) {
		t.Errorf("led to %q, %v", now, err)
	}
	turn(t, w, `insert into payment_refund (id, quote_id, attempt_id, payment_ref, amount, reason, state, next_at,
		created_at) select gen_random_uuid(), quote_id, id, 'pi_forged', 16000, 'twice', 'due', $2, $2
		from payment_attempt where quote_id = $1 limit 1`, b.quote, w.Clock.Now())
	if due, err := payments.RefundsDue(t.Context(), w.Pool, w.Vault, w.Clock.Now(),
		10); err != nil || len(due) != 0 {
		t.Errorf("refunds: %+v, %v", due, err)
	}
}
