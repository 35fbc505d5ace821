package onestop

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// turn is the event whose turn it is.
type turn struct {
	logEvent
	Ended         bool       `db:"ended"`   // another connection serves its dossier since
	Aside         bool       `db:"aside"`   // it was set aside: it has a row in event_push
	Blocked       bool       `db:"blocked"` // a fresh one whose dossier waits for an earlier event
	Attempts      int        `db:"attempts"`
	FirstFailedAt *time.Time `db:"first_failed_at"`
}

// A set-aside event is due when its pause is over and no earlier event of its dossier is open. Events that
// were set aside because the endpoint failed can also be used to probe that endpoint, even before their pause
// is over.
const nextAside = `
select e.id, e.uid::text, e.dossier_id::text, e.type, e.data, e.created_at, e.position,
       false as ended, true as aside, false as blocked, p.attempts, p.first_failed_at
from event_push p join event e on e.id = p.event_id
where p.connection_id = $1 and p.state = 'pending' and (p.next_at <= $2 or $3 and p.blame = 'endpoint')
  and e.ended_at is null
  and not exists (select 1 from event_push q join event before on before.id = q.event_id
                  where q.connection_id = p.connection_id and q.dossier_id = p.dossier_id
                    and q.position < p.position and q.state <> 'delivered' and before.ended_at is null)
  and p.dossier_id <> all($4::uuid[])
order by p.next_at, p.position
limit $5`

const nextFresh = `
select e.id, e.uid::text, e.dossier_id::text, e.type, e.data, e.created_at, e.position,
       e.ended_at is not null as ended, false as aside, 0 as attempts, null::timestamptz as first_failed_at,
       exists (select 1 from event_push q join event before on before.id = q.event_id
               where q.connection_id = e.connection_id and q.dossier_id = e.dossier_id
                 and q.state <> 'delivered' and before.ended_at is null) as blocked
from event e
where e.connection_id = $1 and e.position > $2
order by e.position
limit $3`

// choose finds events whose turn it is, at most room, each of another dossier and none of a dossier with an
// attempt under way. Fresh and set-aside events take turns. It also tells the position up to which nothing is
// to be begun any more: what is not delivered up to there can be set aside.
func (l *line) choose(ctx context.Context, s state, room int) (chosen []turn, passed int64, err error) {
	claimed := slices.AppendSeq([]dossier.ID{}, maps.Keys(l.flying)) // never null
	aside, err := l.turns(ctx, nextAside, l.connection, l.Now(), s.Failures > 0, claimed, room)
	if err != nil {
		return nil, 0, err
	}
	log, err := l.turns(ctx, nextFresh, l.connection, s.Position, window)
	if err != nil {
		return nil, 0, err
	}
	fresh, passed := l.fresh(log)
	for len(chosen) < room && len(aside)+len(fresh) > 0 {
		from := &fresh
		if l.retryNext && len(aside) > 0 || len(fresh) == 0 {
			from = &aside
		}
		chosen, *from = append(chosen, (*from)[0]), (*from)[1:]
		l.retryNext = !l.retryNext
	}
	return chosen, passed, nil
}

// fresh gives those of a stretch of the log that could begin now, the first of each dossier, and the position
// up to which none has to wait in its place: those have ended, or stand behind an open event of their
// dossier. A whole window of events behind attempts under way is passed too, or one dossier with many events
// would hold up the others.
func (l *line) fresh(log []turn) (ready []turn, passed int64) {
	waits := maps.Clone(l.flying)
	stays := false
	for _, t := range log {
		switch {
		case !t.Ended && !t.Blocked && !waits[t.DossierID]:
			ready, waits[t.DossierID], stays = append(ready, t), true, true
		case !t.Ended && !t.Blocked:
			stays = true
		case !stays:
			passed = t.Position
		}
	}
	if len(log) == window && len(ready) == 0 {
		passed = log[len(log)-1].Position
	}
	return ready, passed
}

func (l *line) turns(ctx context.Context, sql string, args ...any) ([]turn, error) {
	rows, err := l.DB.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("onestop: next events of %s: %w", l.connection, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[turn])
	if err != nil {
		return nil, fmt.Errorf("onestop: next events of %s: %w", l.connection, err)
	}
	return list, nil
}

// begin begins attempts, as many as the lease surely lasts for: a slow database may have used it up, and then
// it is asked for again first.
func (l *line) begin(ctx context.Context, s state, turns []turn) (begun int, err error) {
	if len(turns) == 0 {
		return 0, nil
	}
	secrets, err := openSecrets(l.Vault, l.connection, s.Sealed)
	if err != nil {
		return 0, err
	}
	client, err := l.clients.of(l.Vault, s, l.Timeout)
	if err != nil {
		return 0, err
	}
	for begun, t := range turns {
		event, err := t.cloudEvent(s.Code, s.Incarnation)
		if err != nil || time.Since(l.leased) > l.Lease/3 {
			return begun, err
		}
		l.flying[t.DossierID] = true
		l.away++
		go func() {
			out := post(ctx, client, s.Endpoint, secrets, event, l.Now())
			l.back <- flight{turn: t, failures: s.Failures, out: out,
				broken: ctx.Err() != nil && !out.delivered()}
		}()
	}
	return len(turns), nil
}
