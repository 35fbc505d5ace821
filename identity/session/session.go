// Package session keeps who is logged in. It does so in Redis, whose content may be lost. A browser holds an
// opaque random id; Redis holds only the id's SHA-256 and sealed bytes. So whoever can read or write Redis
// still cannot log in as somebody.
//
// A session that was idle for the soft time is expired, but kept until the hard time. What a person was
// typing may then still be saved to that person's own draft, while nothing is shown any more.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"congdvc/identity"
	"congdvc/services/fault"
	"congdvc/services/vault"
)

var (
	// ErrNone means that no session has the id: it never existed, was ended, or is over.
	ErrNone = fault.New(fault.Unauthenticated, "session.none")
	// ErrAway means that Redis does not answer, so it is unknown who is logged in.
	ErrAway = fault.New(fault.Unavailable, "session.away")
)

const (
	idBytes    = 32
	touchEvery = time.Minute // how exactly SeenAt is kept
)

// Session is one login in one browser.
type Session struct {
	ID         string // for the cookie; 43 characters of base64url
	Who        identity.Who
	CSRF       string    // token that every form of the session carries
	StartedAt  time.Time // of the login
	SeenAt     time.Time // of the latest visit, exact to a minute
	LogoutHint string    // the id_token to hint at in the provider's logout; may be empty
	Undecided  bool      // it is not answered yet for whom the person works; until then for themselves
	Expired    bool      // idle for too long: may save what was typed, shows nothing
	EndsAt     time.Time // when it expires unless there is another visit
	LastAt     time.Time // when it ends in any case
}

// Config is what sessions need.
type Config struct {
	Redis redis.UniversalClient // its timeouts bound every call
	Vault *vault.Vault
	Soft  time.Duration    // idle time after which a session is expired; 0 is 30 minutes
	Hard  time.Duration    // time after the login at which it is gone in any case; 0 is 12 hours
	Now   func() time.Time // nil is time.Now
}

// Sessions keeps them. It is safe for concurrent use.
type Sessions struct{ cfg Config }

// New makes Sessions without calling Redis.
func New(cfg Config) *Sessions {
	if cfg.Soft <= 0 {
		cfg.Soft = 30 * time.Minute
	}
	if cfg.Hard <= 0 {
		cfg.Hard = 12 * time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Sessions{cfg: cfg}
}

// The fields of a session's hash in Redis. The party is a field of its own because it changes. The instant of
// the latest visit is not sealed, because it is written most often and reveals nothing.
const (
	loginField = "login" // sealed record
	partyField = "party" // sealed id
	seenField  = "seen"  // Unix milliseconds
	// there until the person answers for whom they work; it is not sealed, since it opens nothing
	undecidedField = "undecided"
)

// record is what never changes during a session.
type record struct {
	Person     identity.PartyID `json:"person"`
	Assurance  int              `json:"assurance"`
	CSRF       string           `json:"csrf"`
	StartedAt  time.Time        `json:"started_at"`
	LogoutHint string           `json:"logout_hint,omitempty"`
}

// Begin starts a session with a new id, so that an id from before the login never becomes valid by it.
// logoutHint is the id_token for the provider's logout, or empty.
func (s *Sessions) Begin(ctx context.Context, who identity.Who, logoutHint string) (Session, error) {
	now := s.cfg.Now().UTC().Truncate(time.Millisecond)
	sess := Session{ID: newID(), Who: who, CSRF: newID(), StartedAt: now, SeenAt: now, LogoutHint: logoutHint}
	key := keyOf("session", sess.ID)
	raw, err := json.Marshal(record{who.Person, who.Assurance, sess.CSRF, now, logoutHint})
	if err != nil {
		return Session{}, fmt.Errorf("session: encode: %w", err)
	}
	login, err := s.cfg.Vault.Seal(raw, []byte(key+"/"+loginField))
	if err != nil {
		return Session{}, fmt.Errorf("session: seal: %w", err)
	}
	party, err := s.cfg.Vault.SealText(string(who.Party), key+"/"+partyField)
	if err != nil {
		return Session{}, fmt.Errorf("session: seal: %w", err)
	}
	_, err = s.cfg.Redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, key, loginField, login, partyField, party, seenField, now.UnixMilli())
		p.PExpire(ctx, key, s.cfg.Hard)
		return nil
	})
	if err != nil {
		return Session{}, ErrAway.From(fmt.Errorf("session: begin: %w", err))
	}
	return s.timed(sess), nil
}

