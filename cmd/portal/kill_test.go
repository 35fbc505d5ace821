package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/demooffice"
	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// killSeed repeats the moments of an earlier run, as far as the machine lets it.
var killSeed = flag.Uint64("seed", 0, "seed of TestKill; 0 takes another one each time")

const (
	killDrafts  = 50
	killAtATime = 4
	killTimes   = 10
	killWithin  = 80 * time.Millisecond // after the submission at which a kill is due
)

// entry is a draft on its way to become a dossier.
type entry struct {
	visitor *visitor
	draft   dossier.DraftID
	code    dossier.Code // that the portal acknowledged
}

// TestKill has people submit while the portal is killed ten times at any moment: what was acknowledged is
// there once, unspoilt, and arrives where it belongs.
func TestKill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	entries := s.entries(killDrafts)
	if broken := s.storm(entries); broken == 0 {
		t.Error("no connection broke: the portal was not killed while anybody waited for an answer")
	}
	s.ready()
	s.kept(entries)
	s.arrived(entries)
	for _, e := range entries {
		again, _, err := e.visitor.handIn(e.draft)
		if err != nil || again != e.code {
			t.Errorf("submitted again it is %q %v, not %s", again, err, e.code)
		}
	}
}

// entries prepares complete drafts of several people, who are logged in.
func (s *site) entries(n int) []*entry {
	s.Helper()
	var visitors []*visitor
	for _, p := range s.idp.People() {
		visitors = append(visitors, s.visit(p))
	}
	entries := make([]*entry, n)
	var all sync.WaitGroup
	for first := range killAtATime {
		all.Go(func() {
			for i := first; i < n; i += killAtATime {
				v := visitors[i%len(visitors)]
				entries[i] = &entry{visitor: v, draft: s.rooms.Copies(s, v.who, 1)}
			}
		})
	}
	all.Wait()
	if s.Failed() {
		s.FailNow()
	}
	return entries
}

// storm submits all drafts, some at a time, while the portal is killed and restarted. It tells how many
// connections broke before the answer.
func (s *site) storm(entries []*entry) int64 {
	s.Helper()
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	s.Logf("to repeat: -seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	due := random.Perm(len(entries))[:killTimes] // numbers of submissions
	slices.Sort(due)
	var begun, refused, broken atomic.Int64
	work := make(chan *entry)
	var all sync.WaitGroup
	for range killAtATime {
		all.Go(func() {
			for e := range work {
				code, failed, err := e.visitor.handIn(e.draft)
				refused.Add(int64(failed.refused))
				broken.Add(int64(failed.broken))
				if err != nil {
					s.Errorf("draft %s after %+v: %v", e.draft, failed, err)
				}
				e.code = code
			}
		})
	}
	go func() {
		defer close(work)
		for _, e := range entries {
			work <- e
			begun.Add(1)
		}
	}()
	for _, number := range due {
		s.ready()
		s.until("the next submission begins", func() bool { return begun.Load() > int64(number) })
		// No condition: a kill may come at any moment of a submission, a push, an acknowledgement.
		time.Sleep(time.Duration(random.Int64N(int64(killWithin))))
		s.kill()
		s.start()
	}
	all.Wait()
	if s.Failed() {
		s.FailNow()
	}
	s.Logf("%d connections broke, %d were refused", broken.Load(), refused.Load())
	return broken.Load()
}

const keptDossiers = `
select d.id::text, d.draft_id::text, d.code,
       (select count(*) from dossier_history h where h.dossier_id = d.id) as history,
       (select count(*) from dossier_revision r where r.dossier_id = d.id) as revisions,
       (select count(*) from event e where e.dossier_id = d.id and e.type = 'dossier.submitted') as events,
       (select count(*) from notice n where n.dossier_code = d.code and n.kind = 'submitted') as notices
from dossier d`

type keptDossier struct {
	ID        dossier.ID      `db:"id"`
	Draft     dossier.DraftID `db:"draft_id"`
	Code      dossier.Code    `db:"code"`
	History   int             `db:"history"`
	Revisions int             `db:"revisions"`
	Events    int             `db:"events"`
	Notices   int             `db:"notices"`
}

// kept checks that every draft is one dossier, under the code that was acknowledged, with all that belongs to
// it.
func (s *site) kept(entries []*entry) {
	s.Helper()
	rows, err := s.pool.Query(s.Context(), keptDossiers)
	s.ok(err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[keptDossier])
	s.ok(err)
	if len(all) != len(entries) {
		s.Errorf("%d dossiers of %d drafts", len(all), len(entries))
	}
	byDraft, codes := map[dossier.DraftID]keptDossier{}, map[dossier.Code]bool{}
	for _, d := range all {
		byDraft[d.Draft], codes[d.Code] = d, true
	}
	if len(codes) != len(all) {
		s.Errorf("%d codes for %d dossiers", len(codes), len(all))
	}
	for _, e := range entries {
		d := byDraft[e.draft]
		if d.Code != e.code || d.Revisions != 1 || d.Events != 1 || d.Notices != 1 {
			s.Errorf("acknowledged as %q: %+v", e.code, d)
		}
	}
	if s.Failed() {
		s.FailNow() // what is not there cannot arrive
	}
}

// arrived waits until the one-stop software has acknowledged every dossier, and checks that it carried each
// out once.
func (s *site) arrived(entries []*entry) {
	s.Helper()
	ctx := s.Context()
	const waiting = `select count(*) from dossier where sync_status <> 'acknowledged'`
	s.until("every dossier is acknowledged", func() bool { return s.count(ctx, waiting) == 0 })
	// The portal knows of an acknowledgement a moment before the software has its answer.
	s.until("the software has written everything down", func() bool {
		done := 0
		for _, d := range s.office.Dossiers() {
			if d.Acknowledged && !slices.ContainsFunc(d.Events, func(e demooffice.Event) bool {
				return e.Effects == 0
			}) {
				done++
			}
		}
		return done >= len(entries)
	})
	arrivals := 0
	for _, e := range entries {
		d, ok := s.office.Dossier(string(e.code))
		if !ok || len(d.Events) != 1 || d.Events[0].Type != "dossier.submitted" || d.Events[0].Effects != 1 ||
			len(d.Revisions) != 1 {
			s.Errorf("%s at the office: %+v", e.code, d)
			continue
		}
		arrivals += d.Events[0].Arrivals
	}
	if n := len(s.office.Dossiers()); n != len(entries) {
		s.Errorf("the office has %d dossiers", n)
	}
	const gaps = `select max(position) - count(*) + count(*) filter (where position is null) from event`
	if n := s.count(ctx, gaps); n != 0 {
		s.Errorf("%d gaps in the log", n)
	}
	rows, err := s.pool.Query(ctx, `select id::text from dossier`)
	s.ok(err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[dossier.ID])
	s.ok(err)
	for _, id := range ids {
		if err := dossier.VerifyChain(ctx, s.pool, s.rooms.Vault, id); err != nil {
			s.Errorf("history of %s: %v", id, err)
		}
	}
	s.Logf("%d events arrived %d times", len(entries), arrivals)
}

func (s *site) count(ctx context.Context, sql string, args ...any) (n int) {
	s.Helper()
	s.ok(s.pool.QueryRow(ctx, sql, args...).Scan(&n))
	return n
}
