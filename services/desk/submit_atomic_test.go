package desk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/identity"
	"congdvc/services/desk/desktest"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/onestop"
)

// whole reports rows of a draft that are there without the others. It tells whether the draft was submitted.
func whole(t testing.TB, p *desktest.Province, id dossier.DraftID) bool {
	t.Helper()
	var state string
	do(t, p.Pool.QueryRow(t.Context(), `select state from draft where id = $1`, id).Scan(&state))
	want := 0
	if state == "submitted" {
		want = 1
	}
	for what, sql := range map[string]string{
		"dossiers":  `select count(*) from dossier where draft_id = $1 and status = 'submitted'`,
		"revisions": `select count(*) from dossier_revision r join dossier d on d.id = r.dossier_id where d.draft_id = $1`,
		"history":   `select count(*) from dossier_history h join dossier d on d.id = h.dossier_id where d.draft_id = $1`,
		"events":    `select count(*) from event e join dossier d on d.id = e.dossier_id where d.draft_id = $1`,
		"notices":   `select count(*) from notice n join dossier d on d.code = n.dossier_code where d.draft_id = $1`,
		"quotes":    `select count(*) from payment_quote where draft_id = $1`,
	} {
		if n := count(t, p, sql, id); n != want {
			t.Errorf("a draft that is %s has %d %s", state, n, what)
		}
	}
	return want == 1
}

// agree reports dossiers, events and notices that are there without each other.
func agree(t testing.TB, p *desktest.Province) {
	t.Helper()
	dossiers := count(t, p, `select count(*) from dossier`)
	for what, sql := range map[string]string{
		"codes":     `select count(distinct code) from dossier`,
		"events":    `select count(distinct dossier_id) from event where type = 'dossier.submitted'`,
		"all event": `select count(*) from event`,
		"revisions": `select count(*) from dossier_revision`,
		"drafts":    `select count(*) from draft where state = 'submitted'`,
		"quotes":    `select count(*) from payment_quote`,
		"notices":   `select count(*) from notice`,
	} {
		if n := count(t, p, sql); n != dossiers {
			t.Errorf("%d dossiers, %d %s", dossiers, n, what)
		}
	}
}

// TestSubmittingIsAllOrNothing cancels submissions at random instants, and cuts their connections at random
// instants.
func TestSubmittingIsAllOrNothing(t *testing.T) {
	t.Parallel()
	type cutting func(*testing.T, *desktest.Province, identity.Who, dossier.DraftID, time.Duration) error
	for name, cut := range map[string]cutting{
		"cancelled":     cancelled,
		"disconnected":  disconnected,
		"refused a row": refusedRow,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := desktest.New(t, desktest.Options{})
			lan := p.Citizen(t, 1)
			lost, done := 0, 0
			for range 8 {
				uncut, id := p.Copies(t, lan, 1), p.Copies(t, lan, 1)
				begun := time.Now()
				_, err := p.Desk.Submit(t.Context(), lan, uncut)
				do(t, err)
				err = cut(t, p, lan, id, rand.N(time.Since(begun)))
				submitted := whole(t, p, id)
				if err == nil && !submitted {
					t.Error("what was acknowledged is lost")
				}
				if err != nil && len(fault.All(err)) > 0 {
					t.Errorf("the failure was told as a fault of the person: %v", err)
				}
				if submitted {
					done++
				} else {
					lost++
				}
				p.Desk.Pool.Reset() // it may hold the connection that was cut
				again, err := p.Desk.Submit(t.Context(), lan, id)
				if err != nil || again.Code == "" {
					t.Fatalf("once more: %+v %v", again, err)
				}
				whole(t, p, id)
				do(t, dossier.VerifyChain(t.Context(), p.Pool, p.Vault,
					view(t, p, lan, again.Code).Dossier.ID))
			}
			agree(t, p)
			t.Logf("%d were whole, %d left nothing", done, lost)
		})
	}
}

