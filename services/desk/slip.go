package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/sheet"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// slip keeps what a statutory slip says, as of now.
func (d *Desk) slip(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind dossier.SlipKind,
	what happening) error {
	v, officer := what.version, what.Actor
	offices, err := agency.FindMany(ctx, tx, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return err
	}
	first, err := dossier.OwnRevision(ctx, tx, d.Vault, h.ID, 1)
	if err != nil {
		return err
	}
	receiving := offices[h.ReceivingAgency]
	s := sheet.SlipData{
		Kind: kind, Code: h.Code, Procedure: v.Name.Vi, IssuedAt: d.Now(), SubmittedAt: h.SubmittedAt,
		Agency: sheet.Office{Name: receiving.Name.Vi, Address: receiving.Address.Vi, Phone: receiving.Phone},
		Owner:  sheetParty(first.Owner), Person: sheetParty(first.Person),
		Ground: sheet.GroundText(i18n.Vi, v.Form(), first), Officer: sheet.Officer{
			Name: officer.Name, Title: officer.Title, Unit: officer.Unit, Phone: officer.Phone,
		},
		Papers: papersOf(v, h, first),
	}
	if deciding := offices[h.DecidingAgency]; deciding.ID != receiving.ID {
		s.Deciding = deciding.Name.Vi
	}
	for _, f := range first.FeesUnset {
		s.FeesUnset = append(s.FeesUnset, f.Name)
	}
	if x := first.Exemption; x != nil {
		s.Exemption = x.Name
	}
	what.slip(&s)
	_, err = sheet.InsertSlip(ctx, tx, d.Vault, h.ID, s)
	return err
}

func sheetParty(p dossier.Party) sheet.Party {
	return sheet.Party{
		Name: p.Name, Number: p.Number, Address: p.Profile.Address, Phone: p.Profile.Phone,
		Email: p.Profile.Email, Organisation: p.Kind == identity.Organisation,
	}
}

// submittedChoice is the choice under which a revision was submitted.
func submittedChoice(v *procedure.Version, r *dossier.Revision) procedure.Choice {
	return v.ChoiceOf(r.Case, procedure.Online, r.Answers, workday.DateOf(r.SubmittedAt))
}

// papersOf lists what was handed in: online that is files, and no paper changes hands.
func papersOf(v *procedure.Version, h *dossier.Dossier, r *dossier.Revision) []sheet.Paper {
	papers := []sheet.Paper{{Name: i18n.T(i18n.Vi, "desk.paper_form"), Files: 1}}
	files := map[string]int{}
	for _, f := range r.Files {
		files[f.Requirement]++
	}
	for _, q := range v.Required(submittedChoice(v, r)) {
		if q.Mode == procedure.Submit && files[q.ID] > 0 {
			papers = append(papers, sheet.Paper{Name: q.Name.Vi, Files: files[q.ID]})
		}
	}
	return papers
}
