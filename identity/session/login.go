package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// mostLogins is how many logins of one browser may be under way, one a tab. With one more the oldest goes.
const mostLogins = 8

// All logins of a browser lie in one hash, so that each script below has one key and works on a cluster too.
// A value begins with the instant when it ends, in milliseconds of 13 digits. Later ones end later, so the
// smallest is the oldest.
var (
	putLoginScript = redis.NewScript(`
redis.call('hset', KEYS[1], ARGV[1], ARGV[2])
redis.call('pexpire', KEYS[1], ARGV[3])
local all = redis.call('hgetall', KEYS[1])
while #all / 2 > tonumber(ARGV[4]) do
  local oldest = 1
  for i = 3, #all, 2 do
    if string.sub(all[i + 1], 1, 13) < string.sub(all[oldest + 1], 1, 13) then oldest = i end
  end
  redis.call('hdel', KEYS[1], all[oldest])
  table.remove(all, oldest)
  table.remove(all, oldest)
end
return 1`)
	takeLoginScript = redis.NewScript(`
local value = redis.call('hget', KEYS[1], ARGV[1])
redis.call('hdel', KEYS[1], ARGV[1])
return value`)
)

const endDigits = 13 // of an instant in milliseconds, from 2001 to 2286

// PutLogin keeps what belongs to one login under way, under its state and the secret of the browser that
// began it, for at most ttl. A browser has as many as it has tabs, within a bound: beyond it the oldest goes.
func (s *Sessions) PutLogin(ctx context.Context, browser, state string, pending []byte,
	ttl time.Duration) error {
	key, field := keyOf("login", browser), keyOf("state", state)
	ends := strconv.FormatInt(s.cfg.Now().Add(ttl).UnixMilli(), 10)
	sealed, err := s.cfg.Vault.Seal(pending, loginBinding(key, field, ends))
	if err != nil {
		return fmt.Errorf("session: seal: %w", err)
	}
	value := append([]byte(ends), sealed...)
	err = putLoginScript.Run(ctx, s.cfg.Redis, []string{key}, field, value, ttl.Milliseconds(),
		mostLogins).Err()
	if err != nil {
		return ErrAway.From(fmt.Errorf("session: put login: %w", err))
	}
	return nil
}

// TakeLogin gives what PutLogin kept, once, and leaves the browser's other logins as they are. Errors:
// ErrNone when this browser began no login of that state, when it was taken before or has ended; ErrAway.
func (s *Sessions) TakeLogin(ctx context.Context, browser, state string) ([]byte, error) {
	key, field := keyOf("login", browser), keyOf("state", state)
	value, err := takeLoginScript.Run(ctx, s.cfg.Redis, []string{key}, field).Text()
	if errors.Is(err, redis.Nil) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, ErrAway.From(fmt.Errorf("session: take login: %w", err))
	}
	if len(value) < endDigits {
		return nil, ErrNone.From(errors.New("session: a login that is too short"))
	}
	ends := value[:endDigits]
	pending, err := s.cfg.Vault.Open([]byte(value[endDigits:]), loginBinding(key, field, ends))
	if err != nil {
		return nil, ErrNone.From(fmt.Errorf("session: open login: %w", err))
	}
	// The key lives as long as its newest login; an older one may have ended before.
	if at, err := strconv.ParseInt(ends, 10, 64); err != nil || s.cfg.Now().UnixMilli() >= at {
		return nil, ErrNone
	}
	return pending, nil
}

func loginBinding(key, field, ends string) []byte { return []byte(key + "/" + field + "/" + ends) }
