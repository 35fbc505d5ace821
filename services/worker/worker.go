// Package worker is the background front door: it takes jobs from the queue in
// PostgreSQL, keeps the feed and the notices going, and looks after what went quiet.
// Like a handler it decides nothing; every act is a function of the desk.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"congdvc/services/desk"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/errgroup"
)

// Config is what the worker works with.
type Config struct {
	Desk      *desk.Desk
	Pool      *pgxpool.Pool
	Sequencer *onestop.Sequencer
	Deliverer *onestop.Deliverer
	Sender    *notice.Sender
	Log       *slog.Logger
}

// Worker does the background work of one process; any number may run.
type Worker struct {
	Config
	jobs       *river.Client[pgx.Tx]
	stopWithin time.Duration

	alarms  sync.Mutex
	alarmed map[string]time.Time // by the code of a connection: when an alarm about it was last said
}

const (
	jobTimeout = 2 * time.Minute
	// rescueAfter is how long a job may run before it counts as left behind by a process that died, and is
	// started again. A living process ends a job at jobTimeout. It is short, because somebody who has paid
	// waits for the job.
	rescueAfter = jobTimeout + time.Minute
	jobsAtOnce  = 4
	stopWithin  = 20 * time.Second
)

// New prepares the worker. It fails when the queue's client cannot be made.
func New(c Config) (*Worker, error) {
	w := &Worker{Config: c, stopWithin: stopWithin, alarmed: map[string]time.Time{}}
	workers := river.NewWorkers()
	var periodic []*river.PeriodicJob
	for _, k := range w.kinds() {
		k.add(workers)
		if k.every != asked {
			periodic = append(periodic, k.periodic())
		}
	}
	var err error
	w.jobs, err = river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Logger: c.Log, Workers: workers, PeriodicJobs: periodic,
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, PollOnly: postgres.Pooled(c.Pool),
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobsAtOnce}},
	})
	if err != nil {
		return nil, fmt.Errorf("worker: jobs: %w", err)
	}
	return w, nil
}

// Run works until the context ends, and then lets running jobs finish, for 20 seconds at most.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("worker: start: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { w.Sequencer.Run(ctx); return nil })
	group.Go(func() error { w.Deliverer.Run(ctx); return nil })
	group.Go(func() error { w.Sender.Run(ctx); return nil })
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.stopWithin)
		defer cancel()
		return w.jobs.Stop(stop)
	})
	return group.Wait()
}
