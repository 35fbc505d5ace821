package onestop

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congdvc/services/dossier"

	"github.com/jackc/pgx/v5"
)

// TestAppendWaitsForTheDossier shows that the id is drawn under the dossier's lock: an Append that came first
// but had to wait gets the later id.
func TestAppendWaitsForTheDossier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	connection, _ := w.connection(t, "one", "")

	holder, err := w.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback(context.Background())
	if _, err := holder.Exec(t.Context(), `select id from dossier where id = $1 for update`, id); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() {
		waited <- pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
			return Append(t.Context(), tx, event(connection, id, 2))
		})
	}()
	const blocked = `select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`
	until(t, "the second append waits", func() (yes bool) {
		if err := w.db.QueryRow(t.Context(), blocked).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		return yes
	})
	if err := errors.Join(Append(t.Context(), holder, event(connection, id, 1)), holder.Commit(t.Context()),
		<-waited); err != nil {
		t.Fatal(err)
	}
	for range 2 { // one at a time: the choice of what is next goes by id too
		if n, err := sequence(t.Context(), w.db, 1); n != 1 || err != nil {
			t.Fatalf("sequence = %d, %v", n, err)
		}
	}
	events := w.all(t, connection)
	if len(events) != 2 || events[0].Data.Revision != 1 || events[1].Data.Revision != 2 {
		t.Errorf("events out of order: %+v", events)
	}
}

// until polls a condition; the deadline is only there for a test that fails.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestAppendToNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
		return Append(t.Context(), tx, event(connection, personID, 1))
	})
	if err == nil {
		t.Error("an event of no dossier was taken")
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.dossiers(t, 1)
	connection, _ := w.connection(t, "one", "")
	other, _ := w.connection(t, "two", "")
	for i := range 3 {
		w.append(t, connection, ids[0], i+1)
	}
	first, err := After(t.Context(), w.db, connection, Cursor{}, 2)
	if err != nil || len(first.Events) != 2 || !first.More || first.Next.Position != 2 {
		t.Fatalf("first page: %+v, %v", first, err)
	}
	rest, err := After(t.Context(), w.db, connection, first.Next, 2)
	if err != nil || len(rest.Events) != 1 || rest.More || rest.Next.Position != 3 {
		t.Fatalf("second page: %+v, %v", rest, err)
	}
	ahead := rest.Next
	ahead.Position++
	w.tx(t, func(tx pgx.Tx) error { return Reincarnate(t.Context(), tx, other) })
	for name, c := range map[string]struct {
		connection string
		after      Cursor
		want       error
	}{
		"at the head":         {connection, rest.Next, nil},
		"ahead":               {connection, ahead, ErrCursorAhead},
		"of another log":      {other, Cursor{rest.Next.Incarnation, 0}, ErrIncarnation},
		"unknown connection":  {personID, Cursor{}, ErrNotFound},
		"an empty log":        {other, Cursor{}, nil},
		"from another system": {other, rest.Next, ErrIncarnation},
	} {
		if batch, err := After(t.Context(), w.db, c.connection, c.after, 10); !errors.Is(err, c.want) ||
			len(batch.Events) != 0 {
			t.Errorf("%s: %d events, %v; want %v", name, len(batch.Events), err, c.want)
		}
	}
	w.tx(t, func(tx pgx.Tx) error { return Reincarnate(t.Context(), tx, connection) })
	if _, err := After(t.Context(), w.db, connection, rest.Next, 1); !errors.Is(err, ErrIncarnation) {
		t.Errorf("a cursor of before the restore: %v", err)
	}
}

// TestCloudEvent holds the JSON to the CloudEvents 1.0 names and to what may be in an event.
func TestCloudEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.dossiers(t, 1)[0]
	connection, _ := w.connection(t, "one", "")
	w.append(t, connection, id, 1)
	batch, err := After(t.Context(), w.db, connection, Cursor{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(batch.Wire())
	if err != nil {
		t.Fatal(err)
	}
	var feed struct {
		Events []map[string]any `json:"events"`
		Next   string           `json:"next"`
	}
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatal(err)
	}
	got := feed.Events[0]
	for name, want := range map[string]any{"specversion": "1.0", "source": "urn:congdvc:connection:one",
		"type": "dossier.submitted", "subject": string(id), "datacontenttype": "application/json",
		"cursor": feed.Next} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
	data, _ := got["data"].(map[string]any)
	allowed := map[string]bool{"dossier": true, "revision": true, "sha256": true, "language": true,
		"agency": true, "procedure": true, "fee": true, "own": true, "occurred_at": true}
	for name := range data {
		if !allowed[name] {
			t.Errorf("an event says %q", name)
		}
	}
	if len(data) != 7 || len(got) != 9 {
		t.Errorf("members: %v", got)
	}
}

func TestParseCursor(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"": true, "k3f9ab2c.0": true, "k3f9ab2c.1042": true,
		"k3f9ab2c.-1": false, "k3f9ab2c.01": false, "k3f9ab2c": false, ".5": false, "K3.5": false,
		"a.9223372036854775808": false, "a b.1": false, "a.1.2": false} {
		c, err := ParseCursor(text)
		if (err == nil) != ok || ok && c.String() != text {
			t.Errorf("ParseCursor(%q) = %v, %v", text, c, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, seed := range []string{"", "k3f9ab2c.1042", "a.-0", "..", "\x00.1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCursor(text)
		if err == nil && (c.String() != text || c.Position < 0) {
			t.Errorf("%q became %v", text, c)
		}
	})
}

// BenchmarkAppendSequence is a change of a dossier with its event, eight at once, and the passes that number
// them.
func BenchmarkAppendSequence(b *testing.B) {
	w := newWorld(b)
	ids := w.dossiers(b, 100)
	connection, _ := w.connection(b, "one", "")
	sequencer := NewSequencer(w.db, discard(), nil)
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { sequencer.Run(ctx) })
	var next atomic.Int64
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := ids[next.Add(1)%int64(len(ids))]
			err := pgx.BeginFunc(b.Context(), w.db, func(tx pgx.Tx) error {
				return change(b.Context(), tx, connection, id)
			})
			if err != nil {
				b.Error(err)
			}
			sequencer.Ping()
		}
	})
	until(b, "every event is numbered", func() bool {
		batch, err := After(b.Context(), w.db, connection, Cursor{}, 1)
		if err != nil {
			b.Fatal(err)
		}
		var head int64
		if err := w.db.QueryRow(b.Context(), `select position from connection_head where connection_id = $1`,
			connection).Scan(&head); err != nil {
			b.Fatal(err)
		}
		return len(batch.Events) > 0 && head == int64(b.N)
	})
	b.StopTimer()
	stop()
	running.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// TestAppendTakesAFeeOnlyWhereTheTypeDoes: the refusal comes before the database is asked.
func TestAppendTakesAFeeOnlyWhereTheTypeDoes(t *testing.T) {
	t.Parallel()
	for _, event := range dossier.EventTypes {
		if event.TakesFee() {
			continue
		}
		if err := Append(t.Context(), nil,
			Event{Type: event, Data: Thin{Fee: &ThinFee{Amount: 8000}}}); err == nil {
			t.Errorf("%s was taken with a fee", event)
		}
	}
}
