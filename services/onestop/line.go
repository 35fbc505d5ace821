package onestop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

var (
	errNotPushed = errors.New("onestop: the connection is not pushed to any more")
	errLease     = errors.New("onestop: another process holds the connection's lease")
)

// What a line has under way.
const (
	abreast = 8 // attempts of a connection at a time, each of another dossier
	// window is how many fresh events are looked at behind the place up to which the log is pushed. Whatever
	// hangs there does not hold up what is behind it: that place moves on, and what is passed is set aside.
	window = 64
)

// line is the pushing of one connection by this process. One goroutine takes its steps, and each attempt has
// its own.
type line struct {
	*Deliverer
	connection string
	leased     time.Time // when the lease was last asked for; zero = we have none
	// whether set-aside or fresh events come first: they take turns, so that both get through
	retryNext bool
	bell      <-chan struct{}

	// width is how many attempts may be under way: one after a failure of the endpoint and at the beginning,
	// then one more with each success.
	width  int
	flying map[dossier.ID]bool // dossiers with an attempt that is under way or not recorded yet
	away   int                 // attempts that are under way
	back   chan flight         // those that have ended
	landed []flight            // those to be recorded next
}

// flight is one attempt.
type flight struct {
	turn
	failures int // of the endpoint in a row, when the attempt began
	out      outcome
	broken   bool // we broke it off ourselves: it is nobody's failure
}

func newLine(d *Deliverer, connection string) *line {
	return &line{Deliverer: d, connection: connection, width: 1, flying: map[dossier.ID]bool{},
		back: make(chan flight, abreast)}
}

// state is a connection's row for pushing.
type state struct {
	bound
	Identity    []byte     `db:"identity_sealed"`
	Sealed      []byte     `db:"secrets_sealed"`
	Incarnation string     `db:"incarnation"`
	Position    int64      `db:"pushed"`
	Failures    int        `db:"failures"`
	PausedUntil *time.Time `db:"paused_until"`
}

func (s state) way() way { return way{Networks: s.Networks, CA: s.CA, Identity: s.Identity} }

// Leases use the database's clock, so that the clocks of several machines need not agree.
const takeLease = `
update connection_push
set holder = $2, lease_until = now() + $3::interval
where connection_id = $1 and (holder is null or holder = $2 or lease_until < now())`

const giveLease = `
update connection_push set holder = null, lease_until = null
where connection_id = $1 and holder = $2`

// lease makes sure that we hold the connection for at least two thirds of a lease, which is two timeouts and
// so longer than an attempt that begins now can take. So no two processes send an event at the same time.
func (l *line) lease(ctx context.Context) (bool, error) {
	if !l.leased.IsZero() && time.Since(l.leased) < l.Lease/3 {
		return true, nil
	}
	asked := time.Now()
	tag, err := l.DB.Exec(ctx, takeLease, l.connection, l.id, l.Lease)
	if err != nil {
		return false, fmt.Errorf("onestop: lease of %s: %w", l.connection, err)
	}
	if tag.RowsAffected() == 0 {
		l.lost()
		return false, nil
	}
	l.leased = asked
	return true, nil
}

func (l *line) lost() { l.leased = time.Time{} }

// release gives the lease back at the end, so that another process can start at once.
func (l *line) release() {
	if l.leased.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := l.DB.Exec(ctx, giveLease, l.connection, l.id); err != nil {
		l.Log.WarnContext(ctx, "a lease runs out by itself", "connection", l.connection, "error", err)
	}
}

const findState = `
select ` + boundColumns + `, c.identity_sealed, c.secrets_sealed, h.incarnation, p.pushed, p.failures, p.paused_until
from connection c
join connection_head h on h.connection_id = c.id
join connection_push p on p.connection_id = c.id
where c.id = $1 and c.active and c.endpoint <> '' and c.held_at is null`

// glance is how often to look again at another process's lease or a pausing connection: a lease may be given
// back, and a new endpoint may end a pause.
func (l *line) glance() time.Duration { return min(4*l.Poll, l.Lease/4) }

// step records what has ended, begins what there is room for, and says how long to wait before the next one
// unless an attempt ends earlier.
func (l *line) step(ctx context.Context) (pause time.Duration, err error) {
	l.bell = l.rung() // before the log is read, so that no ring is missed
	if err := l.record(ctx); err != nil {
		return 0, err
	}
	if ours, err := l.lease(ctx); err != nil || !ours {
		return l.glance(), err
	}
	if len(l.flying) >= l.width {
		l.bell = nil // there is no room for what is new
		return l.Lease / 6, nil
	}
	s, err := l.state(ctx)
	if err != nil {
		return 0, err
	}
	room := l.width - len(l.flying)
	if s.Failures > 0 {
		room = 1 - len(l.flying)
	}
	rest := time.Duration(0)
	if s.PausedUntil != nil {
		rest = s.PausedUntil.Sub(l.Now())
	}
	if rest > 0 || room < 1 {
		l.bell = nil // new events do not shorten the pause of a failing endpoint
		return min(max(rest, l.Poll), l.glance()), nil
	}
	turns, passed, err := l.choose(ctx, s, room)
	if err != nil {
		return 0, err
	}
	if passed > s.Position {
		if err := l.pass(ctx, passed); err != nil {
			return 0, err
		}
	}
	if begun, err := l.begin(ctx, s, turns); err != nil || begun < len(turns) || passed > s.Position {
		return 0, err
	}
	return l.Poll, nil
}

func (l *line) state(ctx context.Context) (state, error) {
	rows, err := l.DB.Query(ctx, findState, l.connection)
	if err != nil {
		return state{}, fmt.Errorf("onestop: state of %s: %w", l.connection, err)
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[state])
	if errors.Is(err, pgx.ErrNoRows) {
		return state{}, errNotPushed
	}
	if err != nil {
		return state{}, fmt.Errorf("onestop: state of %s: %w", l.connection, err)
	}
	holds, err := s.holds(ctx, l.DB, l.Vault)
	if err == nil && !holds {
		err = errNotPushed
	}
	return s, err
}

// wait waits for the pause, the bell, an attempt that ends or the end of ctx; it is false only for the end of
// ctx.
func (l *line) wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-l.bell:
	case f := <-l.back:
		l.lands(f)
	}
	for { // whatever else has ended goes into the same transaction
		select {
		case f := <-l.back:
			l.lands(f)
		default:
			return true
		}
	}
}

func (l *line) lands(f flight) {
	l.away--
	l.landed = append(l.landed, f)
}

// end waits for what is under way, records it, and gives the lease back.
func (l *line) end(ctx context.Context) {
	for l.away > 0 {
		l.lands(<-l.back)
	}
	if err := l.record(ctx); err != nil {
		l.Log.WarnContext(ctx, "the last attempts are not recorded: they will be repeated", "connection",
			l.connection, "error", err)
	}
	l.release()
}
