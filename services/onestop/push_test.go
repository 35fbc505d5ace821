package onestop

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 3)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	for revision := range 2 {
		for _, id := range ids {
			w.append(t, connection, id, revision+1)
		}
	}
	// The receiver still checks with the first secret while the second is live beside it.
	w.tx(t, func(tx pgx.Tx) error {
		_, err := RotateSecret(t.Context(), tx, w.vault, connection)
		return err
	})
	w.deliver(t, nil)
	w.settled(t)
	log, seen := w.all(t, connection), r.events()
	if len(seen) != len(log) {
		t.Fatalf("%d of %d events", len(seen), len(log))
	}
	checkOrder(t, seen)
	for _, e := range seen {
		i := slices.IndexFunc(log, func(pulled CloudEvent) bool { return pulled.ID == e.ID })
		if i < 0 || e.Cursor != log[i].Cursor || e.Time.String() != log[i].Time.String() {
			t.Errorf("pushed %+v, which is not in the log", e)
		}
	}
	for _, id := range ids {
		if s := w.sync(t, id); s != dossier.Delivered {
			t.Errorf("dossier %s is %s", id, s)
		}
	}
	attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 100)
	if err != nil || len(attempts) != len(log) || attempts[0].Status != http.StatusNoContent ||
		attempts[0].Error != "" {
		t.Errorf("attempts: %+v, %v", attempts, err)
	}
}

// TestDeliverAfterTrouble: whatever is wrong with an endpoint for a while, every event arrives afterwards, in
// the order of its dossier, and no dossier is parked.
func TestDeliverAfterTrouble(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect was followed")
	}))
	t.Cleanup(elsewhere.Close)
	for name, trouble := range map[string]func(http.ResponseWriter){
		"broken":     func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"not set up": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
		"overloaded": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"moved": func(w http.ResponseWriter) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"silent": silent,
		"cut":    func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.dossiers(t, 4)
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			var left atomic.Int64
			left.Store(6)
			r.says(func(_ CloudEvent, response http.ResponseWriter) {
				if left.Add(-1) >= 0 {
					trouble(response)
				}
			})
			for revision := range 3 {
				for _, id := range ids {
					w.append(t, connection, id, revision+1)
				}
			}
			// The events' own pauses do not matter here: an endpoint that answers again gets everything at
			// once.
			w.deliver(t, func(c *DelivererConfig) { c.EventPauses = []time.Duration{time.Hour} })
			w.settled(t)
			checkOrder(t, r.events())
			if got := first(r.events()); len(got) != 12 {
				t.Errorf("%d of 12 events", len(got))
			}
			if h := w.health(t); h.Parked != 0 || h.Failures != 0 || h.PausedUntil != nil {
				t.Errorf("health: %+v", h)
			}
			for _, id := range ids {
				if s := w.sync(t, id); s != dossier.Delivered {
					t.Errorf("dossier %s is %s", id, s)
				}
			}
			attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 100)
			// Twelve deliveries and the failures before them; on a busy machine a try may lose its lease
			// before it is noted.
			if err != nil || len(attempts) <= 12 {
				t.Errorf("%d attempts, %v", len(attempts), err)
			}
		})
	}
}

// silent answers nothing until the sender hangs up.
func silent(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, connection)
	_ = connection.Close()
}

// TestPauseOfAConnection: an endpoint that is down is probed with one event at a time; the others wait
// without an attempt.
func TestPauseOfAConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 20)
	r := newReceiver(t)
	r.says(func(_ CloudEvent, response http.ResponseWriter) {
		response.WriteHeader(http.StatusServiceUnavailable)
	})
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	for _, id := range ids {
		w.append(t, connection, id, 1)
	}
	w.deliver(t, func(c *DelivererConfig) { c.EndpointPauses = []time.Duration{time.Hour} })
	until(t, "the connection pauses", func() bool { return w.health(t).PausedUntil != nil })
	for range 20 { // as many looks at the log as it takes to be sure
		time.Sleep(2 * time.Millisecond)
		if n := len(r.events()); n != 1 {
			t.Fatalf("%d attempts at a paused endpoint", n)
		}
	}
	if s, other := w.sync(t, ids[0]), w.sync(t, ids[1]); s != dossier.Failing || other != dossier.Waiting {
		t.Errorf("sync: %s, %s", s, other)
	}
	// A new address is tried at once.
	r.says(nil)
	w.tx(t, func(tx pgx.Tx) error {
		if err := changeMarked(t.Context(), tx, w.vault, setLive, connection, r.URL+"/new",
			time.Now()); err != nil {
			return err
		}
		return changeConnection(t.Context(), tx, forgetPause, connection)
	})
	w.settled(t)
	if got := first(r.events()); len(got) != 20 {
		t.Errorf("%d of 20 events", len(got))
	}
}

