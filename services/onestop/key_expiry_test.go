package onestop

import (
	"errors"
	"testing"
	"time"

	"congdvc/services/binding"

	"github.com/jackc/pgx/v5"
)

// TestKeyExpiry: a key holds until its end and not at it, leaves its place to another then, and its end
// cannot be put off in the database.
func TestKeyExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	now := time.Now().Truncate(time.Microsecond)
	text, k, err := w.key(t, connection, Read)
	if err != nil {
		t.Fatal(err)
	}
	expire := func(at *time.Time) error {
		return ExpireKey(t.Context(), w.db, w.vault, connection, k.Prefix, at, now)
	}
	of := func(at time.Time) error { return second(KeyOf(t.Context(), w.db, w.vault, text, at)) }
	if err := of(now.Add(50 * 365 * 24 * time.Hour)); err != nil {
		t.Errorf("without an end: %v", err)
	}
	over, past, far := now, now.Add(-time.Second), now.Add(longestKey+time.Second)
	for _, wrong := range []*time.Time{&over, &past, &far} {
		if err := expire(wrong); !errors.Is(err, ErrKeyExpiry) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	end := now.Add(time.Hour)
	if err := expire(&end); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(of(end.Add(-time.Microsecond))); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	if err := of(end); !errors.Is(err, ErrKeyExpired) {
		t.Errorf("at its end: %v", err)
	}
	if list, err := EndingKeys(t.Context(), w.db, now); err != nil || len(list) != 1 ||
		list[0].Prefix != k.Prefix || list[0].Connection != "one" {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := EndingKeys(t.Context(), w.db, end); err != nil || len(list) != 0 {
		t.Errorf("ended: %+v, %v", list, err)
	}
	if _, _, err := w.key(t, connection, Read); err != nil {
		t.Error(err)
	}
	if _, _, err := w.key(t, connection, Read); !errors.Is(err, ErrKeys) {
		t.Errorf("a third live one: %v", err)
	}
	w.tx(t, func(tx pgx.Tx) error {
		_, _, err := CreateKey(t.Context(), tx, w.vault, connection, []Scope{Manage}, end)
		return err
	})
	if _, err := w.db.Exec(t.Context(), `update connection_key set expires_at = null`); err != nil {
		t.Fatal(err)
	}
	if err := of(end); !errors.Is(err, ErrKey) {
		t.Errorf("an end that somebody took away: %v", err)
	}
}

// TestMarksOfBefore: what was marked before there were networks, authorities and ends of keys holds while the
// window of the upgrade is open. What it marked anew holds after it, and none of that can be changed.
func TestMarksOfBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "https://motcua.example.vn/hook")
	text, k, err := w.key(t, connection, Read)
	if err != nil {
		t.Fatal(err)
	}
	var hash []byte
	if err := w.db.QueryRow(t.Context(), `select hash from connection_key`).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	// The marks as the program of before makes them.
	keyMark := w.vault.Mark("connection_key", k.binds(hash)[:5]...)
	row := w.vault.Mark("connection", connection, "one", "https://motcua.example.vn/hook", "true")
	const set = `with k as (update connection_key set mark = $1)
		update connection set mark = $2, networks = '{}', ca_pem = ''`
	if _, err := w.db.Exec(t.Context(), set, keyMark, row); err != nil {
		t.Fatal(err)
	}
	holds := func(want error, sql string, args ...any) {
		t.Helper()
		back := errors.New("take it back")
		err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
				return err
			}
			if _, err := KeyOf(t.Context(), tx, w.vault, text, time.Now()); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", sql, err, want)
			}
			return back
		})
		if !errors.Is(err, back) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	holds(ErrKey, set, keyMark, row)
	tables := []*binding.Table{binding.Connection, binding.ConnectionKey}
	err = binding.OpenUpgrade(t.Context(), w.db, w.vault, binding.Upgrade{
		Until: time.Now().Add(time.Hour), Tables: []string{tables[0].Name, tables[1].Name}})
	if err != nil {
		t.Fatal(err)
	}
	holds(nil, set, keyMark, row)
	verify(t, w, 2)
	n, err := binding.Renew(t.Context(), w.db, w.vault, tables, func(string, int) {})
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if err := binding.Close(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
	holds(nil, `select`)
	verify(t, w, 0)
	for _, theft := range []string{`update connection set networks = '{10.0.0.0/8}'`,
		`update connection set ca_pem = 'x'`, `update connection set endpoint_pending = 'https://thief.example'`,
		`update connection_key set expires_at = now() + interval '1 hour'`,
		`update connection_key set scopes = '{read,manage}'`} {
		holds(ErrKey, theft)
	}
}

// verify counts the rows that do not bear their marks.
func verify(t *testing.T, w world, want int) {
	t.Helper()
	n := 0
	if _, err := binding.Verify(t.Context(), w.db, w.vault, func(f binding.Fault) error {
		if f.Table != binding.ConnectionAgency.Name { // which seedServing writes without one
			t.Log(f)
			n++
		}
		return nil
	}); err != nil || n != want {
		t.Errorf("%d rows do not hold, want %d (%v)", n, want, err)
	}
}
