package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/result"

	"github.com/jackc/pgx/v5"
)

// ResultFile opens a result for its owner. The first time, the dossier counts as
// returned and the agency is told. Errors: dossier.ErrNotFound.
func (d *Desk) ResultFile(ctx context.Context, who identity.Who, code dossier.Code, id result.ID) (*File,
	error) {
	var found *result.Result
	opened := false
	err := d.tx(ctx, func(tx pgx.Tx) error {
		h, err := dossier.LockOwn(ctx, tx, code, who.Party)
		if err != nil {
			return err
		}
		if found, err = result.Find(ctx, tx, d.Vault, id, h.ID); err != nil {
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
	if err != nil {
		return nil, err
	}
	if opened {
		d.Appended()
	}
	return d.open(ctx, resultFile(found))
}

// ResultUnopened is ResultFile that leaves the result as it is: nobody has opened it.
func (d *Desk) ResultUnopened(ctx context.Context, who identity.Who, code dossier.Code, id result.ID) (*File,
	error) {
	h, err := dossier.FindByCode(ctx, d.Pool, code, who.Party)
	if err != nil {
		return nil, err
	}
	found, err := result.Find(ctx, d.Pool, d.Vault, id, h.ID)
	if err != nil {
		return nil, err
	}
	return d.open(ctx, resultFile(found))
}

func resultFile(r *result.Result) File {
	return File{ID: r.File, Name: r.FileName, MediaType: "application/pdf", Size: r.Size, SHA256: r.SHA256}
}

func (d *Desk) resultOpened(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, who identity.Who) error {
	if dossier.CanDeliver(h.Delivery, dossier.Opened) {
		if err := dossier.SetDelivery(ctx, tx, h, dossier.Opened); err != nil {
			return err
		}
	}
	if h.Status != dossier.Completed { // another result of a dossier that was returned before
		return d.append(ctx, tx, h, dossier.EventResultOpened, nil)
	}
	return d.record(ctx, tx, h, happening{NewEntry: dossier.NewEntry{
		Kind: dossier.KindReturned, Actor: dossier.Actor{Kind: dossier.Citizen, Person: who.Person},
		At: d.Now(),
	}})
}
