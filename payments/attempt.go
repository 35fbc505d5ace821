package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/i18n"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// AttemptState is where one try to pay is. It only helps to find open tries: the facts say what was paid.
type AttemptState string

// The states of an attempt.
const (
	AttemptOpening AttemptState = "opening" // made, the provider has not given a session yet
	AttemptOpen    AttemptState = "open"    // can be paid
	AttemptPaid    AttemptState = "paid"
	AttemptEnded   AttemptState = "ended" // cannot be paid any more and was not
)

// Attempt is one try to pay a quote. Its language and expiry are fixed with it, so that opening its session
// again repeats the very same request.
type Attempt struct {
	ID         string       `db:"id"`
	Quote      string       `db:"quote_id"`
	Channel    string       `db:"channel"` // ChannelStripe, ChannelCounter
	Lang       i18n.Lang    `db:"lang"`
	State      AttemptState `db:"state"`
	SessionRef *string      `db:"session_ref"` // the provider's id
	SessionURL *string      `db:"session_url"` // where the payer goes
	ExpiresAt  *time.Time   `db:"expires_at"`  // nil at the counter
	CreatedAt  time.Time    `db:"created_at"`
	Mark       []byte       `db:"mark"` // see services/binding
}

func (a *Attempt) binds() []string {
	return []string{a.ID, a.Quote, a.Channel, binding.Opt(a.SessionRef), binding.Opt(a.SessionURL)}
}

// Lapsed says that the session's time is over by our clock. The provider's word is still to be asked.
func (a *Attempt) Lapsed(now time.Time) bool { return a.ExpiresAt != nil && !now.Before(*a.ExpiresAt) }

// NewAttempt describes a try to pay. ExpiresAt is not used at the counter.
type NewAttempt struct {
	Quote     string
	Channel   string
	Lang      i18n.Lang
	ExpiresAt time.Time
	Now       time.Time
}

const attemptColumns = `id, quote_id, channel, lang, state, session_ref, session_url, expires_at, created_at, mark`

const openAttemptOf = `select ` + attemptColumns +
	` from payment_attempt where quote_id = $1 and channel = $2 and state in ('opening', 'open')`

const insertAttempt = `insert into payment_attempt (id, quote_id, channel, lang, state, expires_at, created_at, mark)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning ` + attemptColumns

// InsertAttempt locks the quote and returns its open attempt on that channel, or a new one; fresh tells
// which. An attempt at the counter is open at once. Errors: ErrNotFound, ErrVoided.
func InsertAttempt(ctx context.Context, tx pgx.Tx, v *vault.Vault, n NewAttempt) (a *Attempt,
	fresh bool, err error) {
	q, err := LockQuote(ctx, tx, v, n.Quote)
	if err != nil {
		return nil, false, err
	}
	if q.VoidedAt != nil {
		return nil, false, ErrVoided
	}
	a, err = oneAttempt(ctx, tx, v, openAttemptOf, n.Quote, n.Channel)
	switch {
	case errors.Is(err, binding.ErrForeign): // it leads nobody to a page that is not the provider's
		if _, err := tx.Exec(ctx, endForeign, n.Quote, n.Channel); err != nil {
			return nil, false, fmt.Errorf("payments: end attempts of %s: %w", n.Quote, err)
		}
	case !errors.Is(err, ErrNotFound):
		return a, false, err
	}
	state, expires := AttemptOpening, &n.ExpiresAt
	if n.Channel == ChannelCounter {
		state, expires = AttemptOpen, nil
	}
	made := Attempt{ID: postgres.NewID(), Quote: n.Quote, Channel: n.Channel}
	a, err = oneAttempt(ctx, tx, v, insertAttempt, made.ID, n.Quote, n.Channel, n.Lang, state, expires, n.Now,
		binding.Attempt.Mark(v, made.binds()...))
	if err != nil {
		return nil, false, err
	}
	if n.Channel == ChannelCounter {
		if err := insertOwnFact(ctx, tx, v, n.Quote, opened(a.ID, ChannelCounter, "counter:"+a.ID+":opened",
			n.Now)); err != nil {
			return nil, false, err
		}
	}
	return a, true, nil
}

func opened(attempt, provider, id string, at time.Time) Fact {
	return Fact{ID: id, Attempt: attempt, Kind: FactOpened, Provider: provider, At: at}
}

// OpenedFactID is the id of the fact that a session was opened, the same from whoever reports it.
func OpenedFactID(sessionRef string) string { return sessionRef + ":opened" }

// NewSession is what a provider gave for an attempt.
type NewSession struct {
	Ref, URL  string
	ExpiresAt time.Time
	Now       time.Time
}

