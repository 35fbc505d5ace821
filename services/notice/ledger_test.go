package notice

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"congdvc/services/dossier"
	"congdvc/services/pgtest"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// TestNothingOldIsSent queues every kind, with and without a deadline, and lets the mail server come back
// just before and just after the notice stops to make sense.
func TestNothingOldIsSent(t *testing.T) {
	t.Parallel()
	box := newPostbox(t)
	o := newOffice(t, pgtest.New(t), box.addr)
	tomorrow := workday.DateOf(now).AddDays(1)
	for _, kind := range dossier.NoticeKinds {
		for name, deadline := range map[string]*workday.Date{"without a deadline": nil,
			"with one": &tomorrow} {
			until := now.Add(kind.Holds())
			if end := tomorrow.AddDays(1).At(0); deadline != nil && end.Before(until) {
				until = end
			}
			for _, late := range []bool{false, true} {
				person := party()
				o.addresses[person] = "lan@example.vn"
				id := queue(t, o.DB, Notice{Party: person, Person: person, Kind: kind,
					Args: Args{Deadline: deadline}})
				before := len(box.got())
				want, mails := "sent", 1
				if o.now = until.Add(-time.Second); late {
					o.now, want, mails = until, "expired", 0
				}
				o.pass(t, 1)
				l := o.ledger(t, id)
				if sent := len(box.got()) - before; l.State != want || sent != mails {
					t.Errorf("%s %s, at its end %t: %+v and %d mails; want %s", kind, name, late, l,
						sent, want)
				}
				o.now = now
			}
		}
	}
}

// TestNothingIsQueuedForEver: what waits for a channel that nobody opens ends when it makes no sense any
// more; a program of before this gave no time.
func TestNothingIsQueuedForEver(t *testing.T) {
	t.Parallel()
	o := newOffice(t, pgtest.New(t), "127.0.0.1:1")
	o.Lines = nil
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	var ends []State
	o.Ended = func(_ string, s State) { ends = append(ends, s) }
	far := workday.DateOf(now).AddDays(30)
	ids := map[string]string{}
	for name, args := range map[string]Args{"old": {}, "of before": {}, "to do": {Deadline: &far}} {
		err := pgx.BeginFunc(t.Context(), o.DB, func(tx pgx.Tx) (err error) {
			kind := dossier.NoticeReceived
			if args.Deadline != nil {
				kind = dossier.NoticeSupplement
			}
			ids[name], err = Queue(t.Context(), tx, keys, []string{"closed"},
				Notice{Party: party(), Person: party(), Dossier: code, Kind: kind, Args: args,
					CreatedAt: now})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.DB.Exec(t.Context(), `update notice_delivery set expires_at = null where notice_id = $1`,
		ids["of before"]); err != nil {
		t.Fatal(err)
	}
	o.expireOnce(t.Context())
	if len(ends) > 0 || log.Len() > 0 {
		t.Errorf("too soon: %v %s", ends, log.String())
	}
	o.now = now.Add(dossier.NoticeReceived.Holds() + 2*expireGrace)
	o.expireOnce(t.Context())
	for name, state := range map[string]string{"old": "expired", "of before": "expired", "to do": "queued"} {
		if l := o.ledger(t, ids[name]); l.State != state || (state == "expired") != (l.Problem != "") {
			t.Errorf("%s: %+v, want %s", name, l, state)
		}
	}
	if len(ends) != 2 || strings.Count(log.String(), "level=WARN") != 1 {
		t.Errorf("counted as %v, the log says %s", ends, log.String())
	}
	o.now = far.AddDays(1).At(0).Add(2 * expireGrace)
	o.expireOnce(t.Context())
	if l := o.ledger(t, ids["to do"]); l.State != "expired" || len(ends) != 3 {
		t.Errorf("after its deadline: %+v, %v", l, ends)
	}
}
