package onestop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

// Scope is what a key may be used for.
type Scope string

// The scopes.
const (
	Read  Scope = "read"  // dossiers, revisions, files
	Write Scope = "write" // every call that changes something
	Feed  Scope = "feed"  // the log, and how its connection fares
	// its connection: endpoint, secret, pauses
	Manage Scope = "manage"
)

// Scopes lists every scope.
var Scopes = []Scope{Read, Write, Feed, Manage}

const (
	keyPrefix = "cdvc_" // so that scanners for leaked secrets can find a key
	keyBytes  = 32
	keyShown  = len(keyPrefix) + 6
	liveKeys  = 2

	// KeyLife is how long a key lives unless its operator says otherwise.
	KeyLife = 365 * 24 * time.Hour
	// KeyNotice is how long before a key ends its operator is warned.
	KeyNotice  = 30 * 24 * time.Hour
	longestKey = 5 * 366 * 24 * time.Hour
)

// Key is what the portal knows about a key; the key itself is shown once, by CreateKey.
type Key struct {
	ID         string     `db:"id"`
	Connection string     `db:"connection_id"`
	Prefix     string     `db:"prefix"` // its first 11 characters, to tell keys apart
	Scopes     []Scope    `db:"scopes"`
	CreatedAt  time.Time  `db:"created_at"`
	LastUsedAt *time.Time `db:"last_used_at"` // to the minute; nil = never
	RevokedAt  *time.Time `db:"revoked_at"`   // nil = live
	ExpiresAt  *time.Time `db:"expires_at"`   // nil = it does not end by itself
}

// Live tells whether the key opens anything at that time.
func (k *Key) Live(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || now.Before(*k.ExpiresAt))
}

// binds is what the mark of a key binds, with its hash.
func (k *Key) binds(hash []byte) []string {
	scopes := make([]string, len(k.Scopes))
	for i, s := range k.Scopes {
		scopes[i] = string(s)
	}
	return []string{k.ID, k.Connection, hex.EncodeToString(hash), strings.Join(scopes, ","),
		binding.Instant(k.RevokedAt), binding.Instant(k.ExpiresAt)}
}

// Allows returns ErrKeyScope unless the key has that scope.
func (k *Key) Allows(s Scope) error {
	if !slices.Contains(k.Scopes, s) {
		return ErrKeyScope.With("Scope", string(s))
	}
	return nil
}

// A key is 256 random bits and cannot be guessed. So a plain hash is enough; a salt or a slow hash would add
// nothing. That the portal made the key is what the row's mark says.
func hashKey(presented string) []byte {
	sum := sha256.Sum256([]byte(presented))
	return sum[:]
}

const lockConnection = `select id from connection where id = $1 for update`

const liveKeysOf = `
select ` + keyColumns + `, k.hash, k.mark from connection_key k
where connection_id = $1 and revoked_at is null and (expires_at is null or expires_at > $2)`

// storedKey is a key with what its row holds beside it.
type storedKey struct {
	Key
	Hash []byte `db:"hash"`
	Mark []byte `db:"mark"`
}

// countLiveKeys counts the keys that open something.
func countLiveKeys(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string,
	now time.Time) (int, error) {
	rows, err := tx.Query(ctx, liveKeysOf, connection, now)
	if err != nil {
		return 0, err
	}
	live, err := pgx.CollectRows(rows, pgx.RowToStructByName[storedKey])
	if err != nil {
		return 0, err
	}
	live, err = binding.Keep(live, func(k *storedKey) (bool, error) {
		return binding.ConnectionKey.Holds(ctx, tx, v, k.Mark, k.binds(k.Hash)...)
	})
	return len(live), err
}

const insertKey = `
insert into connection_key (id, connection_id, hash, prefix, scopes, created_at, mark)
values ($1, $2, $3, $4, $5, $6, $7)`

