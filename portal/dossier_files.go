package portal

import (
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/sheet"
)

// dossierFilesPage shows what was handed in, as it was handed in.
type dossierFilesPage struct {
	shell
	Code            dossier.Code
	Procedure, Back string
	Submitted       string
	// Supplemented says that a supplement changed what was submitted at first.
	Supplemented bool
	Owner        string
	Person       string // who handed it in, where that is somebody else
	Ground       string
	Papers       []submittedPaper
	Groups       []reviewGroup
}

type submittedPaper struct {
	Requirement string
	Files       []submittedFile
}

type submittedFile struct {
	Path, Name, Size, SHA256 string
	From                     []piece
}

func (p *Portal) dossierFiles(v *visit) error {
	view, err := p.Desk.DossierRead(v.ctx(), v.who(), codeOf(v), dossier.ReadRevision)
	if err != nil {
		return err
	}
	code := view.Dossier.Code
	groups, form := answerGroups(v.lang, view.Version.Form(), view.Revision.Answers), view.Version.Form()
	notes := givenNotes(v.lang, form, view.Revision.Provenance)
	for field, texts := range desk.ConfirmedTexts(v.lang, form, view.Revision) {
		for _, text := range texts {
			notes[field] = strings.TrimSpace(notes[field] + " " + i18n.T(v.lang, "dossier_files.confirmed",
				"Text", text))
		}
	}
	for i := range groups {
		groups[i].Notes = notes
	}
	page := dossierFilesPage{
		shell: p.shell(v, i18n.T(v.lang, "dossier_files.title")), Code: code,
		Procedure: view.Version.Name.In(v.lang), Back: address.Dossier(v.lang, code),
		Submitted: i18n.DateTime(v.lang, view.Revision.SubmittedAt), Supplemented: view.Revision.Number > 1,
		Owner: view.Revision.Owner.Name, Papers: submittedPapers(v, view), Groups: groups,
		Ground: sheet.GroundText(v.lang, form, view.Revision),
	}
	if view.Revision.OnBehalf {
		page.Person = view.Revision.Person.Name
	}
	return p.render(v, "dossier_files", page)
}

// submittedPapers groups the files of the newest revision by paper.
func submittedPapers(v *visit, view *desk.DossierView) []submittedPaper {
	var papers []submittedPaper
	at := map[string]int{}
	for _, f := range view.Revision.Files {
		i, ok := at[f.Requirement]
		if !ok {
			i = len(papers)
			at[f.Requirement] = i
			papers = append(papers,
				submittedPaper{Requirement: requirementStart(v.lang, view.Version, f.Requirement)})
		}
		papers[i].Files = append(papers[i].Files, submittedFile{
			Path: address.DossierFile(v.lang, view.Dossier.Code, f.ID), Name: f.Name,
			Size: i18n.Size(v.lang, f.Size), SHA256: f.SHA256, From: fileSource(v.lang, f.Source),
		})
	}
	return papers
}

// answerGroups are the answers as people read them, one group a step of the form.
func answerGroups(l i18n.Lang, form *eform.Form, answers eform.Answers) []reviewGroup {
	if form == nil {
		return nil
	}
	var groups []reviewGroup
	at := 0
	for _, row := range form.Present(answers, l) {
		if row.Step != at {
			at = row.Step
			groups = append(groups, reviewGroup{Title: form.Step(at).Title.In(l)})
		}
		groups[len(groups)-1].add(row)
	}
	return groups
}

func (p *Portal) dossierFile(v *visit) error {
	f, err := p.Desk.DossierFile(v.ctx(), v.who(), codeOf(v), v.Params("file"))
	if err != nil {
		return err
	}
	return sendFile(v, f)
}
