package desk

import (
	"context"
	"time"

	"congdvc/identity"
	"congdvc/services/attachment"
	"congdvc/services/dossier"
	"congdvc/services/filestore"
)

// File is a stored file that is about to be sent. The caller closes Reader.
type File struct {
	ID, Name, MediaType string
	Size                int64
	SHA256              string
	At                  time.Time // since when the portal has it
	Reader              *filestore.Reader
}

func (d *Desk) open(ctx context.Context, f File) (*File, error) {
	reader, err := d.Files.Open(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	f.Reader = reader
	return &f, nil
}

// DossierFile opens a file that the owner handed in, and records that it was read, unless by who filed it.
// Errors: dossier.ErrNotFound.
func (d *Desk) DossierFile(ctx context.Context, who identity.Who, code dossier.Code,
	file string) (*File, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return nil, err
	}
	all, err := dossier.Revisions(ctx, d.Pool, h.ID)
	if err != nil {
		return nil, err
	}
	for n := len(all); n > 0; n-- {
		r, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, h.ID, n)
		if err != nil {
			return nil, err
		}
		if f, err := r.File(file); err == nil {
			if err := d.dossierRead(ctx, d.Pool, who, h, dossier.ReadFile); err != nil {
				return nil, err
			}
			return d.open(ctx, File{
				ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256,
				At: r.SubmittedAt,
			})
		}
	}
	return nil, dossier.ErrNotFound
}

// DraftFile opens a file of a party's draft, and records that it was read where somebody else works or has
// worked on it. Errors: dossier.ErrNotFound, ErrWithAnother, attachment.ErrNotFound.
func (d *Desk) DraftFile(ctx context.Context, who identity.Who, id dossier.DraftID,
	file string) (*File, error) {
	draft, err := d.findHeld(ctx, who, id)
	if err != nil {
		return nil, err
	}
	found, err := attachment.Find(ctx, d.Pool, d.Vault, file, id)
	if err != nil {
		return nil, err
	}
	if err := d.draftRead(ctx, who, draft, dossier.ReadGiven); err != nil {
		return nil, err
	}
	return d.open(ctx, File{
		ID: found.File, Name: found.Name, MediaType: found.MediaType, Size: found.Size,
		SHA256: found.SHA256, At: found.CreatedAt,
	})
}