// CreateKey makes a key of a connection and returns it, "cdvc_" and 43 characters. It cannot be shown again.
// It does not end before ExpireKey says when. A connection has at most two live keys, so that a key can be
// replaced without a pause. Errors: ErrKeys for a third; ErrKeyScopes when scopes are missing or unknown;
// binding.ErrForeign for a connection that this portal did not write.
func CreateKey(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string, scopes []Scope,
	now time.Time) (string, *Key, error) {
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(s Scope) bool {
		return !slices.Contains(Scopes, s)
	}) {
		return "", nil, ErrKeyScopes
	}
	var id string
	err := tx.QueryRow(ctx, lockConnection, connection).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, ErrNotFound
	}
	if err == nil {
		err = checkConnection(ctx, tx, v, connection)
	}
	var live int
	if err == nil {
		live, err = countLiveKeys(ctx, tx, v, connection, now)
	}
	if err != nil {
		return "", nil, fmt.Errorf("onestop: keys of %s: %w", connection, err)
	}
	if live >= liveKeys {
		return "", nil, ErrKeys
	}
	secret := make([]byte, keyBytes)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	text := keyPrefix + base64.RawURLEncoding.EncodeToString(secret)
	k := &Key{
		ID: postgres.NewID(), Connection: connection, Prefix: text[:keyShown], Scopes: scopes,
		CreatedAt: now,
	}
	hash := hashKey(text)
	mark := binding.ConnectionKey.Mark(v, k.binds(hash)...)
	if _, err := tx.Exec(ctx, insertKey, k.ID, connection, hash, k.Prefix, scopes, now, mark); err != nil {
		return "", nil, fmt.Errorf("onestop: insert key of %s: %w", connection, err)
	}
	return text, k, nil
}

const keyColumns = `k.id::text, k.connection_id::text, k.prefix, k.scopes, k.created_at, k.last_used_at, k.revoked_at,
    k.expires_at`

// keyRow is a key with what its connection's mark binds.
type keyRow struct {
	Key
	KeyMark        []byte   `db:"key_mark"`
	Code           string   `db:"code"`
	Endpoint       string   `db:"endpoint"`
	Active         bool     `db:"active"`
	Pending        string   `db:"endpoint_pending"`
	Networks       []string `db:"networks"`
	CA             string   `db:"ca_pem"`
	ConnectionMark []byte   `db:"connection_mark"`
}

func (r keyRow) of() bound {
	return bound{r.Connection, r.Code, r.Endpoint, r.Active, r.Pending, r.Networks, r.CA, r.ConnectionMark}
}

const findKey = `
select ` + keyColumns + `, k.mark as key_mark,
    c.code, c.endpoint, c.active, c.endpoint_pending, c.networks, c.ca_pem, c.mark as connection_mark
from connection_key k join connection c on c.id = k.connection_id
where k.hash = $1 and k.revoked_at is null and c.active`

const touchKey = `
update connection_key set last_used_at = $2
where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`

