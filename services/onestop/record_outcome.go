package onestop

import (
	"context"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

const closeAside = `
update event_push set state = 'delivered', delivered_at = $2
where event_id = any($1)`

// hurry makes events due at once that were held up only by the endpoint's failure, when the endpoint answers
// again.
const hurry = `
update event_push set next_at = $2
where connection_id = $1 and state = 'pending' and blame = 'endpoint' and next_at > $2`

// deliver writes what was delivered. Only an attempt that began after the endpoint's last failure shows that
// it works again: one that was under way then may end well without meaning anything.
func (l *line) deliver(ctx context.Context, tx pgx.Tx, before progress, after *outlook,
	ended []flight) error {
	now := l.Now()
	var ids []int64
	works := false
	for _, f := range ended {
		if f.out.delivered() {
			ids = append(ids, f.ID)
			works = works || f.failures == before.Failures
		}
	}
	if after.delivered = len(ids); after.delivered == 0 {
		return nil
	}
	after.LastSuccess = &now
	if _, err := tx.Exec(ctx, closeAside, ids, now); err != nil {
		return err
	}
	if works && before.Failures > 0 {
		after.Failures, after.PausedUntil = 0, nil
		if _, err := tx.Exec(ctx, hurry, l.connection, now); err != nil {
			return err
		}
	}
	return l.mark(ctx, tx, ids, dossier.Delivered)
}

const setAside = `
insert into event_push (event_id, connection_id, dossier_id, position, state, blame, attempts, first_failed_at, next_at)
values (@event, @connection, @dossier, @position, @state, @blame, @attempts, @first_failed_at, @next_at)
on conflict (event_id) do update
set state = excluded.state, blame = excluded.blame, attempts = excluded.attempts,
    first_failed_at = excluded.first_failed_at, next_at = excluded.next_at`

// fail sets aside what failed, and pauses the connection when its endpoint is to blame. Attempts that were
// under way together when it began to fail are one failure of it.
func (l *line) fail(ctx context.Context, tx pgx.Tx, before progress, after *outlook, ended []flight) error {
	var failing, parked []int64
	var longest time.Duration
	var blamed, news bool
	for _, f := range ended {
		if f.out.delivered() {
			continue
		}
		against := f.against(after.LastSuccess)
		given, err := l.setAside(ctx, tx, f, against, after.LastSuccess)
		if err != nil {
			return err
		}
		if given {
			parked, after.parked = append(parked, f.ID), append(after.parked, f)
		} else {
			failing = append(failing, f.ID)
		}
		if against == theEndpoint {
			blamed, news = true, news || f.failures == before.Failures
			longest = max(longest, f.out.RetryAfter)
			if before.Failures == 0 && after.began == nil {
				after.began = &f.out
			}
		}
	}
	if blamed {
		if news {
			after.Failures++
			longest = max(longest, pauseAfter(l.EndpointPauses, after.Failures))
		}
		until := l.Now().Add(longest)
		if after.PausedUntil == nil || after.PausedUntil.Before(until) {
			after.PausedUntil = &until
		}
	}
	if err := l.mark(ctx, tx, failing, dossier.Failing); err != nil {
		return err
	}
	return l.mark(ctx, tx, parked, dossier.Parked)
}

// against says whom a failed attempt speaks against. An endpoint that took others while this one hung is not
// at fault.
func (f flight) against(success *time.Time) blame {
	if f.out.Silent && success != nil && success.After(f.out.At) {
		return theEvent
	}
	return f.out.Blame
}

// setAside has an event tried again after a pause, or after what the receiver asked for where that is longer.
// It parks the dossier when the event has failed after every pause although the endpoint took other events.
func (l *line) setAside(ctx context.Context, tx pgx.Tx, f flight, against blame,
	success *time.Time) (parked bool, err error) {
	now := l.Now()
	first, attempts, to := now, f.Attempts+1, "pending"
	if f.FirstFailedAt != nil {
		first = *f.FirstFailedAt
	}
	othersPass := against == theEvent || success != nil && success.After(first)
	if attempts > len(l.EventPauses) && othersPass {
		parked, to = true, "parked"
	}
	if f.Aside && f.failures == 0 {
		// the endpoint worked until this event came again, so the end of the pause must not make it due at
		// once
		against = theEvent
	}
	_, err = tx.Exec(ctx, setAside, pgx.StrictNamedArgs{
		"event": f.ID, "connection": l.connection, "dossier": f.DossierID, "position": f.Position,
		"state": to, "blame": string(against), "attempts": attempts, "first_failed_at": first,
		"next_at": now.Add(max(pauseAfter(l.EventPauses, attempts), f.out.RetryAfter)),
	})
	return parked, err
}