func cancelled(t *testing.T, p *desktest.Province, who identity.Who, id dossier.DraftID,
	after time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	_, err := p.Desk.Submit(ctx, who, id)
	return err
}

const cutAll = `
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()`

func disconnected(t *testing.T, p *desktest.Province, who identity.Who, id dossier.DraftID,
	after time.Duration) (err error) {
	var wg sync.WaitGroup
	wg.Go(func() { _, err = p.Desk.Submit(t.Context(), who, id) })
	time.Sleep(after)
	_, failure := p.Pool.Exec(t.Context(), cutAll)
	wg.Wait()
	do(t, failure)
	p.Pool.Reset() // connections that were cut while they rested are still in it
	return err
}

var refusals atomic.Int64

// refusedRow has the database refuse one of the rows that a submission writes, another one each time.
func refusedRow(t *testing.T, p *desktest.Province, who identity.Who, id dossier.DraftID,
	_ time.Duration) error {
	tables := []string{"dossier", "dossier_agency", "dossier_revision", "dossier_history", "event", "notice",
		"notice_delivery", "payment_quote"}
	table := tables[int(refusals.Add(1))%len(tables)]
	_, err := p.Pool.Exec(t.Context(),
		fmt.Sprintf(`alter table %s add constraint refuses check (false) not valid`, table))
	do(t, err)
	_, failure := p.Desk.Submit(t.Context(), who, id)
	if failure == nil {
		t.Errorf("submitted without a row in %s", table)
	}
	_, err = p.Pool.Exec(t.Context(), fmt.Sprintf(`alter table %s drop constraint refuses`, table))
	do(t, err)
	return failure
}

// TestManySubmitAtOnce: fifty drafts of five people, each submitted twice at once, while one-stop events are
// numbered.
func TestManySubmitAtOnce(t *testing.T) {
	t.Parallel()
	p := desktest.New(t, desktest.Options{})
	const drafts = 50
	type filing struct {
		who   identity.Who
		id    dossier.DraftID
		codes [2]dossier.Code
	}
	all := make([]filing, drafts)
	for i := range all {
		all[i].who = p.Citizen(t, i%5+1)
		all[i].id = p.Copies(t, all[i].who, 1)
	}
	var wg sync.WaitGroup
	for i := range all {
		for n := range all[i].codes {
			wg.Go(func() {
				s, err := p.Desk.Submit(t.Context(), all[i].who, all[i].id)
				if err != nil {
					t.Error(err)
				}
				all[i].codes[n] = s.Code
			})
		}
	}
	stop := make(chan struct{})
	var numbering sync.WaitGroup
	numbering.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := onestop.Sequence(t.Context(), p.Pool); err != nil {
					t.Error(err)
				}
				time.Sleep(5 * time.Millisecond) // the pace of a sequencer
			}
		}
	})
	wg.Wait()
	close(stop)
	numbering.Wait()

	codes := map[dossier.Code]bool{}
	for _, f := range all {
		if f.codes[0] == "" || f.codes[0] != f.codes[1] {
			t.Fatalf("one draft became %v", f.codes)
		}
		codes[f.codes[0]] = true
		events := feed(t, p, f.codes[0])
		same(t, "feed", types(events), dossier.EventSubmitted)
	}
	agree(t, p)
	// A number is drawn before it is known whether another tab was faster, so at most every second one is a
	// gap.
	last := ""
	for c := range codes {
		last = max(last, string(c))
	}
	if len(codes) != drafts || last > strings.TrimSuffix(last, last[len(last)-4:])+fmt.Sprintf("%04d",
		2*drafts) {
		t.Errorf("%d codes, the last %s", len(codes), last)
	}
	batch, err := onestop.After(t.Context(), p.Pool, p.Connection, onestop.Cursor{}, onestop.MaxBatch)
	do(t, err)
	if len(batch.Events) != drafts || batch.Next.Position != drafts {
		t.Errorf("%d events up to %d", len(batch.Events), batch.Next.Position)
	}
}
