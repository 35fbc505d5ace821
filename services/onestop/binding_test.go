package onestop

import (
	"errors"
	"testing"
	"time"

	"congdvc/services/binding"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
)

// TestStolenKey: a key that somebody wrote into the database, or moved to another connection, lets nobody in;
// nor does a connection that was opened there.
func TestStolenKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	connection, _ := w.connection(t, "mot", "")
	other, _ := w.connection(t, "hai", "")
	var text string
	w.tx(t, func(tx pgx.Tx) (err error) {
		text, _, err = CreateKey(t.Context(), tx, w.vault, connection, []Scope{Read}, now)
		return err
	})
	const own = "cdvc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for name, c := range map[string]struct {
		presented, sql string
		args           []any
		table          string
	}{
		"inserted": {own, `insert into connection_key (id, connection_id, hash, prefix, scopes, created_at, mark)
			select $1, connection_id, $2, prefix, scopes, created_at, mark from connection_key limit 1`,
			[]any{postgres.NewID(), hashKey(own)}, "connection_key"},
		"another's": {text, `update connection_key set connection_id = $1`, []any{other}, "connection_key"},
		"more":      {text, `update connection_key set scopes = '{read,write}'`, nil, "connection_key"},
		"opened":    {text, `update connection set endpoint = 'https://thief.example'`, nil, "connection"},
	} {
		back := errors.New("take it back")
		err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), c.sql, c.args...); err != nil {
				return err
			}
			if _, err := KeyOf(t.Context(), tx, w.vault, c.presented, now); !errors.Is(err, ErrKey) {
				t.Errorf("%s: %v", name, err)
			}
			return back
		})
		if !errors.Is(err, back) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := KeyOf(t.Context(), w.db, w.vault, text, now); err != nil {
		t.Errorf("as it was: %v", err)
	}
	if err := RevokeKey(t.Context(), w.db, w.vault, connection, text[:keyShown], now); err != nil {
		t.Fatal(err)
	}
	if n, err := binding.Verify(t.Context(), w.db, w.vault, func(f binding.Fault) error {
		t.Error(f)
		return nil
	}); err != nil || n == 0 {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := w.db.Exec(t.Context(), `update connection_key set revoked_at = null`); err != nil {
		t.Fatal(err)
	}
	if _, err := KeyOf(t.Context(), w.db, w.vault, text, now); !errors.Is(err, ErrKey) {
		t.Errorf("a revoked key, made live again: %v", err)
	}
}
