package notice

import (
	"context"
	"fmt"
	"time"

	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// State is what became of a notice on one channel. Its values are stored, and are labels of metrics.
type State string

// The states. All but the first are final.
const (
	Queued    State = "queued"
	Sent      State = "sent"
	Refused   State = "refused"    // the other side will never take it
	NoAddress State = "no_address" // the person gave none for the channel
	Expired   State = "expired"    // it could not be sent as long as it made sense
)

// Ends lists the states in which a delivery ends.
var Ends = []State{Sent, Refused, NoAddress, Expired}

// Until is when the notice stops to make sense: its kind says after what time, and what is to be done by a
// day is senseless after that day. Nothing is sent later than that.
func (n Notice) Until() time.Time {
	until := n.CreatedAt.Add(n.Kind.Holds())
	if n.Args.Deadline != nil {
		if end := n.Args.Deadline.AddDays(1).At(0); end.Before(until) {
			return end
		}
	}
	return until
}

// A row whose time has just come may be on its way this moment; its sender writes what becomes of it.
// Programs of before this gave no time.
const expireDeliveries = `
update notice_delivery d
set state = 'expired', last_error = case when d.last_error = '' then $2 else d.last_error end
from notice n
where n.id = d.notice_id and d.state = 'queued'
    and coalesce(d.expires_at, n.created_at + interval '2 days') <= $1
returning d.channel`

const neverTried = "notice: nobody sent it as long as it made sense"

// expireGrace is longer than any process keeps what it took.
const expireGrace = 15 * time.Minute

// Expire ends what was not sent as long as it made sense, on channels that no program has open too, and
// counts it by channel. So nothing is queued for ever.
func Expire(ctx context.Context, db postgres.DB, now time.Time) (map[string]int, error) {
	rows, err := db.Query(ctx, expireDeliveries, now.Add(-expireGrace), neverTried)
	if err != nil {
		return nil, fmt.Errorf("notice: expire: %w", err)
	}
	counts := map[string]int{}
	var channel string
	_, err = pgx.ForEachRow(rows, []any{&channel}, func() error { counts[channel]++; return nil })
	if err != nil {
		return nil, fmt.Errorf("notice: expire: %w", err)
	}
	return counts, nil
}

const findRefused = `
select notice_id::text from notice_delivery where notice_id = any($1::uuid[]) and channel = $2 and state = 'refused'`

// RefusedMails tells of which notices the mail was refused by the person's own mail server. The caller has
// read the notices for the person.
func RefusedMails(ctx context.Context, db postgres.DB, notices ...string) (map[string]bool, error) {
	rows, err := db.Query(ctx, findRefused, notices, MailName)
	if err != nil {
		return nil, fmt.Errorf("notice: refused mails: %w", err)
	}
	refused := map[string]bool{}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { refused[id] = true; return nil })
	if err != nil {
		return nil, fmt.Errorf("notice: refused mails: %w", err)
	}
	return refused, nil
}
