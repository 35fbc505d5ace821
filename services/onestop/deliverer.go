package onestop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How a Deliverer behaves unless told otherwise.
const (
	defaultTimeout = 10 * time.Second
	defaultLease   = 30 * time.Second
	defaultPoll    = 250 * time.Millisecond
	refreshEvery   = 5 * time.Second // looks for new connections
	// pauses vary by a fifth, so that receivers behind one machine are not all probed at once
	jitter = 0.2
)

// endpointPauses are the pauses of a connection whose endpoint fails, by the number of failures; the last one
// repeats until it answers.
var endpointPauses = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second,
	30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}

// eventPauses are the pauses of an event that fails while others go through: a day in all, then its dossier
// is parked.
var eventPauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour}

// DelivererConfig is what a Deliverer needs. The zero value of what is marked optional stands for its
// default.
type DelivererConfig struct {
	DB    *pgxpool.Pool
	Vault *vault.Vault
	Log   *slog.Logger

	Now     func() time.Time // optional: time.Now
	Timeout time.Duration    // optional: of one attempt, 10 s
	// optional: how long a connection stays ours without renewal, 30 s; at least three timeouts
	Lease          time.Duration
	Poll           time.Duration   // optional: how often an idle connection's log is read, 250 ms
	EndpointPauses []time.Duration // optional: 1 s growing to 5 min
	EventPauses    []time.Duration // optional: ten pauses, a day in all
}

// Deliverer pushes the log of every connection that has an endpoint, up to eight events at a time in the
// order of positions, never two of one dossier at once. Every process of the portal may run one; only the
// process that holds a connection's lease pushes to it.
//
// What has ended is recorded together in one transaction, which moves the place up to which the log is
// pushed: everything up to there is delivered or set aside, also what is still under way. So a process that
// dies in the middle loses nothing, and an event that hangs holds up only its own dossier.
//
// When an event fails, it is set aside together with the later events of its dossier and tried again after
// growing pauses, while other dossiers go on. When it has failed after the last pause, its dossier is parked
// until Replay. When the endpoint itself fails, the connection pauses, probes with one event at a time, and
// goes back to eight by one more with each success. An attempt may be repeated after a crash; the receiver
// recognises it by its webhook-id.
type Deliverer struct {
	DelivererConfig
	id      string // names this process in leases
	clients clients

	mu   sync.Mutex
	bell chan struct{} // closed and replaced by Ping
}

// NewDeliverer returns a deliverer that has not begun.
func NewDeliverer(c DelivererConfig) *Deliverer {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Lease == 0 {
		c.Lease = defaultLease
	}
	c.Lease = max(c.Lease, 3*c.Timeout)
	if c.Poll == 0 {
		c.Poll = defaultPoll
	}
	if len(c.EndpointPauses) == 0 {
		c.EndpointPauses = endpointPauses
	}
	if len(c.EventPauses) == 0 {
		c.EventPauses = eventPauses
	}
	return &Deliverer{
		DelivererConfig: c, id: postgres.NewID(), bell: make(chan struct{}),
	}
}

// Ping makes every idle connection look at its log now. It never blocks; a Sequencer calls it.
func (d *Deliverer) Ping() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.bell)
	d.bell = make(chan struct{})
}

func (d *Deliverer) rung() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bell
}

const pushedConnections = `
select ` + boundColumns + ` from connection c
where c.active and c.endpoint <> '' and c.held_at is null`

// Run pushes until ctx ends, and returns when no attempt is under way and every lease has been given back.
func (d *Deliverer) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	var mu sync.Mutex
	begun := map[string]bool{}
	for {
		ids, err := d.connections(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "connections cannot be read", "error", err)
		}
		mu.Lock()
		for _, id := range ids {
			if begun[id] {
				continue
			}
			begun[id] = true
			running.Go(func() {
				d.serve(ctx, id)
				mu.Lock()
				defer mu.Unlock()
				delete(begun, id)
			})
		}
		mu.Unlock()
		if !sleep(ctx, refreshEvery) {
			return
		}
	}
}

func (d *Deliverer) connections(ctx context.Context) ([]string, error) {
	rows, err := d.DB.Query(ctx, pushedConnections)
	if err != nil {
		return nil, fmt.Errorf("onestop: list endpoints: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[bound])
	if err != nil {
		return nil, fmt.Errorf("onestop: list endpoints: %w", err)
	}
	ids := make([]string, 0, len(list))
	for _, c := range list {
		holds, err := c.holds(ctx, d.DB, d.Vault)
		if err != nil {
			return nil, err
		}
		if holds {
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

// serve pushes one connection while it is active. It waits for the lease, and works while it holds it.
func (d *Deliverer) serve(ctx context.Context, connection string) {
	line := newLine(d, connection)
	defer line.end(ctx)
	for ctx.Err() == nil {
		pause, err := line.step(ctx)
		switch {
		case errors.Is(err, errNotPushed):
			return
		case err != nil && ctx.Err() == nil:
			d.Log.ErrorContext(ctx, "pushing stops for a moment", "connection", connection, "error", err)
			line.lost()
			pause = time.Second
		}
		if !line.wait(ctx, pause) {
			return
		}
	}
}

// sleep waits for the pause or the end of ctx; it is false only for the end of ctx.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	return true
}

// pauseAfter is the pause after the n-th failure, counted from 1, varied at random.
func pauseAfter(pauses []time.Duration, n int) time.Duration {
	pause := pauses[min(max(n, 1), len(pauses))-1]
	return time.Duration(float64(pause) * (1 - jitter + 2*jitter*rand.Float64()))
}
