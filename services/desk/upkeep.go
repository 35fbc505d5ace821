package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congdvc/payments"
	"congdvc/payments/checkout"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

const (
	// sweepAge is how old an open payment is before the provider is asked about it.
	sweepAge = 2 * time.Minute
	// sweepRows bounds one sweep; the next one goes on.
	sweepRows = 200
	// fileGrace is how long a stored file may wait for its row.
	fileGrace = time.Hour
	// refundPause is the pause after the first failed try to give money back; it doubles.
	refundPause = time.Minute
	// refundTries is after how many tries a person has to look.
	refundTries = 12
)

// SweepPayments asks the provider about payments that went quiet, and applies what
// it says. It goes through all of them, and gives the failures together.
func (d *Desk) SweepPayments(ctx context.Context) error {
	if d.Checkout == nil {
		return nil
	}
	open, err := payments.OpenAttempts(ctx, d.Pool, d.Now().Add(-sweepAge), sweepRows)
	if err != nil {
		return err
	}
	var failures []error
	for _, a := range open {
		if err := d.lookUpAttempt(ctx, &a); err != nil {
			failures = append(failures, fmt.Errorf("desk: sweep attempt %s: %w", a.ID, err))
		}
	}
	due, err := payments.RefundsDue(ctx, d.Pool, d.Now(), sweepRows)
	failures = append(failures, err)
	for _, r := range due {
		failures = append(failures, d.refund(ctx, r))
	}
	return errors.Join(failures...)
}

// ReturnMoney carries out the refunds of a quote that are due.
func (d *Desk) ReturnMoney(ctx context.Context, quote string) error {
	all, err := payments.RefundsOf(ctx, d.Pool, quote)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.State != payments.RefundWaiting || r.NextAt.After(d.Now()) {
			continue
		}
		if err := d.refund(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// refund asks the provider to give one payment back, unless other hands did so.
func (d *Desk) refund(ctx context.Context, r payments.Refund) error {
	if d.Checkout == nil {
		return ErrNoPayment
	}
	standing, err := payments.StandingOf(ctx, d.Pool, r.Quote)
	if err != nil {
		return err
	}
	if standing.RefundDue < r.Amount {
		return d.tx(ctx, func(tx pgx.Tx) error { return payments.MarkRefund(ctx, tx, r.ID, "", d.Now()) })
	}
	fact, err := d.Checkout.Refund(ctx, checkout.Refund{Attempt: r.Attempt, PaymentRef: r.PaymentRef, Amount: r.Amount, Key: r.Key()})
	if errors.Is(err, checkout.ErrAlreadyRefunded) {
		return d.refundedElsewhere(ctx, r)
	}
	if err != nil {
		pause := refundPause << min(r.Tries, 10)
		postponed := payments.Postponed{Problem: "provider", Next: d.Now().Add(pause), Final: r.Tries+1 >= refundTries}
		return errors.Join(err, payments.PostponeRefund(ctx, d.Pool, r.ID, postponed))
	}
	if err := d.PaymentFact(ctx, fact); err != nil {
		return err
	}
	return d.tx(ctx, func(tx pgx.Tx) error {
		return payments.MarkRefund(ctx, tx, r.ID, fact.RefundRef, d.Now())
	})
}

func (d *Desk) refundedElsewhere(ctx context.Context, r payments.Refund) error {
	a, err := payments.FindAttempt(ctx, d.Pool, r.Attempt)
	if err != nil {
		return err
	}
	if err := d.lookUpAttempt(ctx, a); err != nil {
		return err
	}
	return d.tx(ctx, func(tx pgx.Tx) error { return payments.MarkRefund(ctx, tx, r.ID, "", d.Now()) })
}

// StopOverdue stops the dossiers whose owner let the term of a supplement pass. It
// goes through all of them, and gives the failures together.
func (d *Desk) StopOverdue(ctx context.Context) error {
	overdue, err := dossier.OverdueSupplements(ctx, d.Pool, d.Now(), sweepRows)
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range overdue {
		failures = append(failures, d.tx(ctx, func(tx pgx.Tx) error { return d.stopOverdue(ctx, tx, id) }))
	}
	if len(overdue) > 0 {
		d.Appended()
	}
	return errors.Join(failures...)
}

func (d *Desk) stopOverdue(ctx context.Context, tx pgx.Tx, id dossier.ID) error {
	h, err := dossier.Lock(ctx, tx, id)
	if err != nil || h.Status != dossier.Supplement {
		return err
	}
	draft, err := dossier.SupplementDraft(ctx, tx, id, h.Owner)
	if err != nil || draft.Asked.Deadline.After(d.Now()) {
		return err
	}
	err = d.record(ctx, tx, h, happening{
		NewEntry: dossier.NewEntry{Kind: dossier.KindStopped, Actor: dossier.Actor{Kind: dossier.Portal}, At: d.Now()},
	})
	if err != nil {
		return err
	}
	if err := dossier.Discard(ctx, tx, draft, d.Now()); err != nil {
		return err
	}
	return d.letGo(ctx, tx, h, payments.ReasonStopped)
}

// Tidy removes drafts whose time has passed, files that no row names, and answers
// of old calls and saves. It warns of drafts that are about to go.
func (d *Desk) Tidy(ctx context.Context) error {
	warned := d.tx(ctx, func(tx pgx.Tx) error { return d.warnDrafts(ctx, tx) })
	_, drafts := dossier.Expire(ctx, d.Pool, d.Now(), d.DraftNotice, sweepRows)
	_, files := attachment.Sweep(ctx, d.Pool, d.Files, d.Now().Add(-fileGrace), sweepRows)
	return errors.Join(warned, drafts, files, onestop.ForgetCalls(ctx, d.Pool, d.Now()), dossier.ForgetOperations(ctx, d.Pool, d.Now()))
}

// warnDrafts tells the people of drafts that will soon expire.
func (d *Desk) warnDrafts(ctx context.Context, tx pgx.Tx) error {
	drafts, err := dossier.Warn(ctx, tx, d.Now(), d.DraftNotice, sweepRows)
	if err != nil {
		return err
	}
	for i := range drafts {
		if err := d.warnDraft(ctx, tx, &drafts[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) warnDraft(ctx context.Context, tx pgx.Tx, draft *dossier.Draft) error {
	v, err := procedure.ByID(ctx, tx, draft.VersionID)
	if err != nil {
		return err
	}
	last := workday.DateOf(draft.ExpiresAt.AddDate(0, 0, -1)) // the last whole day
	_, err = notice.Queue(ctx, tx, notice.Notice{Party: draft.Party, Person: draft.Person, Draft: &draft.ID, Kind: dossier.NoticeDraftExpiring,
		Args: notice.Args{Deadline: &last, Procedure: &v.Name}, CreatedAt: d.Now()})
	return err
}
