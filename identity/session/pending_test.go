package session_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"congdvc/identity/session"
)

func TestPendingServesOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	ctx := t.Context()
	if err := r.PutPending(ctx, "secret", []byte("state"), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err := r.TakePending(ctx, "another")
	wantErr(t, err, session.ErrNone)

	var taken sync.Map
	group, ctx := errgroup.WithContext(ctx)
	for i := range 10 {
		group.Go(func() error {
			got, err := r.TakePending(ctx, "secret")
			if err == nil && string(got) == "state" {
				taken.Store(i, true)
				return nil
			}
			if errors.Is(err, session.ErrNone) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	times := 0
	taken.Range(func(any, any) bool { times++; return true })
	if times != 1 {
		t.Errorf("taken %d times", times)
	}

	if err := r.PutPending(t.Context(), "late", []byte("state"), time.Minute); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Minute)
	_, err = r.TakePending(t.Context(), "late")
	wantErr(t, err, session.ErrNone)
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	sess := r.begin(t)
	r.redis.Close()
	ctx := t.Context()
	_, begun := r.Begin(ctx, lan, "")
	_, found := r.Find(ctx, sess.ID)
	_, taken := r.TakePending(ctx, "secret")
	for name, err := range map[string]error{
		"Begin": begun, "Find": found, "TakePending": taken,
		"Extend": r.Extend(ctx, sess.ID), "End": r.End(ctx, sess.ID),
		"SwitchParty": r.SwitchParty(ctx, sess.ID, company), "PutPending": r.PutPending(ctx, "secret", nil,
			time.Minute),
	} {
		if !errors.Is(err, session.ErrAway) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
