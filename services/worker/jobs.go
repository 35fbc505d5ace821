package worker

import (
	"context"

	"congdvc/services/desk"

	"github.com/riverqueue/river"
)

// SweepPayments asks about payments that went quiet.
type SweepPayments struct{}

// Kind names the job in the queue.
func (SweepPayments) Kind() string { return "sweep_payments" }

// StopOverdue stops dossiers whose supplement did not come in time.
type StopOverdue struct{}

// Kind names the job in the queue.
func (StopOverdue) Kind() string { return "stop_overdue" }

// Tidy removes what has expired.
type Tidy struct{}

// Kind names the job in the queue.
func (Tidy) Kind() string { return "tidy" }

func (w *Worker) submitPaid(ctx context.Context, job *river.Job[desk.SubmitPaid]) error {
	_, err := w.Desk.SubmitPaid(ctx, job.Args.Quote)
	return err
}

func (w *Worker) returnMoney(ctx context.Context, job *river.Job[desk.ReturnMoney]) error {
	return w.Desk.ReturnMoney(ctx, job.Args.Quote)
}

func (w *Worker) sweepPayments(ctx context.Context, _ *river.Job[SweepPayments]) error {
	return w.Desk.SweepPayments(ctx)
}

func (w *Worker) stopOverdue(ctx context.Context, _ *river.Job[StopOverdue]) error {
	return w.Desk.StopOverdue(ctx)
}

func (w *Worker) tidy(ctx context.Context, _ *river.Job[Tidy]) error {
	return w.Desk.Tidy(ctx)
}
