package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"congdvc/services/binding"
	"congdvc/services/vault"
)

const (
	batch     = 10
	sendEvery = 2 * time.Second
	// noteTimeout bounds the writing down of what became of an attempt.
	noteTimeout = 15 * time.Second
	expireEvery = 10 * time.Minute
)

// Sender sends what is queued for its channels, and leaves alone what is queued for others. Every process of
// the portal may run one; a delivery belongs to one of them at a time.
type Sender struct {
	DB    *pgxpool.Pool
	Vault *vault.Vault
	Lines []Line // no two of one name
	Log   *slog.Logger
	Now   func() time.Time

	// ContactOf tells how to reach the person whom a notice is for.
	ContactOf func(ctx context.Context, n Notice) (Contact, error)
	// Ended is called for every delivery that ends, so that it can be counted; nil = nobody counts.
	Ended func(channel string, s State)
	// Works is called when a channel begins to take nothing, and when it takes something again; nil = nobody
	// watches.
	Works func(channel string, works bool)
}

// Run sends what is due every two seconds until ctx ends. A channel whose other side is slow keeps no other
// waiting. It also ends what nobody sends any more, with no channel open too.
func (s *Sender) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.expire(ctx) })
	for _, line := range s.Lines {
		all.Go(func() { s.run(ctx, line) })
	}
	all.Wait()
}

func (s *Sender) run(ctx context.Context, line Line) {
	way := &way{Sender: s, channel: line.Name()}
	for {
		n, err := s.pass(ctx, line, way)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "notices cannot be sent", "channel", line.Name(), "error", err)
		}
		if n == batch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sendEvery):
		}
	}
}

func (s *Sender) expire(ctx context.Context) {
	for {
		s.expireOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(expireEvery):
		}
	}
}

func (s *Sender) expireOnce(ctx context.Context) {
	ended, err := Expire(ctx, s.DB, s.Now())
	if err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "old notices cannot be ended", "error", err)
	}
	for channel, count := range ended {
		s.Log.WarnContext(ctx, "notices were not sent in time", "channel", channel, "count", count)
		for range count {
			s.ended(channel, Expired)
		}
	}
}

func (s *Sender) ended(channel string, state State) {
	if s.Ended != nil {
		s.Ended(channel, state)
	}
}

// delivery is a row of the ledger that is due.
type delivery struct {
	Notice
	Delivery string `db:"delivery_id"`
	Attempts int    `db:"attempts"` // this one included
}

// The attempt is counted when the row is taken. So a notice that crashes the process each time fails in the
// end, instead of being tried for ever.
const claimDue = `
with due as (
    select id from notice_delivery
    where channel = $1 and state = 'queued' and next_at <= $2
    order by next_at
    limit $3
    for update skip locked
), taken as (
    update notice_delivery d
    set attempts = d.attempts + 1, next_at = $4
    from due where d.id = due.id
    returning d.id, d.notice_id, d.attempts
)
select t.id::text as delivery_id, t.attempts,
       n.id::text, n.party_id::text, n.person_id::text, n.dossier_code, n.draft_id::text, n.kind, n.args, n.created_at,
       null::timestamptz as read_at, n.mark
from taken t join notice n on n.id = t.notice_id
order by n.id`

// claim takes what is due on a channel, at most ten, and tells how many it took. Until the line's time is
// over nobody else gets them. What this portal did not write goes to nobody: it stays queued, and ends by its
// time.
func (s *Sender) claim(ctx context.Context, line Line) (due []delivery, taken int, err error) {
	now := s.Now()
	rows, err := s.DB.Query(ctx, claimDue, line.Name(), now, batch, now.Add(line.claimed()))
	if err != nil {
		return nil, 0, fmt.Errorf("notice: take what is due by %s: %w", line.Name(), err)
	}
	due, err = pgx.CollectRows(rows, pgx.RowToStructByName[delivery])
	if err != nil {
		return nil, 0, fmt.Errorf("notice: take what is due by %s: %w", line.Name(), err)
	}
	taken = len(due)
	due, err = binding.Keep(due, func(d *delivery) (bool, error) { return d.holds(ctx, s.DB, s.Vault) })
	return due, taken, err
}

