package onestop

import (
	"net/http"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// TestAReceiverThatTakesNothing: a system that answers 200 to everything and fetches nothing is seen when the
// agreed time is over, and no longer when it has acknowledged.
func TestAReceiverThatTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 3)
	r := newReceiver(t)
	if _, err := w.db.Exec(t.Context(), `update dossier set status = 'submitted'`); err != nil {
		t.Fatal(err)
	}
	connection, secret := w.connection(t, "one", r.URL)
	r.trusts(secret)
	r.says(func(_ CloudEvent, response http.ResponseWriter) { response.WriteHeader(http.StatusOK) })
	for _, id := range ids {
		w.append(t, connection, id, 1)
	}
	w.deliver(t, nil)
	w.settled(t)
	if s := w.sync(t, ids[0]); s != dossier.Delivered {
		t.Fatalf("it is %s", s)
	}
	now := time.Now()
	sees := func(what string, after time.Duration, dossiers, late int) {
		t.Helper()
		list, err := UntakenAt(t.Context(), w.db, now.Add(after))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if u := list[0]; u.Connection != "one" || u.Dossiers != dossiers || u.Late != late ||
			(u.Oldest != nil) != (dossiers > 0) {
			t.Errorf("%s: %+v", what, u)
		}
	}
	sees("before the time is over", 59*time.Minute, 3, 0)
	sees("after it", 61*time.Minute, 3, 3)
	w.tx(t, func(tx pgx.Tx) error { return SetTerm(t.Context(), tx, connection, 10*time.Minute) })
	sees("with a shorter one", 11*time.Minute, 3, 3)
	for _, wrong := range []time.Duration{0, ShortestTerm - 1, LongestTerm + 1, -time.Hour} {
		if err := SetTerm(t.Context(), nil, connection, wrong); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
	w.tx(t, func(tx pgx.Tx) error {
		_, err := dossier.MarkSync(t.Context(), tx, dossier.Acknowledged, ids[0])
		return err
	})
	set := func(sql string) {
		t.Helper()
		if _, err := w.db.Exec(t.Context(), sql, ids[1]); err != nil {
			t.Fatal(err)
		}
	}
	set(`update dossier set status = 'received' where id = $1`) // an officer has it
	sees("one acknowledged, one received", time.Hour, 1, 1)
	w.transfer(t, connection, ids[1], 1)
	sees("one is transferred to it", time.Second, 2, 0)
	set(`update dossier set status = 'withdrawn' where id = $1`)
	sees("and ends", time.Hour, 1, 1)
	w.leave(t, connection, ids[2])
	sees("and the last one leaves", time.Hour, 0, 0)
}