// KeyOf finds the live key that a caller presents and notes its use, at most once a minute. Errors: ErrKey
// when it is malformed, unknown or revoked, its connection is not active, or either was not written by this
// portal; ErrKeyExpired when its time is over.
func KeyOf(ctx context.Context, db postgres.DB, v *vault.Vault, presented string, now time.Time) (*Key,
	error) {
	if !strings.HasPrefix(presented, keyPrefix) ||
		len(presented) != len(keyPrefix)+base64.RawURLEncoding.EncodedLen(keyBytes) {
		return nil, ErrKey
	}
	hash := hashKey(presented)
	rows, err := db.Query(ctx, findKey, hash)
	if err != nil {
		return nil, fmt.Errorf("onestop: find key: %w", err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[keyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrKey
	}
	if err != nil {
		return nil, fmt.Errorf("onestop: find key: %w", err)
	}
	k := &found.Key
	holds, err := binding.ConnectionKey.Holds(ctx, db, v, found.KeyMark, k.binds(hash)...)
	if err == nil && holds {
		holds, err = found.of().holds(ctx, db, v)
	}
	if err != nil {
		return nil, err
	}
	if !holds {
		return nil, ErrKey
	}
	if !k.Live(now) {
		return nil, ErrKeyExpired
	}
	if k.LastUsedAt == nil || now.Sub(*k.LastUsedAt) > time.Minute {
		if _, err := db.Exec(ctx, touchKey, k.ID, now); err != nil {
			return nil, fmt.Errorf("onestop: note use of key %s: %w", k.ID, err)
		}
	}
	return k, nil
}

const keysOf = `
select ` + keyColumns + `
from connection_key k where connection_id = $1
order by created_at desc, id desc`

// Keys lists the keys of a connection, newest first, revoked and expired ones too.
func Keys(ctx context.Context, db postgres.DB, connection string) ([]Key, error) {
	rows, err := db.Query(ctx, keysOf, connection)
	if err != nil {
		return nil, fmt.Errorf("onestop: keys of %s: %w", connection, err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[Key])
	if err != nil {
		return nil, fmt.Errorf("onestop: keys of %s: %w", connection, err)
	}
	return keys, nil
}

const revokeKey = `
update connection_key k set revoked_at = $3
where connection_id = $1 and (id::text = $2 or prefix = $2) and revoked_at is null
returning ` + keyColumns + `, hash, mark`

// A beginner opens a transaction: a pool, or a transaction itself.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// RevokeKey ends a key at once, named by its id or by its prefix. Errors: ErrNoKey for one that is not live;
// binding.ErrForeign for one that this portal did not write, which opens nothing.
func RevokeKey(ctx context.Context, db beginner, v *vault.Vault, connection, idOrPrefix string,
	now time.Time) error {
	return changeKey(ctx, db, v, revokeKey, connection, idOrPrefix, now)
}

const expireKey = `
update connection_key k set expires_at = $3
where connection_id = $1 and (id::text = $2 or prefix = $2) and revoked_at is null
returning ` + keyColumns + `, hash, mark`

// ExpireKey says when a key ends by itself; nil is never. Errors: ErrKeyExpiry for an end that is over or
// beyond five years; ErrNoKey for a key that is revoked or of another connection; binding.ErrForeign.
func ExpireKey(ctx context.Context, db beginner, v *vault.Vault, connection, idOrPrefix string,
	at *time.Time, now time.Time) error {
	if at != nil && (!at.After(now) || at.After(now.Add(longestKey))) {
		return ErrKeyExpiry.At("expires")
	}
	return changeKey(ctx, db, v, expireKey, connection, idOrPrefix, at)
}

const (
	namedKeys = `connection_id::text = $1 and (id::text = $2 or prefix = $2) and revoked_at is null`
	markKey   = `update connection_key set mark = $2 where id = $1`
)

func changeKey(ctx context.Context, db beginner, v *vault.Vault, sql string, connection, idOrPrefix string,
	value any) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		err := binding.ConnectionKey.Hold(ctx, tx, v, namedKeys, connection, idOrPrefix)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql, connection, idOrPrefix, value)
		if err != nil {
			return fmt.Errorf("onestop: change key of %s: %w", connection, err)
		}
		changed, err := pgx.CollectRows(rows, pgx.RowToStructByName[storedKey])
		if err != nil {
			return fmt.Errorf("onestop: change key of %s: %w", connection, err)
		}
		if len(changed) == 0 {
			return ErrNoKey
		}
		for _, k := range changed {
			mark := binding.ConnectionKey.Mark(v, k.binds(k.Hash)...)
			if _, err := tx.Exec(ctx, markKey, k.ID, mark); err != nil {
				return fmt.Errorf("onestop: change key of %s: %w", connection, err)
			}
		}
		return nil
	})
}

// EndingKey is a live key that ends soon.
type EndingKey struct {
	Connection string    `db:"code"` // code
	Prefix     string    `db:"prefix"`
	ExpiresAt  time.Time `db:"expires_at"`
}

const endingKeys = `
select c.code, k.prefix, k.expires_at
from connection_key k join connection c on c.id = k.connection_id
where c.active and k.revoked_at is null and k.expires_at > $1 and k.expires_at < $2
order by k.expires_at, k.id`

// EndingKeys lists the live keys of active connections that end within KeyNotice, the first one first.
func EndingKeys(ctx context.Context, db postgres.DB, now time.Time) ([]EndingKey, error) {
	rows, err := db.Query(ctx, endingKeys, now, now.Add(KeyNotice))
	if err != nil {
		return nil, fmt.Errorf("onestop: keys that end: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[EndingKey])
	if err != nil {
		return nil, fmt.Errorf("onestop: keys that end: %w", err)
	}
	return list, nil
}
