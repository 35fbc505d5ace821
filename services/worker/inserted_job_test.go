package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"congdvc/payments"
	"congdvc/services/onestop"
	"congdvc/services/workday"
)

// inserted are the arguments with which somebody who has only the database asks for each kind of job: quotes
// that are owed, and settled, and nobody's; and members that a kind does not know. Jobs of the others have no
// arguments: they look for what is due, and rows without their marks are not.
var inserted = map[string][]string{
	"submit_paid":     {`{"quote": "OWED"}`, `{"quote": "SETTLED"}`, `{"quote": "NOBODY"}`, `{"quote": "x' or 1=1"}`},
	"return_money":    {`{"quote": "OWED"}`, `{"quote": "SETTLED"}`, `{"quote": "NOBODY"}`, `{}`},
	"sweep_payments":  {`{}`, `{"now": "2099-01-01T00:00:00Z", "quote": "OWED"}`},
	"watch_receivers": {`{}`, `{"endpoint": "https://thief.example"}`},
	"stop_overdue":    {`{}`, `{"now": "2099-01-01T00:00:00Z"}`},
	"warn_keys":       {`{}`, `{"to": "thief@example.vn"}`},
	"tidy":            {`{}`, `{"now": "2099-01-01T00:00:00Z"}`},
	"set_aside":       {`{}`, `{"files": ["x"], "after": 0}`},
}

// standing is what a job could bring about.
const standing = `
select concat_ws(' ', (select string_agg(d.code || d.status || d.payment_status, ',' order by d.code) from dossier d),
    (select string_agg(concat(id, state, revision), ',' order by id) from draft),
    (select string_agg(concat(id, state), ',' order by id) from attachment),
    (select count(*) from dossier_history), (select count(*) from event), (select count(*) from notice),
    (select count(*) from receipt), (select count(*) from payment_fact where mark is not null),
    (select string_agg(concat(id, state, refund_ref), ',' order by id) from payment_refund),
    (select string_agg(concat(id, voided_at), ',' order by id) from payment_quote),
    (select string_agg(concat(prefix, expires_at, revoked_at), ',' order by id) from connection_key),
    (select string_agg(concat(code, endpoint, active), ',' order by id) from connection))`

// forged are rows that would make the jobs do something, were they this portal's: the running role writes
// them, without the keys.
var forged = []string{
	`insert into payment_attempt (id, quote_id, channel, session_ref, session_url, state, lang, created_at, expires_at)
		select gen_random_uuid(), id, 'stripe', 'cs_forged', 'https://thief.example/', 'open', 'vi', created_at,
			created_at from payment_quote where id = $1`,
	`insert into payment_fact (id, attempt_id, kind, amount, at, payment_ref, refund_ref, provider)
		select 'forged', id, 'paid', 16000, now(), 'pi_forged', '', 'stripe' from payment_attempt
		where quote_id = $1 limit 1`,
	`insert into payment_refund (id, quote_id, attempt_id, payment_ref, amount, reason, state, next_at, created_at)
		select gen_random_uuid(), quote_id, id, 'pi_forged', 16000, 'twice', 'due', created_at, created_at
		from payment_attempt where quote_id <> $1 limit 1`,
}

// TestAnInsertedJobCommandsNothing: the queue is in the database, and whoever writes there may put jobs into
// it. None does what the marked rows do not ask for already.
func TestAnInsertedJobCommandsNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	settled := w.paid(t, 1)
	s, err := w.Desk.PaymentReturn(t.Context(), settled.who, settled.draft)
	do(t, err)
	if s.Code == "" {
		t.Fatalf("%+v", s)
	}
	asked := w.Submitted(t, w.Citizen(t, 3))
	_, err = w.Desk.AskSupplement(t.Context(), w.Office(t, "ask"), asked, onestop.Supplement{
		Fields: []string{"sk.noi"}, Reasons: map[string]string{"sk.noi": "Ghi rõ xã"},
		Deadline: workday.DateOf(w.Clock.Now()).AddDays(9)})
	do(t, err)
	w.Copies(t, w.Citizen(t, 4), 1)
	owed := w.owed(t, 2)
	for _, sql := range forged {
		tag, err := w.Desk.Pool.Exec(t.Context(), sql, owed)
		do(t, err)
		if tag.RowsAffected() != 1 {
			t.Fatalf("%s: %d rows", sql, tag.RowsAffected())
		}
	}
	w.Clock.Advance(time.Hour)
	state := func() (is string) {
		do(t, w.Pool.QueryRow(t.Context(), standing).Scan(&is))
		return is
	}
	before, works := state(), w.worker(t)
	names := strings.NewReplacer("OWED", owed, "SETTLED", settled.quote, "NOBODY",
		"01900000-0000-7000-8000-0000000000ff")
	var jobs []int64
	for _, k := range works.kinds() {
		kind := k.args.Kind()
		if len(inserted[kind]) == 0 {
			t.Errorf("nothing here says what an inserted job of the kind %s commands", kind)
		}
		for _, args := range inserted[kind] {
			var id int64
			do(t, w.Desk.Pool.QueryRow(t.Context(), `insert into river_job (kind, args, max_attempts, queue, state)
				values ($1, $2::text::jsonb, 1, 'default', 'available') returning id`, kind,
				names.Replace(strings.ReplaceAll(args, "'", "''"))).Scan(&id))
			jobs = append(jobs, id)
		}
	}
	if len(inserted) != len(works.kinds()) {
		t.Errorf("%d kinds here, the worker has %d", len(inserted), len(works.kinds()))
	}
	stop := start(t, works)
	until(t, "the inserted jobs are over", func() bool {
		return w.count(t, `select count(*) from river_job where id = any($1) and finalized_at is null`, jobs) == 0
	})
	do(t, stop())
	if after := state(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if standing, err := payments.StandingOf(t.Context(), w.Pool, w.Vault, settled.quote); err != nil ||
		standing.State != payments.Paid {
		t.Errorf("%+v, %v", standing, err)
	}
}

// owed is a quote of 16,000 đồng that nobody pays.
func (w town) owed(t *testing.T, n int) (quote string) {
	t.Helper()
	who := w.Citizen(t, n)
	draft := w.Copies(t, who, 2)
	s, err := w.Desk.Submit(t.Context(), who, draft)
	if err != nil || !s.FeeDue {
		t.Fatal(fmt.Sprintf("%+v", s), err)
	}
	v, err := w.Desk.Draft(t.Context(), who, draft)
	do(t, err)
	return v.Quote.ID
}
