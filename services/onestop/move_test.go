package onestop

import (
	"net/http"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// leave ends what a connection has not taken of a dossier.
func (w world) leave(t testing.TB, connection string, id dossier.ID) (ended int) {
	t.Helper()
	w.tx(t, func(tx pgx.Tx) (err error) {
		ended, err = End(t.Context(), tx, w.vault, connection, []Ending{{Dossier: id}}, time.Now())
		return err
	})
	return ended
}

// transfer transfers a dossier to a connection.
func (w world) transfer(t testing.TB, connection string, id dossier.ID, revision int) {
	t.Helper()
	w.tx(t, func(tx pgx.Tx) error {
		return Transfer(t.Context(), tx, connection,
			map[dossier.ID]Thin{id: event(connection, id, revision).Data}, time.Now())
	})
	if _, err := Sequence(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
}

// TestWhatHasEndedIsSteppedOver: neither a fresh event that has ended nor one that was set aside is pushed or
// replayed, and none keeps a later event of its dossier back. Every position stays.
func TestWhatHasEndedIsSteppedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 2)
	r := newReceiver(t)
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	r.says(func(e CloudEvent, response http.ResponseWriter) {
		if e.Data.Dossier == dossier.Code(ids[0]) {
			response.WriteHeader(http.StatusUnprocessableEntity)
		}
	})
	w.append(t, connection, ids[0], 1)
	w.append(t, connection, ids[1], 1)
	stop := w.deliver(t, func(c *DelivererConfig) {
		c.EventPauses = []time.Duration{time.Hour} // set aside, to be tried again
	})
	until(t, "one event is set aside, the other one delivered", func() bool {
		h := w.health(t)
		return h.Pushed == 2 && h.Pending == 1
	})
	stop()
	w.append(t, connection, ids[0], 2)
	before := len(r.events())
	if ended := w.leave(t, connection, ids[0]); ended != 2 {
		t.Errorf("%d events ended", ended)
	}
	w.transfer(t, connection, ids[0], 2) // there and back again
	w.append(t, connection, ids[0], 3)
	r.says(nil)
	w.deliver(t, nil)
	w.settled(t)
	w.tx(t, func(tx pgx.Tx) error {
		again, err := Replay(t.Context(), tx, connection, Stretch{From: 1, To: 5}, time.Now())
		if again != 3 {
			t.Errorf("%d events are replayed", again)
		}
		return err
	})
	w.settled(t)
	var types []dossier.EventType
	for _, e := range first(r.events()[before:]) {
		types = append(types, e.Type)
		if e.Data.Dossier == dossier.Code(ids[0]) && e.Type == dossier.EventSubmitted && e.Data.Revision < 3 {
			t.Errorf("an event that had ended is pushed: %+v", e)
		}
	}
	if len(types) != 3 { // the transfer, what came after it, and the other dossier's in the replay
		t.Errorf("pushed: %v", types)
	}
	log := w.all(t, connection)
	for i, want := range []dossier.EventType{dossier.EventEnded, dossier.EventSubmitted, dossier.EventEnded,
		dossier.EventTransferred, dossier.EventSubmitted} {
		if len(log) != 5 || log[i].Type != want {
			t.Fatalf("the log is %+v", log)
		}
	}
	if s := w.sync(t, ids[0]); s != dossier.Delivered {
		t.Errorf("the dossier is %s", s)
	}
}

// TestALateAnswerDoesNotCount: an attempt that was under way when the agency changed to another system says
// nothing about that one.
func TestALateAnswerDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"delivered": http.StatusNoContent,
		"refused": http.StatusUnprocessableEntity} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.dossiers(t, 1)[0]
			r := newReceiver(t)
			connection, secret := w.connection(t, "one", r.URL)
			r.trusts(secret)
			came, moved := make(chan bool, 1), make(chan bool)
			r.says(func(_ CloudEvent, response http.ResponseWriter) {
				came <- true
				<-moved
				response.WriteHeader(status)
			})
			w.append(t, connection, id, 1)
			w.deliver(t, func(c *DelivererConfig) { c.Timeout = time.Minute })
			<-came
			other, _ := w.connection(t, "two", "")
			w.leave(t, connection, id)
			if _, err := w.db.Exec(t.Context(),
				`update connection_agency set connection_id = $1`, other); err != nil {
				t.Fatal(err)
			}
			close(moved)
			until(t, "the attempt is noted", func() bool {
				attempts, err := Attempts(t.Context(), w.db, connection, AttemptFilter{}, 10)
				return err == nil && len(attempts) == 1
			})
			if s := w.sync(t, id); s != dossier.Waiting {
				t.Errorf("the dossier is %s", s)
			}
		})
	}
}

// TestADecidersSystemDoesNotSpeakForTheReceivers: the sync state is that of the system of the receiver.
func TestADecidersSystemDoesNotSpeakForTheReceivers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	r := newReceiver(t)
	w.connection(t, "receives", "http://127.0.0.1:1/")
	decides, secret := w.connection(t, "decides", r.URL)
	r.trusts(secret)
	w.append(t, decides, id, 1)
	w.deliver(t, nil)
	until(t, "the decider has it", func() bool {
		attempts, err := Attempts(t.Context(), w.db, decides, AttemptFilter{}, 10)
		return err == nil && len(attempts) == 1
	})
	if s := w.sync(t, id); s != dossier.Waiting {
		t.Errorf("the dossier is %s", s)
	}
}