// pass tries what is due on a channel, at most ten, and returns how many it took. Its error is the
// database's; what became of each stands in the ledger.
func (s *Sender) pass(ctx context.Context, line Line, way *way) (taken int, err error) {
	due, taken, err := s.claim(ctx, line)
	if err != nil {
		return 0, err
	}
	told := false // once a pass, that the channel is not usable
	var failures []error
	defer func() { way.learn(ctx, failures) }()
	for _, d := range due {
		failure := s.send(ctx, line, d)
		failures = append(failures, failure)
		if errors.Is(failure, ErrUnusable) && !told {
			told = true
			s.Log.ErrorContext(ctx, "a channel of notices is not usable", "channel", line.Name(),
				"problem", failure.Error())
		}
		if err := s.note(ctx, line, d, failure); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

// way is how a channel stands, told once when it begins to take nothing and once when it takes something
// again.
type way struct {
	*Sender
	channel string
	blocked bool
}

// learn takes what came of a pass. One that was tried and taken, or refused for good, shows that the channel
// works.
func (w *way) learn(ctx context.Context, failures []error) {
	var blocked error
	for _, failure := range failures {
		switch {
		case errors.Is(failure, errOld), errors.Is(failure, ErrNoAddress):
			continue // nobody tried
		case failure == nil, errors.Is(failure, ErrRefused):
			if w.blocked {
				w.Log.InfoContext(ctx, "a channel takes notices again", "channel", w.channel)
			}
			w.stands(false)
			return
		}
		blocked = failure
	}
	if blocked == nil || ctx.Err() != nil {
		return
	}
	if !w.blocked && !errors.Is(blocked, ErrUnusable) { // of which the log has a line of its own
		w.Log.WarnContext(ctx, "a channel takes no notices now; they are tried again", "channel", w.channel,
			"problem", blocked.Error())
	}
	w.stands(true)
}

func (w *way) stands(blocked bool) {
	w.blocked = blocked
	if w.Works != nil {
		w.Works(w.channel, !blocked)
	}
}

// errOld ends what is no longer to be sent.
var errOld = errors.New(neverTried)

func (s *Sender) send(ctx context.Context, line Line, d delivery) error {
	if !s.Now().Before(d.Until()) {
		return errOld
	}
	to, err := s.ContactOf(ctx, d.Notice)
	if err != nil {
		return errors.New("notice: the person's address cannot be read")
	}
	ctx, cancel := context.WithTimeout(ctx, line.timeout())
	defer cancel()
	return line.Send(ctx, d.Delivery, to, Read(d.Notice, to.Lang))
}

// What was sent counts as that, even if its time was over meanwhile.
const noteDelivery = `
update notice_delivery
set state = $2, last_error = case when $3 = '' and $2 <> 'sent' then last_error else $3 end, next_at = $4,
    sent_at = case when $2 = 'sent' then $5::timestamptz end
where id = $1 and (state = 'queued' or state = 'expired' and $2 = 'sent')`

// note stores what became of an attempt, even when ctx ended meanwhile, so that what was sent is not sent
// again.
func (s *Sender) note(ctx context.Context, line Line, d delivery, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	now := s.Now()
	state, problem, next := s.outcome(line, d, failure)
	if state == Refused || state == Expired {
		s.Log.WarnContext(ctx, "a notice was not delivered", "channel", line.Name(), "state", string(state),
			"kind", string(d.Kind), "delivery", d.Delivery, "attempts", d.Attempts, "problem", problem)
	}
	if _, err := s.DB.Exec(ctx, noteDelivery, d.Delivery, state, problem, next, now); err != nil {
		return fmt.Errorf("notice: note delivery %s: %w", d.Delivery, err)
	}
	if state != Queued {
		s.ended(line.Name(), state)
	}
	return nil
}

// outcome is what an attempt leads to, why, and when it is made again.
func (s *Sender) outcome(line Line, d delivery, failure error) (state State, problem string, next time.Time) {
	next = s.Now()
	if failure == nil {
		return Sent, "", next
	}
	problem = failure.Error()
	switch {
	case errors.Is(failure, ErrNoAddress):
		return NoAddress, problem, next
	case errors.Is(failure, ErrRefused):
		return Refused, problem, next
	case errors.Is(failure, errOld):
		return Expired, "", next // what went wrong before stays written
	}
	if next = next.Add(line.pause(d.Attempts)); !next.Before(d.Until()) {
		return Expired, problem, next
	}
	return Queued, problem, next
}
