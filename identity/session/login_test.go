package session_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"congdvc/identity/session"
)

func (r *room) putLogin(t *testing.T, browser, state string) {
	t.Helper()
	if err := r.PutLogin(t.Context(), browser, state, []byte("of "+state), 15*time.Minute); err != nil {
		t.Fatal(err)
	}
}

func (r *room) takeLogin(t *testing.T, browser, state string, want error) {
	t.Helper()
	got, err := r.TakeLogin(t.Context(), browser, state)
	if !errors.Is(err, want) || want == nil && string(got) != "of "+state {
		t.Errorf("%s of %s: %q, %v; want %v", state, browser, got, err, want)
	}
}

func TestLoginsOfTabsDoNotTouchEachOther(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		r := newRoom(t)
		r.putLogin(t, "browser", "a")
		r.putLogin(t, "browser", "b")
		r.takeLogin(t, "another browser", "a", session.ErrNone)
		r.takeLogin(t, "browser", "c", session.ErrNone)
		for _, state := range order {
			r.takeLogin(t, "browser", state, nil)
			r.takeLogin(t, "browser", state, session.ErrNone)
		}
		if keys := r.redis.Keys(); len(keys) != 0 {
			t.Errorf("Redis still keeps %v", keys)
		}
	}
}

func TestLoginIsTakenOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.putLogin(t, "browser", "a")
	r.putLogin(t, "browser", "b")
	var taken atomic.Int32
	var group errgroup.Group
	for range 10 {
		group.Go(func() error {
			_, err := r.TakeLogin(t.Context(), "browser", "a")
			if err == nil {
				taken.Add(1)
			} else if !errors.Is(err, session.ErrNone) {
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil || taken.Load() != 1 {
		t.Errorf("taken %d times, %v", taken.Load(), err)
	}
	r.takeLogin(t, "browser", "b", nil)
}

func TestLoginsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for n := range 10 {
		r.putLogin(t, "browser", fmt.Sprint("state ", n))
		r.pass(time.Second)
	}
	r.putLogin(t, "another browser", "state 0")
	for n := range 10 {
		want := error(nil)
		if n < 2 { // of ten the eight newest are kept
			want = session.ErrNone
		}
		r.takeLogin(t, "browser", fmt.Sprint("state ", n), want)
	}
	r.takeLogin(t, "another browser", "state 0", nil)
}

func TestLoginsEnd(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.putLogin(t, "browser", "old")
	r.pass(10 * time.Minute)
	r.putLogin(t, "browser", "new") // keeps the key, but not the old login
	r.pass(5 * time.Minute)
	r.takeLogin(t, "browser", "old", session.ErrNone)
	r.takeLogin(t, "browser", "new", nil)
	r.putLogin(t, "browser", "last")
	r.pass(15 * time.Minute)
	if keys := r.redis.Keys(); len(keys) != 0 {
		t.Errorf("Redis still keeps %v", keys)
	}
	r.takeLogin(t, "browser", "last", session.ErrNone)
}

// TestRedisKnowsNoLogin: neither the secret of the browser nor the state stands in Redis, and what was moved
// to another place, or given more time, does not open.
func TestRedisKnowsNoLogin(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.putLogin(t, "browser", "one-state")
	r.putLogin(t, "thief", "one-state")
	dump := r.redis.Dump()
	for _, secret := range []string{"browser", "thief", "one-state", "of one-state"} {
		if strings.Contains(dump, secret) {
			t.Errorf("Redis shows %q", secret)
		}
	}
	keys := r.redis.Keys()
	fields, err := r.redis.HKeys(keys[0])
	if err != nil || len(keys) != 2 || len(fields) != 1 {
		t.Fatalf("%v %v %v", keys, fields, err)
	}
	first, second := r.redis.HGet(keys[0], fields[0]), r.redis.HGet(keys[1], fields[0])
	r.redis.HSet(keys[0], fields[0], second)
	r.redis.HSet(keys[1], fields[0], "9999999999999"+first[13:])
	r.takeLogin(t, "browser", "one-state", session.ErrNone)
	r.takeLogin(t, "thief", "one-state", session.ErrNone)
}

func TestLoginsWithRedisAway(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.redis.Close()
	_, taken := r.TakeLogin(t.Context(), "browser", "state")
	wantErr(t, taken, session.ErrAway)
	wantErr(t, r.PutLogin(t.Context(), "browser", "state", nil, time.Minute), session.ErrAway)
}
