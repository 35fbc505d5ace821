package onestop

import (
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/dossier"
)

// passLease is the time going by after which another process takes over.
func (w world) passLease(t testing.TB) {
	t.Helper()
	if _, err := w.db.Exec(t.Context(),
		`update connection_push set lease_until = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
}

// TestEightAtATime: a slow receiver has eight events of eight dossiers at a time. When it fails then, it is
// probed with one event at a time.
func TestEightAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 24)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	full, probes := make(chan bool), make(chan int, 3)
	var failed atomic.Bool
	var under atomic.Int64
	r.says(func(_ CloudEvent, response http.ResponseWriter) {
		now := under.Add(1)
		defer under.Add(-1)
		switch before := len(r.events()); {
		case failed.Load() && len(probes) < cap(probes):
			probes <- int(now)
			response.WriteHeader(http.StatusServiceUnavailable)
		case !failed.Load() && before > 8: // by now the line is wide
			if now == abreast {
				failed.Store(true)
				close(full)
			}
			<-full
			response.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	for revision := range 2 {
		for _, id := range ids {
			w.append(t, connection, id, revision+1)
		}
	}
	w.deliver(t, func(c *DelivererConfig) { c.Timeout = time.Minute })
	w.settled(t)
	most, both := r.crowd()
	if most != abreast || both > 0 {
		t.Errorf("%d at a time, %d times two of one dossier", most, both)
	}
	for range cap(probes) {
		if n := <-probes; n != 1 {
			t.Errorf("%d at a time at an endpoint that fails", n)
		}
	}
	checkOrder(t, r.events())
	if h := w.health(t); h.Failures != 0 || h.Parked != 0 || h.PausedUntil != nil {
		t.Errorf("health: %+v", h)
	}
}

// TestEightFailuresAreOne: the attempts that are under way when an endpoint begins to fail count once.
func TestEightFailuresAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 40)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	var under atomic.Int64
	full := make(chan bool)
	r.says(func(_ CloudEvent, response http.ResponseWriter) {
		if len(r.events()) <= abreast {
			return
		}
		if under.Add(1) == abreast {
			close(full)
		}
		<-full
		response.WriteHeader(http.StatusBadGateway)
	})
	for _, id := range ids {
		w.append(t, connection, id, 1)
	}
	w.deliver(t, func(c *DelivererConfig) {
		c.Timeout, c.EndpointPauses = time.Minute, []time.Duration{time.Hour}
	})
	until(t, "all eight are recorded", func() bool { return w.health(t).Failing == abreast })
	if h := w.health(t); h.Failures != 1 || h.PausedUntil == nil {
		t.Errorf("health: %+v", h)
	}
	if n := under.Load(); n != abreast {
		t.Errorf("%d attempts at an endpoint that fails", n)
	}
}

// TestOneHangs: an event without an answer holds up its own dossier, and no other, however long the log is
// behind it; also where most of that is of its own dossier.
func TestOneHangs(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]int{"one behind it": 2, "a window of its own behind it": window + 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.dossiers(t, 20)
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			answer := make(chan bool)
			hangs := dossier.Code(ids[1])
			r.says(func(e CloudEvent, _ http.ResponseWriter) {
				if e.Data.Dossier == hangs {
					<-answer
				}
			})
			w.append(t, connection, ids[0], 1) // widens the line
			for revision := range own {
				w.append(t, connection, ids[1], revision+1)
			}
			for revision := range 4 { // more than a window
				for _, id := range ids[2:] {
					w.append(t, connection, id, revision+1)
				}
			}
			w.deliver(t, func(c *DelivererConfig) { c.Timeout = 10 * time.Minute })
			until(t, "all others are through", func() bool { return len(r.events()) == 1+1+4*18 })
			answered := func() bool {
				attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 200)
				return err == nil && len(attempts) == 1+4*18
			}
			until(t, "and recorded", answered)
			if h := w.health(t); h.Failing != 0 || h.Failures != 0 {
				t.Errorf("health: %+v", h)
			}
			close(answer)
			w.settled(t)
			seen := r.events()
			if len(seen) != 1+own+4*18 || len(first(seen)) != len(seen) {
				t.Errorf("%d arrivals of %d events", len(seen), 1+own+4*18)
			}
			checkOrder(t, seen)
		})
	}
}

// TestAHangIsNotTheEndpoints: while others pass, an event without an answer in time is at fault itself; the
// connection does not pause for it, and in the end its dossier is parked.
func TestAHangIsNotTheEndpoints(t *testing.T) {
	t.Parallel()
	now := time.Now()
	before, since := now.Add(-1), now.Add(1)
	silent := outcome{At: now, Silent: true, Blame: theEndpoint}
	for name, c := range map[string]struct {
		out     outcome
		success time.Time
		want    blame
	}{
		"silent, others passed":        {silent, since, theEvent},
		"silent, nothing passed since": {silent, before, theEndpoint},
		"answered, others passed":      {outcome{At: now, Blame: theEndpoint}, since, theEndpoint},
		"refused":                      {outcome{At: now, Status: 422, Blame: theEvent}, before, theEvent},
	} {
		if got := (flight{out: c.out}).against(&c.success); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := (flight{out: outcome{Silent: true, Blame: theEndpoint}}).against(nil); got != theEndpoint {
		t.Errorf("an endpoint that never answered: %q", got)
	}
}

// TestRetryAfterOfAnEvent: what a receiver asks for is heeded for the event too, whoever is to blame, up to
// an hour.
func TestRetryAfterOfAnEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, asked int
		want          time.Duration
		pauses        bool // the connection
	}{
		{http.StatusConflict, 1800, 30 * time.Minute, false},
		{http.StatusUnprocessableEntity, 1800, 30 * time.Minute, false},
		{http.StatusTooEarly, 1800, 30 * time.Minute, false},
		{http.StatusLocked, 1 << 30, time.Hour, false},
		{http.StatusTooManyRequests, 1800, 30 * time.Minute, true},
		{http.StatusServiceUnavailable, 1800, 30 * time.Minute, true},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.dossiers(t, 1)
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			r.says(func(_ CloudEvent, response http.ResponseWriter) {
				response.Header().Set("Retry-After", strconv.Itoa(c.asked))
				response.WriteHeader(c.status)
			})
			w.append(t, connection, ids[0], 1)
			w.deliver(t, nil)
			until(t, "it is set aside", func() bool { return w.health(t).Failing == 1 })
			var seconds float64
			if err := w.db.QueryRow(t.Context(),
				`select extract(epoch from next_at - first_failed_at) from event_push`).Scan(&seconds); err != nil {
				t.Fatal(err)
			}
			if got := time.Duration(seconds * float64(time.Second)); got != c.want {
				t.Errorf("it comes again after %s, not %s", got, c.want)
			}
			if h := w.health(t); (h.PausedUntil != nil) != c.pauses {
				t.Errorf("the connection pauses until %v", h.PausedUntil)
			}
		})
	}
}

// TestTheDatabaseChangesMeanwhile: another process takes over, or the database is restored to an earlier
// moment, while attempts are under way. Nothing is lost, and the order within each dossier holds.
func TestTheDatabaseChangesMeanwhile(t *testing.T) {
	t.Parallel()
	const takeOver = `update connection_push set holder = gen_random_uuid(), lease_until = now() - interval '1 second'`
	for name, change := range map[string][]string{
		"taken over":                {takeOver},
		"restored to the beginning": {`delete from push_attempt`, `delete from event_push`, `update connection_push set pushed = 0`},
		"restored to before an event that is under way": {`delete from push_attempt`, `delete from event_push`,
			`delete from event where position > 6`, `update connection_head set position = 6`,
			`update connection_push set pushed = 0`},
		"restored and taken over": {`delete from push_attempt`, `delete from event_push`,
			`update connection_push set pushed = 0`, takeOver},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.dossiers(t, 6)
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			answer, came := make(chan bool), make(chan bool, 100)
			r.says(func(e CloudEvent, _ http.ResponseWriter) {
				// Of the first six, the second hangs; of the last six, all.
				if e.Data.Revision == 2 || e.Data.Dossier == dossier.Code(ids[1]) {
					came <- true
					<-answer
				}
			})
			for revision := range 2 {
				for _, id := range ids {
					w.append(t, connection, id, revision+1)
				}
			}
			w.deliver(t, func(c *DelivererConfig) { c.Timeout = 10 * time.Minute })
			for range 6 {
				<-came
			}
			until(t, "what passes is recorded", func() bool { return w.health(t).Pushed >= 6 })
			for _, sql := range change {
				if _, err := w.db.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			w.deliver(t, func(c *DelivererConfig) { c.Timeout = 10 * time.Minute }) // another process
			close(answer)
			w.settled(t)
			seen := r.events()
			checkOrder(t, seen)
			for _, e := range w.all(t, connection) {
				if !slices.ContainsFunc(seen, func(s CloudEvent) bool { return s.ID == e.ID }) {
					t.Errorf("%s never came", e.Cursor)
				}
			}
		})
	}
}
