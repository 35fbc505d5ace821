package desk

import (
	"context"
	"errors"
	"time"

	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/result"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

const (
	// sweepRows bounds one sweep; the next one goes on.
	sweepRows = 200
	// fileGrace is how long the bytes of a removed file stay in their place, before they are set aside.
	fileGrace = time.Hour
)

// Tidy removes drafts whose time has passed, files that were removed or whose draft was discarded, answers
// of old calls and saves, and files that no result named. It warns of drafts and supplements that are about
// to end.
func (d *Desk) Tidy(ctx context.Context) error {
	warned := d.tx(ctx, func(tx pgx.Tx) error { return d.warnDrafts(ctx, tx) })
	drafts := d.tx(ctx, func(tx pgx.Tx) error {
		_, err := dossier.Expire(ctx, tx, d.Vault, d.Now(), d.DraftNotice, sweepRows)
		return err
	})
	files := d.Installation().Check(ctx) // no file is deleted by what another installation's rows say
	if files == nil {
		_, files = attachment.Sweep{
			Store: d.Files, Vault: d.Vault, Before: d.Now().Add(-fileGrace), Now: d.Now(), Limit: sweepRows,
		}.Run(ctx, d.Pool)
	}
	return errors.Join(warned, d.warnSupplements(ctx), drafts, files,
		onestop.ForgetCalls(ctx, d.Pool, d.Now()), dossier.ForgetOperations(ctx, d.Pool, d.Now()),
		result.ForgetWaiting(ctx, d.Pool, d.Now()))
}

// warnDrafts tells the people of drafts that will soon expire.
func (d *Desk) warnDrafts(ctx context.Context, tx pgx.Tx) error {
	drafts, err := dossier.Warn(ctx, tx, d.Vault, d.Now(), d.DraftNotice, sweepRows)
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
	person, err := d.reached(ctx, tx, draft.Party, draft.Acting())
	if err != nil {
		return err
	}
	_, err = notice.Queue(ctx, tx, d.Vault, d.Channels, notice.Notice{
		Party: draft.Party, Person: person, Draft: &draft.ID, Kind: dossier.NoticeDraftExpiring,
		Args: notice.Args{Deadline: &last, Procedure: &v.Name}, CreatedAt: d.Now(),
	})
	return err
}
