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
)

const (
	batch     = 10
	sendEvery = 2 * time.Second
	// noteTimeout bounds the writing down of what became of an attempt.
	noteTimeout = 15 * time.Second
)

// Sender sends what is queued for its channels, and leaves alone what is queued for others. Every process of
// the portal may run one; a delivery belongs to one of them at a time.
type Sender struct {
	DB    *pgxpool.Pool
	Lines []Line // no two of one name
	Log   *slog.Logger
	Now   func() time.Time

	// ContactOf tells how to reach the person whom a notice is for.
	ContactOf func(ctx context.Context, n Notice) (Contact, error)
}

// Run sends what is due every two seconds until ctx ends. A channel whose other side is slow keeps no other
// waiting.
func (s *Sender) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, line := range s.Lines {
		all.Go(func() { s.run(ctx, line) })
	}
	all.Wait()
}

func (s *Sender) run(ctx context.Context, line Line) {
	for {
		n, err := s.pass(ctx, line)
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
       null::timestamptz as read_at
from taken t join notice n on n.id = t.notice_id
order by n.id`

// claim takes what is due on a channel, at most ten. Until the line's time is over nobody else gets them.
func (s *Sender) claim(ctx context.Context, line Line) ([]delivery, error) {
	now := s.Now()
	rows, err := s.DB.Query(ctx, claimDue, line.Name(), now, batch, now.Add(line.claimed()))
	if err != nil {
		return nil, fmt.Errorf("notice: take what is due by %s: %w", line.Name(), err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByName[delivery])
	if err != nil {
		return nil, fmt.Errorf("notice: take what is due by %s: %w", line.Name(), err)
	}
	return due, nil
}

// pass tries what is due on a channel, at most ten, and returns how many it took. Its error is the
// database's; what became of each stands in the ledger.
func (s *Sender) pass(ctx context.Context, line Line) (taken int, err error) {
	due, err := s.claim(ctx, line)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		if err := s.note(ctx, line, d, s.send(ctx, line, d)); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

func (s *Sender) send(ctx context.Context, line Line, d delivery) error {
	to, err := s.ContactOf(ctx, d.Notice)
	if err != nil {
		return errors.New("notice: the person's address cannot be read")
	}
	ctx, cancel := context.WithTimeout(ctx, line.timeout())
	defer cancel()
	return line.Send(ctx, d.Delivery, to, Read(d.Notice, to.Lang))
}

const noteDelivery = `
update notice_delivery
set state = $2, last_error = $3, next_at = $4, sent_at = case when $2 = 'sent' then $5::timestamptz end
where id = $1 and state = 'queued'`

// note stores what became of an attempt, even when ctx ended meanwhile, so that what was sent is not sent
// again.
func (s *Sender) note(ctx context.Context, line Line, d delivery, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	now := s.Now()
	state, problem, next := "sent", "", now
	if failure != nil {
		problem = failure.Error()
	}
	pause, another := line.pause(d.Attempts)
	switch {
	case failure == nil:
	case errors.Is(failure, ErrNoAddress):
		state = "no_address"
	case errors.Is(failure, ErrRefused):
		state = "dropped"
	case another:
		state, next = "queued", now.Add(pause)
	default:
		state = "failed"
		s.Log.WarnContext(ctx, "a notice was given up",
			"channel", line.Name(), "delivery", d.Delivery, "problem", problem)
	}
	if _, err := s.DB.Exec(ctx, noteDelivery, d.Delivery, state, problem, next, now); err != nil {
		return fmt.Errorf("notice: note delivery %s: %w", d.Delivery, err)
	}
	return nil
}
