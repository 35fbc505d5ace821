package desk

import (
	"context"
	"errors"
	"fmt"

	"congdvc/identity"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// AddAttachment takes a file for a requirement of a draft. The bytes are sealed
// and on disk before the row is written; a file that is refused leaves nothing.
// Errors: dossier.ErrNotFound, dossier.ErrFrozen, ErrNotAllowed for a requirement
// that is not asked, and those of attachment.Receive. The context needs no clock: each
// wait for the database has its own.
func (d *Desk) AddAttachment(ctx context.Context, who identity.Who, id dossier.DraftID, requirement string,
	in attachment.Incoming) (*attachment.Attachment, error) {
	brief, done := briefly(ctx)
	view, err := d.draftOf(brief, who, id)
	done()
	if err != nil {
		return nil, err
	}
	r, err := view.mayAttach(requirement)
	if err != nil {
		return nil, err
	}
	return d.attach(ctx, who, attaching{draft: id, requirement: r, in: in})
}

// attaching is a file on its way to a requirement of a draft, and the document that it is a copy of, if any.
type attaching struct {
	draft       dossier.DraftID
	requirement *procedure.Requirement
	in          attachment.Incoming
	source      *dossier.FileSource
	sum         string // hex SHA-256 of what is copied
}

func (d *Desk) attach(ctx context.Context, who identity.Who, a attaching) (*attachment.Attachment, error) {
	a.in.Accept, a.in.Max = a.requirement.Accept, a.requirement.MaxBytes
	received, err := attachment.Receive(ctx, d.Files, a.in)
	if err != nil {
		return nil, err
	}
	if a.source != nil && received.SHA256 != a.sum {
		err = fmt.Errorf("desk: a copy for draft %s differs from what it was made of", a.draft)
		return nil, errors.Join(err, attachment.Drop(ctx, d.Files, received))
	}
	ctx, done := briefly(ctx)
	defer done()
	if err := d.healSame(ctx, a, received); err != nil {
		return nil, errors.Join(err, attachment.Drop(context.WithoutCancel(ctx), d.Files, received))
	}
	var kept *attachment.Attachment
	unused := true
	err = d.tx(ctx, func(tx pgx.Tx) error {
		unused = true
		draft, err := d.lockHeld(ctx, tx, who, a.draft)
		if err != nil {
			return err
		}
		if err := dossier.Touch(ctx, tx, draft, d.Now()); err != nil {
			return err
		}
		if err := d.stillHolds(ctx, tx, a.source, d.Now()); err != nil {
			return err
		}
		kept, err = attachment.Insert(ctx, tx, d.Vault, attachment.New{
			Draft: draft, Requirement: a.requirement.ID, Received: received, Source: a.source,
			MaxFiles: a.requirement.MaxFiles, Now: d.Now(),
		})
		if err == nil && a.source != nil {
			err = d.sourceRead(ctx, tx, who, a.source.Dossier, readOf(a.source))
		}
		unused = err != nil || kept.File != received.File
		return err
	})
	// A commit may have happened although its answer was lost, so a file whose row was written stays.
	if unused {
		err = errors.Join(err, attachment.Drop(context.WithoutCancel(ctx), d.Files, received))
	}
	if err != nil {
		return nil, err
	}
	return kept, nil
}

// healSame brings the file back of an attachment that was given once more, since the store lost it.
func (d *Desk) healSame(ctx context.Context, a attaching, received attachment.Received) error {
	same, err := attachment.Same(ctx, d.Pool, d.Vault, a.draft, a.requirement.ID, received.SHA256)
	if errors.Is(err, attachment.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.heal(ctx, same.File, received)
}

// readOf is what is read of a dossier from which a document is taken.
func readOf(source *dossier.FileSource) string {
	if source.Result != nil {
		return dossier.ReadResult
	}
	return dossier.ReadFile
}

// mayAttach finds the requirement that a file is given for.
func (d *DraftView) mayAttach(requirement string) (*procedure.Requirement, error) {
	if d.Draft.State != dossier.Editing {
		return nil, dossier.ErrFrozen
	}
	if !d.Draft.MayAttach(requirement) {
		return nil, ErrNotAllowed
	}
	for i, r := range d.Requirements {
		if r.ID == requirement && r.Mode == procedure.Submit {
			return &d.Requirements[i], nil
		}
	}
	return nil, ErrNotAllowed
}

// RemoveAttachment takes a file out of a draft. Errors as of AddAttachment, and
// attachment.ErrNotFound.
func (d *Desk) RemoveAttachment(ctx context.Context, who identity.Who, id dossier.DraftID,
	file string) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if err := dossier.Touch(ctx, tx, draft, d.Now()); err != nil {
			return err
		}
		return attachment.Remove(ctx, tx, d.Vault, draft, file, d.Now())
	})
}
