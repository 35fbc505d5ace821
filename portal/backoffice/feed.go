package backoffice

import (
	"context"
	"errors"
	"math"
	"time"

	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

const (
	usualBatch    = 100
	usualAttempts = 50
	mostAttempts  = 200
)

func (b *Backoffice) getFeed(v *call) error {
	values, err := v.query("after", "limit", "wait")
	if err != nil {
		return err
	}
	after, err := onestop.ParseCursor(values["after"])
	if err != nil {
		return onestop.ErrCursor.At("after")
	}
	limit, err := between(values, "limit", 1, onestop.MaxBatch, usualBatch)
	if err != nil {
		return err
	}
	wait, err := between(values, "wait", 0, int64(onestop.MaxWait/time.Second), 0)
	if err != nil {
		return err
	}
	if v.looks() {
		wait = 0
	}
	batch, err := b.await(v, after, int(limit), time.Duration(wait)*time.Second)
	if err != nil {
		return err
	}
	return v.answer(batch.Wire())
}

// await waits for events. It ends at once when the server is being stopped, which it would hold up otherwise.
func (b *Backoffice) await(
	v *call, after onestop.Cursor, limit int, wait time.Duration,
) (onestop.Batch, error) {
	stopping := v.Context().Done()
	ctx, cancel := context.WithCancel(v.UserContext())
	defer cancel()
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	batch, err := b.Waiters.Await(ctx, v.key.Connection, after, limit, wait)
	if errors.Is(err, context.Canceled) {
		return onestop.After(v.UserContext(), b.Pool, v.key.Connection, after, limit)
	}
	return batch, err
}

func (b *Backoffice) getAttempts(v *call) error {
	values, err := v.query("before", "limit", "dossier", "outcome")
	if err != nil {
		return err
	}
	var f onestop.AttemptFilter
	if f.Dossier, err = codeParameter(values); err != nil {
		return err
	}
	if f.Outcome, err = oneOf(values, "outcome", onestop.Outcomes); err != nil {
		return err
	}
	before, err := between(values, "before", 1, math.MaxInt64, 0)
	if err != nil {
		return err
	}
	limit, err := between(values, "limit", 1, mostAttempts, usualAttempts)
	if err != nil {
		return err
	}
	f.Before = before
	// One more than asked for tells whether there is a further page.
	list, err := onestop.Attempts(v.UserContext(), b.Pool, v.key.Connection, f, int(limit)+1)
	if err != nil {
		return err
	}
	out := onestop.PushAttempts{Attempts: []onestop.PushAttempt{}}
	if len(list) > int(limit) {
		list = list[:limit]
		out.Next = list[limit-1].ID
	}
	for _, a := range list {
		out.Attempts = append(out.Attempts, a.Wire())
	}
	return v.answer(out)
}

func (b *Backoffice) postReplay(v *call) error {
	in, err := body[onestop.ReplayRange](v)
	if err == nil {
		err = in.Check().Err()
	}
	if err != nil {
		return v.unlessAnswered(v.Body(), err)
	}
	return b.once(v, func(ctx context.Context, tx pgx.Tx) (any, error) {
		events, err := onestop.Replay(ctx, tx, v.key.Connection, in.Stretch(), v.now)
		return onestop.Replayed{Events: events}, err
	})
}
