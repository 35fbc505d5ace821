package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/agency"
	"congdvc/services/demooffice"
	"congdvc/services/dossier"
)

const (
	moveDrafts  = 32
	moveAtATime = 8
	moveTimes   = 8 // the agency goes to and fro
)

// TestKillWhileAnAgencyMoves has people file and ask to withdraw, and offices receive, while the agency goes
// to and fro between two one-stop systems, whose logs are pulled and pushed; the portal and the command that
// moves are killed in between, and an endpoint is down. In the end every dossier is live in exactly one log.
func TestKillWhileAnAgencyMoves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	communes, err := agency.List(t.Context(), s.pool, agency.Filter{Kind: agency.Commune, On: today()})
	s.ok(err)
	office, key := s.officeOf("rieng", "--agencies", communes[1].Code)
	m := &movingAgency{site: s, pulled: map[string][]string{},
		offices: map[string]*demooffice.Server{"chung": s.office, "rieng": office}}
	entries := s.entries(moveDrafts)
	s.must("onestop", "serve", "rieng", "--agencies", s.rooms.Commune.Code)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var pullers, writers sync.WaitGroup
	for code, key := range map[string]string{"chung": s.key, "rieng": key} {
		pullers.Go(func() { m.pull(ctx, code, key) })
	}
	work := make(chan *entry, len(entries))
	for _, e := range entries {
		work <- e
	}
	close(work)
	for range moveAtATime {
		writers.Go(func() {
			for e := range work {
				m.file(e)
			}
		})
	}
	m.toAndFro()
	writers.Wait()
	if t.Failed() {
		t.FailNow()
	}
	m.settles(entries)
	stop()
	pullers.Wait()
	m.inOneLog(entries)
}

// movingAgency is an agency between two one-stop systems.
type movingAgency struct {
	*site
	offices map[string]*demooffice.Server // by code of their connections
	serving string                        // that code
	filed   atomic.Int64
	mu      sync.Mutex
	pulled  map[string][]string // ids of events by log, in the order of their positions
}

// file submits a draft; of every four dossiers one is to be withdrawn, and one is received by whichever
// office has it then.
func (m *movingAgency) file(e *entry) {
	code, failed, err := e.visitor.handIn(e.draft)
	if err != nil {
		m.Errorf("draft %s after %+v: %v", e.draft, failed, err)
		return
	}
	e.code = code
	switch m.filed.Add(1) % 4 {
	case 1:
		err := m.rooms.Desk.RequestWithdrawal(m.Context(), e.visitor.who, code, "Tôi không cần nữa.")
		if err != nil {
			m.Errorf("withdrawal of %s: %v", code, err)
		}
	case 2:
		for _, o := range m.offices {
			_ = o.Receive(m.Context(), string(code)) // it may not have it, not any more, or get no answer
		}
	}
}

// toAndFro moves the agency, at the pace of what is filed. In between the portal is killed, or the command
// while it works, or the endpoint to which the agency goes.
func (m *movingAgency) toAndFro() {
	m.serving = "rieng"
	for i := range moveTimes {
		m.until("more is filed", func() bool {
			return m.Failed() || m.filed.Load() >= int64(i*moveDrafts/moveTimes)
		})
		to := map[string]string{"chung": "rieng", "rieng": "chung"}[m.serving]
		switch i % 4 {
		case 0:
			m.kill()
			m.start()
		case 1:
			m.killed("onestop", "serve", to, "--agencies", m.rooms.Commune.Code)
		case 2:
			m.offices[to].GoDown()
			defer m.offices[to].ComeBack()
		}
		m.must("onestop", "serve", to, "--agencies", m.rooms.Commune.Code)
		m.serving = to
		if i%4 == 3 {
			m.kill() // right behind the move
			m.start()
		}
	}
	m.ready()
}

// killed kills a command at any moment of its work.
func (m *movingAgency) killed(args ...string) {
	self, err := os.Executable()
	m.ok(err)
	command := exec.Command(self, args...)
	for name, value := range m.env {
		command.Env = append(command.Env, name+"="+value)
	}
	m.ok(command.Start())
	time.Sleep(rand.N(600 * time.Millisecond)) // no condition: any moment will do
	_ = command.Process.Kill()
	_ = command.Wait()
}

// pull reads a log as a receiver does that keeps its cursor, until ctx ends.
func (m *movingAgency) pull(ctx context.Context, code, key string) {
	after := ""
	for ctx.Err() == nil {
		batch, err := m.batch(ctx, key, after)
		if err != nil || len(batch.Events) == 0 {
			time.Sleep(50 * time.Millisecond) // killed, or nothing new
			continue
		}
		m.mu.Lock()
		for _, e := range batch.Events {
			m.pulled[code] = append(m.pulled[code], e.ID)
		}
		m.mu.Unlock()
		after = batch.Next
	}
}

// page is what the test reads of a page of the log.
type page struct {
	Events []struct{ ID string }
	Next   string
}

