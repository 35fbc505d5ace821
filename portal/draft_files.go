package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// filesPage asks for the document of each requirement.
type filesPage struct {
	shell
	Procedure    string
	Number, Last int
	Back         string
	Requirements []requirementView
	Show         []requirementLine
	Next         string
	Faults       []faultLink
}

type requirementView struct {
	ID, Field, Name, Help, Substitute, Quantity string
	Limits, Action, Accept, Reason              string
	Errors                                      []string
	// Kept are the files that came whole with a press of which others were refused.
	Kept []string
	// of the name and help, where they are not in the page's own language
	Lang                   string
	Rest                   *restOfText
	Optional, Locked, Full bool
	Folded                 bool // one of very many: its form is to be unfolded
	Files                  []fileRow
	Templates              []link // forms to download
	Documents              []documentRow
	UseDocument            string // where one of them is chosen
}

// fileRow is an attached file; From says where it was taken from, if it was not sent.
type fileRow struct {
	ID, Name, Size, Path string
	From                 []piece
}

func (p *Portal) draftFiles(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	var faults fault.List
	if v.Query("xem") == "loi" {
		for _, f := range view.Faults {
			if isRequirement(f.Field) {
				faults.Add(f)
			}
		}
		lost, err := p.Desk.LostFiles(v.ctx(), view)
		if err != nil {
			return err
		}
		faults = append(faults, lost...)
	}
	return p.renderFiles(v, fiber.StatusOK, view, faults, nil)
}

// renderFiles shows the page with what is wrong, and what was kept, by requirement, of a press that was not
// wholly taken.
func (p *Portal) renderFiles(v *visit, status int, view *desk.DraftView, faults fault.List,
	kept map[string][]string) error {
	id := view.Draft.ID
	visible := view.Form.VisibleSteps(view.Answers)
	page := filesPage{
		shell: p.shell(v, i18n.T(v.lang, "files.title")), Procedure: view.Version.Name.In(v.lang),
		Number: len(visible) + 1, Last: len(visible) + 2, Back: backOfStep(v, id, visible, 1<<30),
		Next: address.DraftReview(v.lang, id), Faults: faultLinks(v.lang, faults),
	}
	page.HasErrors = len(faults) > 0
	if view.Draft.Asked != nil {
		page.Back, page.Next = address.Draft(v.lang, id), address.Draft(v.lang, id)
	}
	stored, err := procedure.Templates(v.ctx(), p.Pool, view.Version.Code, formFiles(view.Version))
	if err != nil {
		return err
	}
	documents, err := p.Desk.Documents(v.ctx(), view)
	if err != nil {
		return err
	}
	for _, r := range view.Requirements {
		if r.Mode == procedure.Show {
			page.Show = append(page.Show, requirementOfLaw(v.lang, r))
			continue
		}
		asked := requirementOf(v, view, r, faults)
		asked.Templates, _ = templateLinks(v.lang, view.Version.Code, r.Forms, stored)
		asked.Documents = documentRows(v.lang, documents[r.ID])
		asked.Kept = kept[r.ID]
		asked.UseDocument = address.DraftDocument(v.lang, id, r.ID)
		page.Requirements = append(page.Requirements, asked)
	}
	for i := range page.Requirements {
		r := &page.Requirements[i]
		r.Folded = len(page.Requirements) > manyPapers && r.Optional && len(r.Files) == 0 &&
			len(r.Errors) == 0 && r.Reason == ""
	}
	return p.renderStatus(v, status, "draft_files", page)
}

func requirementOf(
	v *visit, view *desk.DraftView, r procedure.Requirement, faults fault.List,
) requirementView {
	id := view.Draft.ID
	out := requirementView{
		ID: r.ID, Field: desk.RequirementField(r.ID), Lang: foreign(v.lang, r.Name), Help: r.Help.In(v.lang),
		Substitute: r.Substitute.In(v.lang),
		Limits:     i18n.T(v.lang, "files.limits", "Size", i18n.Size(v.lang, r.MaxBytes), "Max", r.MaxFiles),
		Action:     address.DraftRequirement(v.lang, id, r.ID),
		Accept:     acceptOf(r.Accept),
		Optional:   r.Optional, Locked: !view.Draft.MayAttach(r.ID), Reason: view.Reasons[r.ID],
	}
	out.Name, out.Rest = fold(v.lang, r.Name)
	for _, a := range view.FilesOf(r.ID) {
		out.Files = append(out.Files, fileRow{a.ID, a.Name, i18n.Size(v.lang, a.Size),
			address.DraftFile(v.lang, id, a.ID), fileSource(v.lang, a.Source)})
	}
	out.Full = len(out.Files) >= r.MaxFiles
	for _, f := range faults {
		if f.Field == out.Field {
			out.Errors = append(out.Errors, i18n.Fault(v.lang, f))
		}
	}
	return out
}

func acceptOf(types []string) string {
	out := ""
	for i, t := range types {
		if i > 0 {
			out += ","
		}
		out += t
	}
	return out
}

func (p *Portal) draftFile(v *visit) error {
	f, err := p.Desk.DraftFile(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")), v.Params("file"))
	if err != nil {
		return err
	}
	return sendFile(v, f)
}

func (p *Portal) removeDraftFile(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	if err := p.Desk.RemoveAttachment(v.ctx(), v.who(), id, v.Params("file")); err != nil {
		return err
	}
	return v.see(address.DraftFiles(v.lang, id))
}
