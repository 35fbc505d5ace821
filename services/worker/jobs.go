package worker

import (
	"context"
	"errors"
	"time"

	"congdvc/services/desk"
	"congdvc/services/onestop"

	"github.com/riverqueue/river"
)

// kind is a sort of job: its arguments, how often it is due by itself, and the function of the desk that does
// the work.
type kind struct {
	args  river.JobArgs // an empty one
	every time.Duration // asked = only when the desk enqueues it
	add   func(*river.Workers)
}

// asked is the period of a job that comes only when the desk enqueues it.
const asked time.Duration = 0

func (w *Worker) kinds() []kind {
	return []kind{
		job(asked, func(ctx context.Context, j desk.SubmitPaid) error {
			_, err := w.Desk.SubmitPaid(ctx, j.Quote)
			if errors.Is(err, desk.ErrPaidLost) {
				w.Log.ErrorContext(ctx, "files of a paid draft are lost: restore them", "quote", j.Quote)
			}
			return err
		}),
		job(asked, func(ctx context.Context, j desk.ReturnMoney) error {
			return w.Desk.ReturnMoney(ctx, j.Quote)
		}),
		job(time.Minute, func(ctx context.Context, _ sweepPayments) error {
			return w.Desk.SweepPayments(ctx)
		}),
		job(time.Minute, func(ctx context.Context, _ watchReceivers) error {
			return w.watchReceivers(ctx)
		}),
		job(5*time.Minute, func(ctx context.Context, _ stopOverdue) error {
			return w.Desk.StopOverdue(ctx)
		}),
		job(24*time.Hour, func(ctx context.Context, _ warnKeys) error {
			ending, err := onestop.EndingKeys(ctx, w.Pool, w.Desk.Now())
			for _, k := range ending {
				w.Log.WarnContext(ctx, "a key of a one-stop system ends soon", "connection", k.Connection,
					"key", k.Prefix, "ends", k.ExpiresAt)
			}
			return err
		}),
		job(time.Hour, func(ctx context.Context, _ tidy) error {
			return w.Desk.Tidy(ctx)
		}),
		job(time.Hour, func(ctx context.Context, _ setAside) error {
			done, err := w.Desk.SetAside(ctx)
			if done.Files+done.Parts+done.Restored+done.Forgotten > 0 {
				w.Log.WarnContext(ctx, "files set aside", "files", done.Files, "parts", done.Parts,
					"restored", done.Restored, "forgotten", done.Forgotten)
			}
			return err
		}),
	}
}

func job[T river.JobArgs](every time.Duration, act func(context.Context, T) error) kind {
	var args T
	work := river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error { return act(ctx, j.Args) })
	return kind{args: args, every: every, add: func(all *river.Workers) { river.AddWorker(all, work) }}
}

// periodic makes one job now and one after each period.
func (k kind) periodic() *river.PeriodicJob {
	one := func() (river.JobArgs, *river.InsertOpts) { return k.args, nil }
	atOnce := &river.PeriodicJobOpts{RunOnStart: true}
	return river.NewPeriodicJob(river.PeriodicInterval(k.every), one, atOnce)
}

// sweepPayments asks about payments that went quiet.
type sweepPayments struct{}

// Kind names the job in the queue.
func (sweepPayments) Kind() string { return "sweep_payments" }

// stopOverdue stops dossiers whose supplement did not come in time.
type stopOverdue struct{}

// Kind names the job in the queue.
func (stopOverdue) Kind() string { return "stop_overdue" }

// tidy removes what has expired.
type tidy struct{}

// Kind names the job in the queue.
func (tidy) Kind() string { return "tidy" }

// warnKeys tells of keys that end soon.
type warnKeys struct{}

// Kind names the job in the queue.
func (warnKeys) Kind() string { return "warn_keys" }

// setAside takes out of the store what nobody needs.
type setAside struct{}

// Kind names the job in the queue.
func (setAside) Kind() string { return "set_aside" }
