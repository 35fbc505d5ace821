package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/result"

	"github.com/jackc/pgx/v5"
)

// LookAtResult opens the file of a result without any effect, for an answer that may give nothing of it.
// Errors: dossier.ErrNotFound, result.ErrNotFound.
func (d *Desk) LookAtResult(ctx context.Context, who identity.Who, code dossier.Code,
	id result.ID) (*File, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return nil, err
	}
	found, err := result.Find(ctx, d.Pool, d.Vault, id, h.ID)
	if err != nil {
		return nil, err
	}
	return d.open(ctx, File{
		ID: found.File, Name: found.FileName, MediaType: "application/pdf", Size: found.Size,
		SHA256: found.SHA256, At: found.CreatedAt,
	})
}

// ResultOpened says that the owner is being given a result, or a stretch of it. The first time, the dossier
// counts as returned and the agency is told; a download that is resumed changes nothing more. Errors: as of
// LookAtResult.
func (d *Desk) ResultOpened(ctx context.Context, who identity.Who, code dossier.Code, id result.ID) error {
	opened := false
	err := d.tx(ctx, func(tx pgx.Tx) error {
		opened = false
		h, err := dossier.LockOwn(ctx, tx, d.Vault, code, who.Party)
		if err != nil {
			return err
		}
		found, err := result.Find(ctx, tx, d.Vault, id, h.ID)
		if err != nil {
			return err
		}
		if err := d.dossierRead(ctx, tx, who, h, dossier.ReadResult); err != nil {
			return err
		}
		first, err := result.MarkOpened(ctx, tx, found.ID, d.Now())
		if err != nil || !first || found.State != result.Issued {
			return err
		}
		opened = true
		return d.resultOpened(ctx, tx, h, who)
	})
	if err == nil && opened {
		d.Appended()
	}
	return err
}

func (d *Desk) resultOpened(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, who identity.Who) error {
	if dossier.CanDeliver(h.Delivery, dossier.Opened) {
		if err := dossier.SetDelivery(ctx, tx, h, dossier.Opened); err != nil {
			return err
		}
	}
	if h.Status != dossier.Completed { // another result of a dossier that was returned before
		return d.append(ctx, tx, h, announcement{event: dossier.EventResultOpened})
	}
	return d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindReturned, Actor: dossier.Actor{Kind: dossier.Citizen, Person: who.Person},
		At: d.Now(),
	}})
}
