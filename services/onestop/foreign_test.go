package onestop

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"congdvc/services/binding"

	"github.com/jackc/pgx/v5"
)

// TestForeignRowsAreNotTakenForTrue: nothing that changes a connection or a key gives a mark to what somebody
// wrote into the database, nor a key or a secret to it.
func TestForeignRowsAreNotTakenForTrue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	end := now.Add(time.Hour)
	type call func(ctx context.Context, tx pgx.Tx, w world, connection, key string) error
	ofConnection := map[string]call{
		"open": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetActive(ctx, tx, w.vault, id, true)
		},
		"shut": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetActive(ctx, tx, w.vault, id, false)
		},
		"endpoint": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetEndpoint(ctx, tx, w.vault, id, "https://office.example/hook")
		},
		"no endpoint": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetEndpoint(ctx, tx, w.vault, id, "")
		},
		"networks": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetNetworks(ctx, tx, w.vault, id, []string{"10.0.0.0/8"})
		},
		"trust": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			return SetTrust(ctx, tx, w.vault, id, Trust{}, now)
		},
		"secret": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			_, err := RotateSecret(ctx, tx, w.vault, id)
			return err
		},
		"key": func(ctx context.Context, tx pgx.Tx, w world, id, _ string) error {
			_, _, err := CreateKey(ctx, tx, w.vault, id, []Scope{Read}, now)
			return err
		},
	}
	ofKey := map[string]call{
		"expire": func(ctx context.Context, tx pgx.Tx, w world, id, key string) error {
			return ExpireKey(ctx, tx, w.vault, id, key, &end, now)
		},
		"revoke": func(ctx context.Context, tx pgx.Tx, w world, id, key string) error {
			return RevokeKey(ctx, tx, w.vault, id, key, now)
		},
	}
	w := newWorld(t)
	id, _ := w.connection(t, "mot", "")
	var key string
	w.tx(t, func(tx pgx.Tx) error {
		_, k, err := CreateKey(t.Context(), tx, w.vault, id, []Scope{Read}, now)
		if err == nil {
			key = k.ID
		}
		return err
	})
	for _, row := range []struct {
		table, stolen string
		calls         map[string]call
	}{
		{"connection", `update connection set endpoint = 'https://thief.example'`, ofConnection},
		{"connection", `update connection set endpoint_pending = 'https://thief.example'`, ofConnection},
		{"connection", `update connection set networks = '{10.9.0.0/16}'`, ofConnection},
		{"connection", `update connection set ca_pem = 'x'`, ofConnection},
		{"connection", `update connection set code = 'khac'`, ofConnection},
		{"connection", `update connection set active = false, mark = '\x01'`, ofConnection},
		{"connection_key", `update connection_key set scopes = '{read,write}'`, ofKey},
		{"connection_key", `update connection_key set hash = '\x01', mark = '\x01'`, ofKey},
		{"connection_key", `update connection_key set expires_at = now() + interval '9 years'`, ofKey},
	} {
		for name, do := range row.calls {
			back := errors.New("take it back")
			err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), row.stolen); err != nil {
					return err
				}
				inner := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
					return do(t.Context(), tx, w, id, key)
				})
				if !errors.Is(inner, binding.ErrForeign) {
					t.Errorf("%s after %s: %v", name, row.stolen, inner)
				}
				faults, err := binding.Foreign(t.Context(), tx, w.vault, 10, binding.Connection,
					binding.ConnectionKey)
				if err != nil {
					return err
				}
				if !slices.ContainsFunc(faults, func(f binding.Fault) bool { return f.Table == row.table }) {
					t.Errorf("%s after %s: the row holds", name, row.stolen)
				}
				return back
			})
			if !errors.Is(err, back) {
				t.Fatal(err)
			}
		}
	}
	// As it was, all of them work.
	for _, calls := range []map[string]call{ofConnection, ofKey} {
		for name, do := range calls {
			back := errors.New("take it back")
			err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
				if err := do(t.Context(), tx, w, id, key); err != nil {
					t.Errorf("%s, as it was: %v", name, err)
				}
				return back
			})
			if !errors.Is(err, back) {
				t.Fatal(err)
			}
		}
	}
}
