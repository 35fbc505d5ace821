package worker

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// TestFailedJobComesAgain: what fails once, here since the database refuses a row, is worked later.
func TestFailedJobComesAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := w.paid(t, 1)
	w.heard(t)
	ctx := t.Context()
	_, err := w.Pool.Exec(ctx, `alter table dossier add constraint refuses check (false) not valid`)
	do(t, err)
	stop := start(t, w.worker(t))
	const failed = `select count(*) from river_job where kind = 'submit_paid' and cardinality(errors) > 0`
	until(t, "the job fails", func() bool { return w.count(t, failed) == 1 })
	if w.filed(t, b)() {
		t.Error("filed against the refusal")
	}
	_, err = w.Pool.Exec(ctx, `alter table dossier drop constraint refuses`)
	do(t, err)
	until(t, "the job is worked", w.filed(t, b))
	do(t, stop())
}

// TestJobOfADeadProcess: a job that a dead process left running is worked again, one that may still be
// running is not.
func TestJobOfADeadProcess(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	dead, living := w.paid(t, 1), w.paid(t, 2)
	w.heard(t)
	const run = `
		update river_job
		set state = 'running', attempt = 1, attempted_by = '{other}',
		    attempted_at = now() - $2 * interval '1 second'
		where kind = 'submit_paid' and args ->> 'quote' = $1`
	for b, since := range map[bill]time.Duration{dead: rescueAfter + time.Minute, living: jobTimeout} {
		tag, err := w.Pool.Exec(t.Context(), run, b.quote, since.Seconds())
		if err != nil || tag.RowsAffected() != 1 {
			t.Fatalf("%s, %v", tag, err)
		}
	}
	stop := start(t, w.worker(t))
	until(t, "the dead process's job is worked", w.filed(t, dead))
	n := w.count(t, `select count(*) from river_job where state = 'running' and attempted_by = '{other}'`)
	if n != 1 || w.filed(t, living)() {
		t.Errorf("%d jobs are the other process's, want the one that it may still work", n)
	}
	do(t, stop())
}

// TestStopping: when the context ends, a running job may finish, but not for ever.
func TestStopping(t *testing.T) {
	t.Parallel()
	for name, patient := range map[string]bool{"the job finishes": true, "the job takes too long": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			b := w.paid(t, 1)
			w.heard(t)
			tx, err := w.Pool.Begin(t.Context())
			do(t, err)
			release := sync.OnceFunc(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
			t.Cleanup(release)
			_, err = tx.Exec(t.Context(), `select from payment_quote where id = $1 for update`, b.quote)
			do(t, err)
			works := w.worker(t)
			if !patient {
				works.stopWithin = 200 * time.Millisecond
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- works.Run(ctx) }()
			const waiting = `
				select count(*) from pg_stat_activity
				where datname = current_database() and wait_event_type = 'Lock'`
			until(t, "the job waits for the row", func() bool { return w.count(t, waiting) > 0 })
			cancel()
			if !patient {
				if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Run gave %v", err)
				}
				release()
				until(t, "the job ends by itself", w.filed(t, b))
				return
			}
			// Nothing may happen here, so there is nothing to wait for but the time.
			select {
			case err := <-ended:
				t.Fatalf("Run ended before its job: %v", err)
			case <-time.After(100 * time.Millisecond):
			}
			release()
			do(t, <-ended)
			if !w.filed(t, b)() {
				t.Error("the job did not finish")
			}
		})
	}
}