// TestParkOneDossier: an event that keeps being refused parks its dossier with what comes after it, and
// nothing else; a replay heals it. A refusal by 500 comes to the same, since the endpoint takes others.
func TestParkOneDossier(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnprocessableEntity, http.StatusInternalServerError} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.dossiers(t, 3)
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			poison := dossier.Code(ids[1])
			r.says(func(e CloudEvent, response http.ResponseWriter) {
				if e.Data.Dossier == poison {
					response.WriteHeader(status)
				}
			})
			for revision := range 3 {
				for _, id := range ids {
					w.append(t, connection, id, revision+1)
				}
			}
			w.deliver(t, nil)
			until(t, "the dossier is parked and the others are through", func() bool {
				h := w.health(t)
				return h.Parked == 1 && h.Pushed == h.Head
			})
			for _, e := range r.events() {
				if e.Data.Dossier == poison && e.Data.Revision != 1 {
					t.Errorf("revision %d overtook the parked one", e.Data.Revision)
				}
			}
			checkOrder(t, r.events())
			parked, _, _, err := Parked(t.Context(), w.db, connection, Cursor{}, 10)
			if err != nil || len(parked) != 1 || parked[0].Position != 2 || parked[0].Attempts != 4 {
				t.Errorf("parked: %+v, %v", parked, err)
			}
			for i, want := range []dossier.Sync{dossier.Delivered, dossier.Parked, dossier.Delivered} {
				if s := w.sync(t, ids[i]); s != want {
					t.Errorf("dossier %d is %s, want %s", i, s, want)
				}
			}
			r.says(nil)
			w.tx(t, func(tx pgx.Tx) error {
				one := parked[0].Position
				n, err := Replay(t.Context(), tx, connection, Stretch{From: one, To: one},
					time.Now())
				if n != 1 {
					t.Errorf("replayed %d", n)
				}
				return err
			})
			w.settled(t)
			if got := first(r.events()); len(got) != 9 {
				t.Errorf("%d of 9 events", len(got))
			}
			checkOrder(t, r.events())
			if s := w.sync(t, ids[1]); s != dossier.Delivered {
				t.Errorf("after the replay: %s", s)
			}
		})
	}
}

func TestReplayRange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 2)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	for revision := range 3 {
		for _, id := range ids {
			w.append(t, connection, id, revision+1)
		}
	}
	w.deliver(t, nil)
	w.settled(t)
	before := r.events()
	w.tx(t, func(tx pgx.Tx) error {
		n, err := Replay(t.Context(), tx, connection, Stretch{From: 2, To: 5}, time.Now())
		if n != 4 {
			t.Errorf("replayed %d", n)
		}
		return err
	})
	w.settled(t)
	again := r.events()[len(before):]
	if len(again) != 4 {
		t.Fatalf("%d events again", len(again))
	}
	last := map[dossier.Code]int{}
	for _, e := range again {
		if e.ID != before[find(before, e)].ID || e.Data.Revision < last[e.Data.Dossier] {
			t.Errorf("replayed %+v", e)
		}
		last[e.Data.Dossier] = e.Data.Revision
	}
}

func find(events []CloudEvent, like CloudEvent) int {
	for i, e := range events {
		if e.Cursor == like.Cursor {
			return i
		}
	}
	return 0
}

// TestTwoDeliverers: of two processes one pushes; when it ends the other goes on.
func TestTwoDeliverers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 10)
	r := newReceiver(t)
	// Slow, so that two who push at once are seen.
	r.says(func(CloudEvent, http.ResponseWriter) { time.Sleep(2 * time.Millisecond) })
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	stops := []func(){w.deliver(t, nil), w.deliver(t, nil)}
	for i, stop := range stops {
		for _, id := range ids {
			w.append(t, connection, id, i+1)
		}
		w.settled(t)
		stop()
	}
	seen := r.events()
	most, both := r.crowd()
	if len(seen) != 20 || len(first(seen)) != 20 || most > abreast || both > 0 {
		t.Errorf("%d arrivals of 20 events, %d at once, %d times two of one dossier", len(seen), most, both)
	}
	checkOrder(t, seen)
}

// TestEndlessReply: a reply that never ends neither fills memory nor holds the line up.
func TestEndlessReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	r.says(func(_ CloudEvent, response http.ResponseWriter) {
		for {
			if _, err := io.WriteString(response, strings.Repeat("x", 1<<16)); err != nil {
				return
			}
		}
	})
	w.append(t, connection, id, 1)
	w.deliver(t, nil)
	w.settled(t)
	if n := len(r.events()); n != 1 {
		t.Errorf("%d arrivals", n)
	}
}