func (m *movingAgency) batch(ctx context.Context, key, after string) (batch page, err error) {
	to := m.url + "/api/v1/feed?limit=7"
	if after != "" {
		to += "&after=" + after
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
	if err != nil {
		return batch, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Actor", "name=Phan+mem&unit=UBND")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return batch, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return batch, fmt.Errorf("the feed answers %s", answer.Status)
	}
	return batch, json.NewDecoder(answer.Body).Decode(&batch)
}

// settles waits until the office that serves has acknowledged every dossier and carried out what it was told.
func (m *movingAgency) settles(entries []*entry) {
	const waiting = `select count(*) from dossier where sync_status <> 'acknowledged'`
	m.until("every dossier is acknowledged", func() bool { return m.count(m.Context(), waiting) == 0 })
	m.until("the office that serves has every dossier", func() bool {
		return !slices.ContainsFunc(entries, func(e *entry) bool {
			d, ok := m.offices[m.serving].Dossier(string(e.code))
			return !ok || !d.Acknowledged
		})
	})
	const unread = `select count(*) from event e join connection c on c.id = e.connection_id where c.code = $1`
	m.until("both logs are pulled to their ends", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for code := range m.offices {
			if len(m.pulled[code]) < m.count(m.Context(), unread, code) {
				return false
			}
		}
		return true
	})
}

const (
	logGaps = `
select count(*) from (select max(position) <> count(*) or count(position) <> count(*) as gap
                      from event group by connection_id) logs where gap`

	// what a log tells of a dossier after the event by which the system that serves began to serve it
	liveElsewhere = `
select count(*) from dossier d
where d.code = $1 and exists (
    select 1 from event e join connection c on c.id = e.connection_id
    where e.dossier_id = d.id and c.code <> $2 and e.ended_at is null
      and (e.id > (select max(b.id) from event b join connection o on o.id = b.connection_id
                   where b.dossier_id = d.id and o.code = $2 and b.ended_at is null
                     and b.type in ('dossier.submitted', 'dossier.transferred'))
           or not exists (select 1 from dossier_former_connection f
                          where f.dossier_id = d.id and f.connection_id = e.connection_id)))`

	begunHere = `
select count(*) from event e join connection c on c.id = e.connection_id join dossier d on d.id = e.dossier_id
where d.code = $1 and c.code = $2 and e.ended_at is null
  and e.type in ('dossier.submitted', 'dossier.transferred')`

	logIDs = `
select e.uid::text from event e join connection c on c.id = e.connection_id
where c.code = $1 order by e.position`
)

// inOneLog checks the logs: no gap, no loss, each dossier live in one, readable there and changed from
// nowhere else.
func (m *movingAgency) inOneLog(entries []*entry) {
	ctx := m.Context()
	if n := m.count(ctx, logGaps); n != 0 {
		m.Errorf("%d logs have gaps", n)
	}
	for code := range m.offices {
		var ids []string
		m.ok(m.pool.QueryRow(ctx, `select array(`+logIDs+`)`, code).Scan(&ids))
		if !slices.Equal(ids, m.pulled[code]) {
			m.Errorf("the log of %s has %d events, %d were pulled: %v\n%v", code, len(ids),
				len(m.pulled[code]), ids, m.pulled[code])
		}
	}
	former := map[string]string{"chung": "rieng", "rieng": "chung"}[m.serving]
	seen := map[dossier.Code]bool{}
	for _, e := range entries {
		if seen[e.code] {
			m.Errorf("%s twice", e.code)
		}
		seen[e.code] = true
		if m.count(ctx, begunHere, e.code, m.serving) == 0 ||
			m.count(ctx, liveElsewhere, e.code, m.serving) > 0 {
			m.Errorf("%s is not live in the log of %s alone", e.code, m.serving)
		}
		if err := m.offices[m.serving].Note(ctx, string(e.code), "Đã nhận bàn giao."); err != nil {
			m.Errorf("%s at the office that serves it: %v", e.code, err)
		}
		if err := m.offices[former].Note(ctx, string(e.code), "Muộn."); err == nil {
			m.Errorf("%s was changed by an office that does not serve it", e.code)
		}
		if d, _ := m.offices[m.serving].Dossier(string(e.code)); len(d.Revisions) != 1 {
			m.Errorf("%s was read as %+v", e.code, d)
		}
		again, _, err := e.visitor.handIn(e.draft)
		if err != nil || again != e.code {
			m.Errorf("submitted again it is %q %v, not %s", again, err, e.code)
		}
	}
	var ids []dossier.ID
	m.ok(m.pool.QueryRow(ctx, `select array(select id::text from dossier)`).Scan(&ids))
	if len(ids) != len(entries) {
		m.Errorf("%d dossiers of %d drafts", len(ids), len(entries))
	}
	for _, id := range ids {
		if err := dossier.VerifyChain(ctx, m.pool, m.rooms.Vault, id); err != nil {
			m.Errorf("history of %s: %v", id, err)
		}
	}
}
