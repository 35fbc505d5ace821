package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	batch     = 10
	sendEvery = 2 * time.Second
	// claimed is how long a mail that was taken stays with whoever took it: longer than a whole batch of timeouts.
	claimed = batch*sendTimeout + time.Minute
)

// mailPauses are the pauses between attempts, a day and a half in all; then the mail has failed.
var mailPauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// Sender sends the queued mails. Every process of the portal may run one; each mail is one's at a time.
type Sender struct {
	DB     *pgxpool.Pool
	Mailer *Mailer
	Site   address.Site
	Log    *slog.Logger
	Now    func() time.Time

	// AddressOf gives the mail address of the person whom a notice is for, "" when they gave none, and its language.
	AddressOf func(ctx context.Context, n Notice) (email string, l i18n.Lang, err error)
}

// Run sends what is due every two seconds until ctx ends.
func (s *Sender) Run(ctx context.Context) {
	for {
		n, err := s.Pass(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "mails cannot be sent", "error", err)
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

// delivery is a mail that is due.
type delivery struct {
	Notice
	Delivery string `db:"delivery_id"`
	Attempts int    `db:"attempts"` // this one included
}

// The attempt is counted when the mail is taken: a mail that ends the process each time ends up failed, not for ever tried.
const claimDue = `
with due as (
    select id from notice_delivery
    where state = 'queued' and next_at <= $1
    order by next_at
    limit $2
    for update skip locked
), taken as (
    update notice_delivery d
    set attempts = d.attempts + 1, next_at = $3
    from due where d.id = due.id
    returning d.id, d.notice_id, d.attempts
)
select t.id::text as delivery_id, t.attempts,
       n.id::text, n.party_id::text, n.person_id::text, n.dossier_code, n.draft_id::text, n.kind, n.args, n.created_at, n.read_at
from taken t join notice n on n.id = t.notice_id
order by n.id`

// Pass tries every mail that is due, at most ten, and returns how many it took. Its error is the database's; what became of
// each mail stands in the ledger.
func (s *Sender) Pass(ctx context.Context) (taken int, err error) {
	now := s.Now()
	rows, err := s.DB.Query(ctx, claimDue, now, batch, now.Add(claimed))
	if err != nil {
		return 0, fmt.Errorf("notice: take due mails: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByName[delivery])
	if err != nil {
		return 0, fmt.Errorf("notice: take due mails: %w", err)
	}
	for _, d := range due {
		if err := s.note(ctx, d, s.send(ctx, d)); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// errNoAddress means that the person gave no mail address.
var errNoAddress = errors.New("notice: the person gave no mail address")

func (s *Sender) send(ctx context.Context, d delivery) error {
	to, l, err := s.AddressOf(ctx, d.Notice)
	if err != nil {
		return errors.New("notice: the person's address cannot be read")
	}
	if to == "" {
		return errNoAddress
	}
	subject, body := Render(d.Notice, l, s.Site)
	return s.Mailer.Send(ctx, d.Delivery, to, subject, body)
}

const noteDelivery = `
update notice_delivery
set state = $2, last_error = $3, next_at = $4, sent_at = case when $2 = 'sent' then $5::timestamptz end
where id = $1 and state = 'queued'`

// note writes what became of an attempt, also when ctx ended meanwhile: a mail that was sent must not go out again.
func (s *Sender) note(ctx context.Context, d delivery, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	now := s.Now()
	state, problem, next := "sent", "", now
	if failure != nil {
		problem = failure.Error()
	}
	switch {
	case failure == nil:
	case errors.Is(failure, errNoAddress), errors.Is(failure, errRecipient):
		state = "dropped"
	case d.Attempts > len(mailPauses):
		state = "failed"
		s.Log.WarnContext(ctx, "a mail was given up", "delivery", d.Delivery, "problem", problem)
	default:
		state, next = "queued", now.Add(mailPauses[d.Attempts-1])
	}
	if _, err := s.DB.Exec(ctx, noteDelivery, d.Delivery, state, problem, next, now); err != nil {
		return fmt.Errorf("notice: note delivery %s: %w", d.Delivery, err)
	}
	return nil
}
