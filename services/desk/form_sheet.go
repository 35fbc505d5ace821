package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/sheet"
)

// FormOf gives the form of one revision of a party's dossier as a document, without the address at which the
// dossier is followed, and records that it was read, unless by who filed it. Errors: dossier.ErrNotFound.
func (d *Desk) FormOf(ctx context.Context, who identity.Who, code dossier.Code,
	number int) (form sheet.FormData, err error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return form, err
	}
	if form, err = d.formOf(ctx, h, number); err != nil {
		return form, err
	}
	return form, d.dossierRead(ctx, d.Pool, who, h, dossier.ReadRevision)
}

func (d *Desk) formOf(ctx context.Context, h *dossier.Dossier, number int) (form sheet.FormData, err error) {
	revisions, err := dossier.Revisions(ctx, d.Pool, h.ID)
	if err != nil {
		return form, err
	}
	if number < 1 || number > len(revisions) {
		return form, dossier.ErrNotFound
	}
	revision, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, h.ID, number)
	if err != nil {
		return form, err
	}
	version, err := procedure.ByID(ctx, d.Pool, revision.Procedure.VersionID)
	if err != nil {
		return form, err
	}
	s := sheet.FormSubmission{
		Form: version.Form(), Name: version.Name, To: revision.DecidingAgencyName,
		SHA256: revisions[number-1].SHA256,
	}
	if number > 1 {
		first, err := dossier.OwnRevision(ctx, d.Pool, d.Vault, h.ID, 1)
		if err != nil {
			return form, err
		}
		s.Filer = sheet.FilerOf(first)
	}
	if s.To == "" { // a revision from before the name was kept in it
		deciding, err := agency.Find(ctx, d.Pool, h.DecidingAgency)
		if err != nil {
			return form, err
		}
		s.To = deciding.Name.Vi
	}
	return sheet.FormOfRevision(revision, s), nil
}
