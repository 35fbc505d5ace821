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
	Feed  Scope = "feed"  // the log
)

// Scopes lists every scope.
var Scopes = []Scope{Read, Write, Feed}

const (
	keyPrefix = "cdvc_" // so that scanners for leaked secrets can find a key
	keyBytes  = 32
	keyShown  = len(keyPrefix) + 6
	liveKeys  = 2
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
}

// binds is what the mark of a key binds, with its hash.
func (k *Key) binds(hash []byte) []string {
	scopes := make([]string, len(k.Scopes))
	for i, s := range k.Scopes {
		scopes[i] = string(s)
	}
	return []string{k.ID, k.Connection, hex.EncodeToString(hash), strings.Join(scopes, ","),
		binding.Instant(k.RevokedAt)}
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

const countLiveKeys = `select count(*) from connection_key where connection_id = $1 and revoked_at is null`

const insertKey = `
insert into connection_key (id, connection_id, hash, prefix, scopes, created_at, mark)
values ($1, $2, $3, $4, $5, $6, $7)`

// CreateKey makes a key of a connection and returns it, "cdvc_" and 43 characters. It cannot be shown again.
// A connection has at most two live keys, so that a key can be replaced without a pause. Errors: ErrKeys for
// a third; ErrKeyScopes when scopes are missing or unknown.
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
	var live int
	if err == nil {
		err = tx.QueryRow(ctx, countLiveKeys, connection).Scan(&live)
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

// keyRow is a key with what its connection's mark binds.
type keyRow struct {
	Key
	KeyMark        []byte `db:"key_mark"`
	Code           string `db:"code"`
	Endpoint       string `db:"endpoint"`
	Active         bool   `db:"active"`
	ConnectionMark []byte `db:"connection_mark"`
}

const findKey = `
select k.id::text, k.connection_id::text, k.prefix, k.scopes, k.created_at, k.last_used_at, k.revoked_at,
    k.mark as key_mark, c.code, c.endpoint, c.active, c.mark as connection_mark
from connection_key k join connection c on c.id = k.connection_id
where k.hash = $1 and k.revoked_at is null and c.active`

const touchKey = `
update connection_key set last_used_at = $2
where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`

// KeyOf finds the live key that a caller presents and notes its use, at most once a minute. Errors: ErrKey
// when it is malformed, unknown or revoked, its connection is not active, or either was not written by this
// portal.
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
		holds, err = binding.Connection.Holds(ctx, db, v, found.ConnectionMark,
			connectionBinds(k.Connection, found.Code, found.Endpoint, found.Active)...)
	}
	if err != nil {
		return nil, err
	}
	if !holds {
		return nil, ErrKey
	}
	if k.LastUsedAt == nil || now.Sub(*k.LastUsedAt) > time.Minute {
		if _, err := db.Exec(ctx, touchKey, k.ID, now); err != nil {
			return nil, fmt.Errorf("onestop: note use of key %s: %w", k.ID, err)
		}
	}
	return k, nil
}

const keysOf = `
select id::text, connection_id::text, prefix, scopes, created_at, last_used_at, revoked_at
from connection_key where connection_id = $1
order by created_at desc, id desc`

// Keys lists the keys of a connection, newest first, revoked ones too.
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
update connection_key set revoked_at = $3
where connection_id = $1 and (id::text = $2 or prefix = $2) and revoked_at is null
returning id::text, connection_id::text, prefix, scopes, created_at, last_used_at, revoked_at, hash`

const markKey = `update connection_key set mark = $2 where id = $1`

// RevokeKey ends a key at once, named by its id or by its prefix. One that is not live is ErrNoKey.
func RevokeKey(ctx context.Context, db postgres.DB, v *vault.Vault, connection, idOrPrefix string,
	now time.Time) error {
	rows, err := db.Query(ctx, revokeKey, connection, idOrPrefix, now)
	if err != nil {
		return fmt.Errorf("onestop: revoke key of %s: %w", connection, err)
	}
	type revokedKey struct {
		Key
		Hash []byte `db:"hash"`
	}
	revoked, err := pgx.CollectRows(rows, pgx.RowToStructByName[revokedKey])
	if err != nil {
		return fmt.Errorf("onestop: revoke key of %s: %w", connection, err)
	}
	if len(revoked) == 0 {
		return ErrNoKey
	}
	for _, k := range revoked {
		if _, err := db.Exec(ctx, markKey, k.ID, binding.ConnectionKey.Mark(v,
			k.binds(k.Hash)...)); err != nil {
			return fmt.Errorf("onestop: revoke key of %s: %w", connection, err)
		}
	}
	return nil
}
