package backoffice

import (
	"encoding/hex"

	"congdvc/portal/transfer"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
)

// getFile sends a file of a revision, or one stretch of it. Whoever has it already reads nothing.
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
	o := v.office()
	o.Looks = o.Looks || v.asksWhetherChanged()
	a, err := b.file(v, o, code, number, id)
	if err == nil && a.HasContent() && o.Looks { // it has changed, so it will be read
		a.Close()
		a, err = b.file(v, v.office(), code, number, id)
	}
	if err != nil {
		return err
	}
	v.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	return a.Send()
}

// file prepares what the caller gets of a file.
func (b *Backoffice) file(v *call, o desk.Office, code dossier.Code, number int,
	id string) (*transfer.Answer, error) {
	f, err := b.Desk.FileFor(v.UserContext(), o, code, number, id)
	if err != nil {
		return nil, err
	}
	if sum, err := hex.DecodeString(f.SHA256); err == nil {
		v.Set(headerReprDigest, digestOf(sum))
	}
	return transfer.Prepare(v.Ctx, transfer.File{Name: f.Name, MediaType: f.MediaType, Size: f.Size,
		SHA256: f.SHA256, Modified: f.At, Content: f.Reader})
}
