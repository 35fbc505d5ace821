package portal

import (
	"fmt"
	"strconv"

	"congdvc/services/dossier"
	"congdvc/services/sheet"
)

// draftFormPaper prints the form of a draft as it stands, marked on every page as not handed in.
func (p *Portal) draftFormPaper(v *visit) error {
	view, err := p.Desk.Draft(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if err != nil {
		return err
	}
	switch view.Draft.State {
	case dossier.Filed:
		return p.seeDossier(v, view.Draft)
	case dossier.Discarded:
		return dossier.ErrNotFound
	}
	revision, err := p.Desk.Preview(v.ctx(), v.who(), view)
	if err != nil {
		return err
	}
	form := sheet.FormOfRevision(revision, sheet.FormSubmission{Form: view.Form, Name: view.Version.Name,
		To: revision.DecidingAgencyName})
	form.Lang, form.Draft, form.At = v.lang, true, view.Draft.UpdatedAt
	paper, err := form.PDF()
	if err != nil {
		return err
	}
	return sendPaper(v, "ban-nhap-to-khai-"+view.Version.Code+".pdf", paper)
}

// dossierFormPaper prints the form of one revision as it was handed in.
func (p *Portal) dossierFormPaper(v *visit) error {
	number, err := strconv.Atoi(v.Params("number"))
	if err != nil || number < 1 {
		return dossier.ErrNotFound
	}
	form, err := p.Desk.FormOf(v.ctx(), v.who(), codeOf(v), number)
	if err != nil {
		return err
	}
	form.TrackURL = p.trackURL("vi", dossier.Code(form.Code))
	paper, err := form.PDF()
	if err != nil {
		return err
	}
	return sendPaper(v, fmt.Sprintf("to-khai-%s-%d.pdf", form.Code, number), paper)
}