const endForeign = `update payment_attempt set state = 'ended' where quote_id = $1 and channel = $2 and state in ('opening', 'open')`

const saveSession = `with saved as (
    update payment_attempt set session_ref = $2, session_url = $3, expires_at = $4, mark = $7, state = case state when 'opening' then 'open' else state end
    where id = $1 and (session_ref is null or session_ref = $2) returning id)
insert into payment_fact (id, attempt_id, kind, amount, at, payment_ref, refund_ref, provider, mark)
select $5, id, 'opened', 0, $6, '', '', 'stripe', $8 from saved on conflict (id) do nothing`

const hasSession = `select ` + attemptColumns + ` from payment_attempt where id = $1 and session_ref = $2`

// SaveSession stores the session of an attempt, with the fact that it was opened. Saving the same session
// again changes nothing; another session for the same attempt is ErrNotFound.
func SaveSession(ctx context.Context, db postgres.DB, v *vault.Vault, attempt string, s NewSession) error {
	a, err := FindAttempt(ctx, db, v, attempt)
	if err != nil {
		return err
	}
	a.SessionRef, a.SessionURL = &s.Ref, &s.URL
	said := opened(a.ID, ChannelStripe, OpenedFactID(s.Ref), s.Now)
	if _, err := db.Exec(ctx, saveSession, attempt, s.Ref, s.URL, s.ExpiresAt, said.ID, s.Now,
		binding.Attempt.Mark(v, a.binds()...), said.mark(v, a.Quote)); err != nil {
		return fmt.Errorf("payments: save session of %s: %w", attempt, err)
	}
	_, err = oneAttempt(ctx, db, v, hasSession, attempt, s.Ref)
	return err
}

const endAttempt = `update payment_attempt set state = 'ended' where id = $1 and state = 'opening'`

// AbandonAttempt ends an attempt that never got a session, so that nobody was given an address to pay at.
func AbandonAttempt(ctx context.Context, db postgres.DB, id string) error {
	if _, err := db.Exec(ctx, endAttempt, id); err != nil {
		return fmt.Errorf("payments: abandon attempt %s: %w", id, err)
	}
	return nil
}

const loseAttempt = `update payment_attempt set state = 'ended' where id = $1 and state = 'open'`

// LoseAttempt ends an attempt whose session its provider does not know, so that another one can be opened. A
// payment that is heard of later counts all the same.
func LoseAttempt(ctx context.Context, db postgres.DB, id string) error {
	if _, err := db.Exec(ctx, loseAttempt, id); err != nil {
		return fmt.Errorf("payments: lose attempt %s: %w", id, err)
	}
	return nil
}

const openAttempts = `select ` + attemptColumns + ` from payment_attempt
where state in ('opening', 'open') and channel = 'stripe' and created_at < $1 order by created_at limit $2`

// OpenAttempts returns online attempts that were made before an instant and whose outcome is not known yet,
// oldest first, for the sweeper. Attempts without a session are included.
func OpenAttempts(ctx context.Context, db postgres.DB, v *vault.Vault, olderThan time.Time,
	limit int) ([]Attempt, error) {
	return attempts(ctx, db, v, openAttempts, olderThan, limit)
}

const attemptsOf = `select ` + attemptColumns +
	` from payment_attempt where quote_id = $1 order by created_at, id`

// AttemptsOf returns every attempt of a quote, oldest first.
func AttemptsOf(ctx context.Context, db postgres.DB, v *vault.Vault, quote string) ([]Attempt, error) {
	return attempts(ctx, db, v, attemptsOf, quote)
}

// attempts reads those that this portal wrote.
func attempts(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Attempt,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("payments: attempts: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Attempt])
	if err != nil {
		return nil, fmt.Errorf("payments: attempts: %w", err)
	}
	return binding.Keep(all, func(a *Attempt) (bool, error) {
		return binding.Attempt.Holds(ctx, db, v, a.Mark, a.binds()...)
	})
}

const findAttempt = `select ` + attemptColumns + ` from payment_attempt where id = $1`

// FindAttempt returns an attempt. Errors: ErrNotFound, binding.ErrForeign.
func FindAttempt(ctx context.Context, db postgres.DB, v *vault.Vault, id string) (*Attempt, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return oneAttempt(ctx, db, v, findAttempt, id)
}

func oneAttempt(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) (*Attempt,
	error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("payments: attempt: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Attempt])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("payments: attempt: %w", err)
	}
	holds, err := binding.Attempt.Holds(ctx, db, v, a.Mark, a.binds()...)
	if err == nil && !holds {
		err = fmt.Errorf("payments: attempt %s: %w", a.ID, binding.ErrForeign)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}
