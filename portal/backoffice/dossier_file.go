package backoffice

import (
	"congdvc/portal/transfer"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
)

// getFile sends a file of a revision, or one stretch of it.
func (b *Backoffice) getFile(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	number, err := v.number()
	if err != nil {
		return err
	}
	id := v.Params("file")
	if !postgres.IsID(id) {
		return dossier.ErrNotFound
	}
	f, err := b.Desk.FileFor(v.UserContext(), v.office(), code, number, id)
	if err != nil {
		return err
	}
	v.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	return transfer.Send(v.Ctx, transfer.File{Name: f.Name, MediaType: f.MediaType, Size: f.Size,
		SHA256: f.SHA256, Modified: f.At, Content: f.Reader})
}
