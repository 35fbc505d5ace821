package desk

import (
	"context"
	"errors"

	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

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

// warnSupplements tells the owners of supplements that end soon, and gives the failures together.
func (d *Desk) warnSupplements(ctx context.Context) error {
	ending, err := dossier.EndingSupplements(ctx, d.Pool, d.Now(), sweepRows)
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range ending {
		failures = append(failures, d.tx(ctx, func(tx pgx.Tx) error { return d.warnSupplement(ctx, tx, id) }))
	}
	return errors.Join(failures...)
}

func (d *Desk) warnSupplement(ctx context.Context, tx pgx.Tx, id dossier.ID) error {
	h, err := dossier.Lock(ctx, tx, d.Vault, id)
	if err != nil || h.Status != dossier.Supplement {
		return err
	}
	draft, err := dossier.SupplementDraft(ctx, tx, d.Vault, id, h.Owner)
	if err != nil {
		return err
	}
	first, err := dossier.WarnedOf(ctx, tx, draft, d.Now())
	if err != nil || !first {
		return err
	}
	last := workday.DateOf(draft.Asked.Deadline).AddDays(-1)
	return d.tell(ctx, tx, h, dossier.NoticeSupplementEnds, notice.Args{Deadline: &last})
}

func (d *Desk) stopOverdue(ctx context.Context, tx pgx.Tx, id dossier.ID) error {
	h, err := dossier.Lock(ctx, tx, d.Vault, id)
	if err != nil || h.Status != dossier.Supplement {
		return err
	}
	draft, err := dossier.SupplementDraft(ctx, tx, d.Vault, id, h.Owner)
	if err != nil || draft.Asked.Deadline.After(d.Now()) {
		return err
	}
	err = d.record(ctx, tx, h, happening{
		NewEntry: dossier.NewEntry{
			Kind: dossier.KindStopped, Actor: dossier.Actor{Kind: dossier.Portal}, At: d.Now(),
		},
	})
	if err != nil {
		return err
	}
	if err := dossier.Discard(ctx, tx, d.Vault, draft, d.Now()); err != nil {
		return err
	}
	return d.letGo(ctx, tx, h, payments.ReasonStopped)
}
