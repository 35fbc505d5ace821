// Package throttle keeps budgets of attempts in Redis: so many in a stretch of time for one key, which is an
// address, a person or an agency's key. The budgets may be lost with Redis, and the caller decides what to do
// without them: public pages stay open; where something could be guessed, access is refused.
package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"congdvc/services/fault"
)

// The answers to an attempt that may not go on. ErrTooMany carries the arguments Minutes and Count (both the
// whole minutes to wait, at least 1), Seconds (int64, for a Retry-After header) and Budget (the name of the
// budget for which one waits longest).
var (
	ErrTooMany = fault.New(fault.TooMany, "throttle.too_many")
	ErrAway    = fault.New(fault.Unavailable, "throttle.away")
)

// patience is how long Redis may take by default. Somebody is waiting for a page.
const patience = 500 * time.Millisecond

// A Budget allows Limit attempts for a key within Per, from the first of them on. Name is part of the key in
// Redis: two budgets of one name share their counts.
type Budget struct {
	Name  string
	Limit int
	Per   time.Duration
}

// A Charge is one attempt on a budget by a key, or several things at once, such as bytes: then it counts as
// Weight. Only the SHA-256 of the key goes to Redis. There are so few
// identity and telephone numbers that they could be found from their hash by trial: for those, use the
// vault's blind index as the key.
type Charge struct {
	Budget Budget
	Key    string
	// Weight is how much the charge counts; 0 is one attempt. A heavier charge that finds no room for all of
	// it is not counted, so that a smaller one may still pass.
	Weight int64
}

func (c Charge) weight() int64 { return max(1, c.Weight) }

// A Limiter counts attempts in Redis, so that all replicas of the portal count together.
type Limiter struct {
	// Patience is how long Redis may take; set it before the first use.
	Patience time.Duration
	redis    redis.UniversalClient
}

// New returns a limiter on a client.
func New(c redis.UniversalClient) *Limiter { return &Limiter{Patience: patience, redis: c} }

// spend counts a charge and gives the count and the milliseconds until the window ends. It is one script,
// so that a client that dies between two commands cannot leave a window without an end.
const spend = `
local weight = tonumber(ARGV[2])
local n = redis.call('incrby', KEYS[1], weight)
local left = redis.call('pttl', KEYS[1])
if left < 0 then
	redis.call('pexpire', KEYS[1], ARGV[1])
	left = tonumber(ARGV[1])
end
if weight > 1 and n > tonumber(ARGV[3]) then redis.call('decrby', KEYS[1], weight) end
return {n, left}`

// Spend counts each charge, all of them even when one has no budget left. Errors: ErrTooMany
// for the longest wait among those without budget; ErrAway when Redis does not answer, or answers nonsense,
// within its patience or the end of ctx.
func (l *Limiter) Spend(ctx context.Context, charges ...Charge) error {
	if len(charges) == 0 {
		return nil
	}
	return l.within(ctx, func(ctx context.Context) error { return l.spend(ctx, charges) })
}

// within bounds a call of Redis. The client observes only its own time limits, which are seconds. So the wait
// is here.
func (l *Limiter) within(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, l.Patience)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- call(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ErrAway.From(fmt.Errorf("throttle: redis: %w", ctx.Err()))
	}
}

// A Rest is what is left of a budget for a key.
type Rest struct {
	Left int           // attempts, never below 0
	For  time.Duration // until the window ends and the budget is whole again
}

// Seconds are the whole seconds until the window ends, as headers tell them.
func (r Rest) Seconds() int64 { return int64((r.For + time.Second - 1) / time.Second) }

// Take is Spend for one charge, and tells what it leaves, with ErrTooMany too. Errors: as of Spend.
func (l *Limiter) Take(ctx context.Context, c Charge) (rest Rest, err error) {
	var all []Rest
	err = l.within(ctx, func(ctx context.Context) (err error) {
		counted, err := l.count(ctx, []Charge{c})
		if err == nil {
			all = counted
			err = refused([]Charge{c}, counted)
		}
		return err
	})
	if errors.Is(err, ErrAway) || len(all) == 0 {
		return Rest{}, err
	}
	return Rest{Left: max(0, all[0].Left), For: all[0].For}, err
}

func (l *Limiter) spend(ctx context.Context, charges []Charge) error {
	counted, err := l.count(ctx, charges)
	if err != nil {
		return err
	}
	return refused(charges, counted)
}

// count counts charges. What is left of a budget that is overdrawn is below 0.
func (l *Limiter) count(ctx context.Context, charges []Charge) ([]Rest, error) {
	// One command a charge rather than one script for all: in a cluster the keys live in different places.
	commands, err := l.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, c := range charges {
			pipe.Eval(ctx, spend, []string{name(c)}, c.Budget.Per.Milliseconds(), c.weight(), c.Budget.Limit)
		}
		return nil
	})
	if err != nil {
		return nil, ErrAway.From(fmt.Errorf("throttle: redis: %w", err))
	}
	rests := make([]Rest, len(charges))
	for i, command := range commands {
		counted, err := command.(*redis.Cmd).Int64Slice()
		if err != nil {
			return nil, ErrAway.From(fmt.Errorf("throttle: redis: %w", err))
		}
		if len(counted) != 2 {
			return nil, ErrAway.From(fmt.Errorf("throttle: redis answered %d values", len(counted)))
		}
		rests[i] = Rest{Left: charges[i].Budget.Limit - int(counted[0]),
			For: max(time.Duration(counted[1])*time.Millisecond, time.Millisecond)}
	}
	return rests, nil
}

// refused is ErrTooMany for the budget for which one waits longest among those that are overdrawn.
func refused(charges []Charge, rests []Rest) error {
	var longest Rest
	var budget string
	for i, r := range rests {
		if r.Left < 0 && r.For > longest.For {
			longest, budget = r, charges[i].Budget.Name
		}
	}
	if budget == "" {
		return nil
	}
	minutes := int64((longest.For + time.Minute - 1) / time.Minute)
	return ErrTooMany.With("Minutes", minutes).With("Count", minutes).With("Seconds", longest.Seconds()).
		With("Budget", budget)
}

// giveBack takes a charge from a count that is there. It leaves the window as it is.
const giveBack = `
local n = tonumber(redis.call('get', KEYS[1]) or '0')
if n > 0 then return redis.call('decrby', KEYS[1], math.min(n, tonumber(ARGV[1]))) end
return 0`

// GiveBack undoes what Spend counted, for a budget that counts only failures: an attempt is counted before it
// is made, so that many at once cannot pass, and given back when it succeeds. Errors: ErrAway as of Spend;
// then the attempt stays counted.
func (l *Limiter) GiveBack(ctx context.Context, charges ...Charge) error {
	if len(charges) == 0 {
		return nil
	}
	return l.within(ctx, func(ctx context.Context) error {
		_, err := l.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for _, c := range charges {
				pipe.Eval(ctx, giveBack, []string{name(c)}, c.weight())
			}
			return nil
		})
		if err != nil {
			return ErrAway.From(fmt.Errorf("throttle: redis: %w", err))
		}
		return nil
	})
}

// name is the key in Redis.
func name(c Charge) string {
	sum := sha256.Sum256([]byte(c.Budget.Name + "\x00" + c.Key))
	return "throttle:" + c.Budget.Name + ":" + base64.RawURLEncoding.EncodeToString(sum[:])
}