// timed fills in when a session ends.
func (s *Sessions) timed(sess Session) Session {
	sess.EndsAt, sess.LastAt = sess.SeenAt.Add(s.cfg.Soft), sess.StartedAt.Add(s.cfg.Hard)
	if sess.EndsAt.After(sess.LastAt) {
		sess.EndsAt = sess.LastAt
	}
	return sess
}

// Find gives the session with an id, and keeps a live one alive. Errors: ErrNone when there is none; ErrAway
// when Redis does not answer. An expired session is returned too, with Expired set; the caller decides what
// it may still do.
func (s *Sessions) Find(ctx context.Context, id string) (Session, error) {
	sess, err := s.read(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if now := s.cfg.Now(); !sess.Expired && now.Sub(sess.SeenAt) >= touchEvery {
		if err := s.touch(ctx, id, now); err != nil {
			return Session{}, err
		}
		sess.SeenAt = now.UTC().Truncate(time.Millisecond)
	}
	return s.timed(sess), nil
}

// Look is Find that counts as no visit. Errors as of Find.
func (s *Sessions) Look(ctx context.Context, id string) (Session, error) { return s.read(ctx, id) }

// Extend counts as a visit now, whatever the minute: the answer to "are you still there?". ErrNone when the
// session is gone or has expired already.
func (s *Sessions) Extend(ctx context.Context, id string) error {
	sess, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if sess.Expired {
		return ErrNone
	}
	return s.touch(ctx, id, s.cfg.Now())
}

// End ends a session at once. Ending one that is not there is no error.
func (s *Sessions) End(ctx context.Context, id string) error {
	if err := s.cfg.Redis.Del(ctx, keyOf("session", id)).Err(); err != nil {
		return ErrAway.From(fmt.Errorf("session: end: %w", err))
	}
	return nil
}

// SwitchParty lets the person of a session act for a party from now on, and decides an undecided session. The
// caller has checked by identity.MayAct that the person may. Errors: ErrNone when the session is gone or has
// expired.
func (s *Sessions) SwitchParty(ctx context.Context, id string, party identity.PartyID) error {
	sess, err := s.read(ctx, id)
	if err != nil {
		return err
	}
	if sess.Expired {
		return ErrNone
	}
	sealed, err := s.cfg.Vault.SealText(string(party), keyOf("session", id)+"/"+partyField)
	if err != nil {
		return fmt.Errorf("session: seal: %w", err)
	}
	return s.change(ctx, id, partyField, sealed)
}

// Ask makes a session undecided until SwitchParty answers for whom the person works. Errors: ErrNone.
func (s *Sessions) Ask(ctx context.Context, id string) error {
	return s.change(ctx, id, undecidedField, 1)
}

// CheckCSRF tells, in constant time, whether a form came from a page of this session.
func CheckCSRF(sess Session, token string) bool {
	return sess.CSRF != "" && subtle.ConstantTimeCompare([]byte(sess.CSRF), []byte(token)) == 1
}

// read gives a session as it is.
func (s *Sessions) read(ctx context.Context, id string) (Session, error) {
	if len(id) != base64.RawURLEncoding.EncodedLen(idBytes) {
		return Session{}, ErrNone
	}
	key := keyOf("session", id)
	fields, err := s.cfg.Redis.HGetAll(ctx, key).Result()
	if err != nil {
		return Session{}, ErrAway.From(fmt.Errorf("session: find: %w", err))
	}
	if len(fields) == 0 {
		return Session{}, ErrNone
	}
	raw, err := s.cfg.Vault.Open([]byte(fields[loginField]), []byte(key+"/"+loginField))
	if err != nil {
		return Session{}, ErrNone.From(fmt.Errorf("session: open: %w", err))
	}
	party, err := s.cfg.Vault.OpenText([]byte(fields[partyField]), key+"/"+partyField)
	if err != nil {
		return Session{}, ErrNone.From(fmt.Errorf("session: open party: %w", err))
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return Session{}, fmt.Errorf("session: decode: %w", err)
	}
	seen, err := strconv.ParseInt(fields[seenField], 10, 64)
	if err != nil {
		return Session{}, ErrNone.From(fmt.Errorf("session: decode: %w", err))
	}
	sess := Session{
		ID: id, Who: identity.Who{Person: r.Person, Party: identity.PartyID(party), Assurance: r.Assurance},
		CSRF: r.CSRF, StartedAt: r.StartedAt, SeenAt: time.UnixMilli(seen).UTC(), LogoutHint: r.LogoutHint,
		Undecided: fields[undecidedField] != "",
	}
	now := s.cfg.Now()
	if now.Sub(sess.StartedAt) >= s.cfg.Hard {
		return Session{}, ErrNone
	}
	sess.Expired = now.Sub(sess.SeenAt) >= s.cfg.Soft
	return s.timed(sess), nil
}

func (s *Sessions) touch(ctx context.Context, id string, now time.Time) error {
	return s.change(ctx, id, seenField, now.UnixMilli())
}

// changeScript sets one field of a session that is still there. A plain HSET after a logout in another tab
// would bring back a part of the session, without an expiry. Who is told a party has decided.
var changeScript = redis.NewScript(`
if redis.call('exists', KEYS[1]) == 0 then return 0 end
redis.call('hset', KEYS[1], ARGV[1], ARGV[2])
if ARGV[1] == 'party' then redis.call('hdel', KEYS[1], 'undecided') end
return 1`)

func (s *Sessions) change(ctx context.Context, id, field string, value any) error {
	there, err := changeScript.Run(ctx, s.cfg.Redis, []string{keyOf("session", id)}, field, value).Int()
	if err != nil {
		return ErrAway.From(fmt.Errorf("session: change: %w", err))
	}
	if there == 0 {
		return ErrNone
	}
	return nil
}

// PutPending keeps something for one browser until it logs in, such as a page that it sent, for at most ttl.
// key is a secret of that browser. What belongs to a login itself is kept by PutLogin.
func (s *Sessions) PutPending(ctx context.Context, key string, pending []byte, ttl time.Duration) error {
	at := keyOf("pending", key)
	sealed, err := s.cfg.Vault.Seal(pending, []byte(at))
	if err != nil {
		return fmt.Errorf("session: seal: %w", err)
	}
	if err := s.cfg.Redis.Set(ctx, at, sealed, ttl).Err(); err != nil {
		return ErrAway.From(fmt.Errorf("session: put pending: %w", err))
	}
	return nil
}

// TakePending gives what PutPending kept, once. Errors: ErrNone when there is nothing, or it was taken
// before.
func (s *Sessions) TakePending(ctx context.Context, key string) ([]byte, error) {
	return s.openPending(keyOf("pending", key), s.cfg.Redis.GetDel(ctx, keyOf("pending", key)))
}

// LookPending gives what PutPending kept and leaves it there. Errors as of TakePending.
func (s *Sessions) LookPending(ctx context.Context, key string) ([]byte, error) {
	return s.openPending(keyOf("pending", key), s.cfg.Redis.Get(ctx, keyOf("pending", key)))
}

func (s *Sessions) openPending(at string, found *redis.StringCmd) ([]byte, error) {
	sealed, err := found.Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, ErrAway.From(fmt.Errorf("session: find pending: %w", err))
	}
	pending, err := s.cfg.Vault.Open(sealed, []byte(at))
	if err != nil {
		return nil, ErrNone.From(fmt.Errorf("session: open pending: %w", err))
	}
	return pending, nil
}

// newID is random, unguessable and fit for a cookie.
func newID() string {
	raw := make([]byte, idBytes)
	_, _ = rand.Read(raw) // crypto/rand.Read never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// keyOf is the name under which Redis keeps something that a browser knows by a secret.
func keyOf(kind, secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return kind + ":" + hex.EncodeToString(sum[:])
}
