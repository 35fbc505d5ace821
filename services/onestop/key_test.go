package onestop

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func (w world) key(t testing.TB, connection string, scopes ...Scope) (text string, k *Key, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
		text, k, err = CreateKey(t.Context(), tx, w.vault, connection, scopes, time.Now())
		return err
	})
	return text, k, err
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	text, made, err := w.key(t, connection, Feed, Read, Feed)
	if err != nil || !strings.HasPrefix(text, "cdvc_") || len(text) != 48 || made.Prefix != text[:11] {
		t.Fatalf("key %q %+v, %v", text, made, err)
	}
	now := time.Now().Truncate(time.Microsecond)
	found, err := KeyOf(t.Context(), w.db, w.vault, text, now)
	if err != nil || found.Connection != connection || found.LastUsedAt != nil ||
		!slices.Equal(found.Scopes, []Scope{Feed, Read}) {
		t.Fatalf("found %+v, %v", found, err)
	}
	if found.Allows(Read) != nil || !errors.Is(found.Allows(Write), ErrKeyScope) {
		t.Error("scopes are not kept")
	}
	for _, at := range []time.Duration{30 * time.Second, 61 * time.Second} {
		if _, err := KeyOf(t.Context(), w.db, w.vault, text, now.Add(at)); err != nil {
			t.Fatal(err)
		}
		list, err := Keys(t.Context(), w.db, connection)
		want := now
		if at > time.Minute {
			want = now.Add(at)
		}
		if err != nil || len(list) != 1 || !list[0].LastUsedAt.Equal(want) {
			t.Errorf("after %v last used %v, want %v (%v)", at, list[0].LastUsedAt, want, err)
		}
	}
	var stored string
	const dump = `select k::text from connection_key k`
	if err := w.db.QueryRow(t.Context(), dump).Scan(&stored); err != nil ||
		strings.Contains(stored, text[12:]) {
		t.Errorf("the key itself is stored: %s, %v", stored, err)
	}
	for _, wrong := range []string{"", "cdvc_", text[:47], text + "x", "cdvc_" + strings.Repeat("A", 43),
		strings.ToUpper(text)} {
		if _, err := KeyOf(t.Context(), w.db, w.vault, wrong, now); !errors.Is(err, ErrKey) {
			t.Errorf("KeyOf(%q) = %v", wrong, err)
		}
	}
	if err := RevokeKey(t.Context(), w.db, w.vault, connection, made.Prefix, now); err != nil {
		t.Fatal(err)
	}
	if _, err := KeyOf(t.Context(), w.db, w.vault, text, now); !errors.Is(err, ErrKey) {
		t.Errorf("a revoked key: %v", err)
	}
	if err := RevokeKey(t.Context(), w.db, w.vault, connection, made.ID, now); !errors.Is(err, ErrNoKey) {
		t.Errorf("revoked twice: %v", err)
	}
}

// TestTwoLiveKeys: however many ask at once, two keys live at a time.
func TestTwoLiveKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, _ := w.connection(t, "one", "")
	var asking sync.WaitGroup
	var mu sync.Mutex
	made, refused := 0, 0
	for range 6 {
		asking.Go(func() {
			_, _, err := w.key(t, connection, Read)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made++
			case errors.Is(err, ErrKeys):
				refused++
			default:
				t.Error(err)
			}
		})
	}
	asking.Wait()
	if made != 2 || refused != 4 {
		t.Errorf("%d made, %d refused", made, refused)
	}
	for _, scopes := range [][]Scope{nil, {"admin"}, {Read, ""}} {
		if _, _, err := w.key(t, connection, scopes...); !errors.Is(err, ErrKeyScopes) {
			t.Errorf("scopes %v: %v", scopes, err)
		}
	}
	if _, _, err := w.key(t, personID, Read); !errors.Is(err, ErrNotFound) {
		t.Errorf("a key of nothing: %v", err)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, secret := w.connection(t, "xa-hoa-lu", "")
	if !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("secret %q", secret)
	}
	c, err := FindConnection(t.Context(), w.db, "xa-hoa-lu")
	if err != nil || c.ID != connection || !c.Active {
		t.Fatalf("found %+v, %v", c, err)
	}
	for code, want := range map[string]error{"xa-hoa-lu": ErrCodeTaken, "": ErrCode, "Xa": ErrCode,
		"a--b": ErrCode, "-a": ErrCode, strings.Repeat("a", 41): ErrCode} {
		err := pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
			_, _, err := CreateConnection(t.Context(), tx, w.vault,
				NewConnection{Code: code, Name: "x", Now: time.Now()})
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("code %q: %v, want %v", code, err, want)
		}
	}
	text, _, err := w.key(t, connection, Read)
	if err != nil {
		t.Fatal(err)
	}
	w.tx(t, func(tx pgx.Tx) error { return SetActive(t.Context(), tx, w.vault, connection, false) })
	if _, err := KeyOf(t.Context(), w.db, w.vault, text, time.Now()); !errors.Is(err, ErrKey) {
		t.Errorf("the key of a connection that was shut out: %v", err)
	}
	for _, err := range []error{
		pgx.BeginFunc(t.Context(), w.db, func(tx pgx.Tx) error {
			return SetActive(t.Context(), tx, w.vault, personID, true)
		}),
		second(ConnectionByID(t.Context(), w.db, personID)), second(ConnectionByID(t.Context(), w.db, "x")),
		second(FindConnection(t.Context(), w.db, "x")),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("what does not exist: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestRotateSecret: two secrets are live, the third pushes out the first.
func TestRotateSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	connection, want := w.connection(t, "one", "")
	secrets := []string{want}
	for range 2 {
		w.tx(t, func(tx pgx.Tx) error {
			s, err := RotateSecret(t.Context(), tx, w.vault, connection)
			secrets = append([]string{s}, secrets...)
			return err
		})
	}
	var sealed []byte
	if err := w.db.QueryRow(t.Context(), `select secrets_sealed from connection`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	live, err := openSecrets(w.vault, connection, sealed)
	if err != nil || !slices.Equal(live, secrets[:2]) {
		t.Errorf("live %v of %v, %v", live, secrets, err)
	}
}
