package onestop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

// Standing is what a connection is and how it fares.
type Standing struct {
	ID          string     `db:"id"`
	Code        string     `db:"code"`
	Name        string     `db:"name"`
	Active      bool       `db:"active"`
	Endpoint    string     `db:"endpoint"`         // "" = it only pulls
	Pending     string     `db:"endpoint_pending"` // waits for its proof
	ProvedAt    *time.Time `db:"proved_at"`        // nil = it was live before endpoints were proved
	HeldAt      *time.Time `db:"held_at"`          // since when pushing is paused
	Networks    []string   `db:"networks"`
	CA          string     `db:"ca_pem"`
	Identity    []byte     `db:"identity_sealed"`
	Incarnation string     `db:"incarnation"`
	Head        int64      `db:"position"`
	Pushed      int64      `db:"pushed"`
	Retrying    int64      `db:"retrying"` // set aside after a failure, to be tried again
	Waiting     int64      `db:"waiting"`  // not sent yet, or to be sent again
	Parked      int64      `db:"parked"`   // dossiers given up
	Failures    int        `db:"failures"` // of the endpoint, in a row
	PausedUntil *time.Time `db:"paused_until"`
	LastSuccess *time.Time `db:"last_success_at"`
	Oldest      *time.Time `db:"oldest"` // when the oldest event happened that was not delivered

	AuthoritiesEnd *time.Time `db:"-"` // when the first of the own authorities ends
	CertificateEnd *time.Time `db:"-"` // when the certificate that the portal shows ends
}

const standing = `
select c.id::text, c.code, c.name, c.active, c.endpoint, c.endpoint_pending, c.proved_at, c.held_at, c.networks, c.ca_pem,
       c.identity_sealed, h.incarnation, h.position, p.pushed, p.failures, p.paused_until, p.last_success_at,
       aside.retrying, aside.parked, aside.waiting + fresh.waiting as waiting, least(aside.oldest, fresh.oldest) as oldest
from connection c
join connection_head h on h.connection_id = c.id
join connection_push p on p.connection_id = c.id
cross join lateral (
  select count(*) filter (where q.state = 'pending' and q.attempts > 0) as retrying,
         count(*) filter (where q.state = 'pending' and q.attempts = 0) as waiting,
         count(distinct q.dossier_id) filter (where q.state = 'parked') as parked,
         min(e.created_at) as oldest
  from event_push q join event e on e.id = q.event_id
  where q.connection_id = c.id and q.state <> 'delivered' and e.ended_at is null) aside
cross join lateral (
  select count(*) as waiting, min(e.created_at) as oldest
  from event e
  where e.connection_id = c.id and e.position > p.pushed and e.ended_at is null
    and not exists (select 1 from event_push q where q.event_id = e.id)) fresh
where c.id::text = $1`

// StandingOf tells how a connection fares, or ErrNotFound.
func StandingOf(ctx context.Context, db postgres.DB, v *vault.Vault, connection string) (*Standing, error) {
	rows, err := db.Query(ctx, standing, connection)
	if err != nil {
		return nil, fmt.Errorf("onestop: standing of %s: %w", connection, err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Standing])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: standing of %s: %w", connection, err)
	}
	s.AuthoritiesEnd = earliestEnd(s.CA)
	if s.Identity != nil {
		pair, err := readIdentity(v, s.ID, s.Identity)
		if err != nil {
			return nil, err
		}
		s.CertificateEnd = earliestEnd(pair.Certificate)
	}
	return s, nil
}

// State is one word for a connection, the worst that is true of it.
func (s *Standing) State() string {
	switch {
	case !s.Active:
		return "shut"
	case s.HeldAt != nil:
		return "paused"
	case s.Parked > 0:
		return "parked"
	case s.Failures > 0 || s.Retrying > 0:
		return "failing"
	case s.Pending != "":
		return "unproved"
	case s.Endpoint == "":
		return "pulls"
	}
	return "ok"
}

// Backlog counts the events that were not delivered yet.
func (s *Standing) Backlog() int64 { return s.Waiting + s.Retrying }

const (
	hold = `update connection set held_at = coalesce(held_at, $2) where id = $1`
	free = `update connection set held_at = null where id = $1`
)

// Pause ends pushing to a connection until Resume. Its log goes on.
func Pause(ctx context.Context, tx pgx.Tx, connection string, now time.Time) error {
	return changeConnection(ctx, tx, hold, connection, now)
}

// Resume ends a pause, also one after failures. With a cursor, what was pushed behind it is pushed once more;
// it returns how many events that is. Errors: ErrCursorAhead, ErrIncarnation, ErrReplayLong, ErrNotFound.
func Resume(ctx context.Context, tx pgx.Tx, connection string, after *Cursor, now time.Time) (events int,
	err error) {
	if after != nil {
		head, err := headOf(ctx, tx, connection, *after)
		if err != nil {
			return 0, err
		}
		if events, err = Replay(ctx, tx, connection, Stretch{From: after.Position + 1, To: head.Position},
			now); err != nil {
			return 0, err
		}
	}
	if err := changeConnection(ctx, tx, free, connection); err != nil {
		return 0, err
	}
	return events, changeConnection(ctx, tx, forgetPause, connection)
}
