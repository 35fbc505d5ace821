package portal

import (
	"errors"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
)

// documentRow is a paper that the portal holds already, with where it comes from.
type documentRow struct {
	Key, Name, Size string
	From            []piece
}

// A piece is a part of a sentence; Lang is its language where that is not the page's own.
type piece struct{ Text, Lang string }

func documentRows(l i18n.Lang, list []desk.Document) []documentRow {
	var rows []documentRow
	for _, d := range list {
		rows = append(rows, documentRow{d.Key, d.Name, i18n.Size(l, d.Size), fileSource(l, &d.Source)})
	}
	return rows
}

// fileSource says where a file was taken from; nil for one that was sent. An e-result has the name that its
// agency gave it, which is Vietnamese.
func fileSource(l i18n.Lang, s *dossier.FileSource) []piece {
	switch {
	case s == nil:
		return nil
	case s.Result == nil:
		return []piece{{Text: i18n.T(l, "files.from_dossier", "Dossier", s.Dossier, "Date", s.Date, "Agency",
			s.AgencyName)}}
	}
	const here = "\x00" // stands for the name, and in no text
	before, after, _ := strings.Cut(i18n.T(l, "files.from_result", "Name", here, "Number", s.Result.Number,
		"Date", s.Date, "Agency", s.AgencyName, "Dossier", s.Dossier, "Code", s.Result.Code), here)
	return []piece{{Text: before}, {s.Result.Name, foreign(l, i18n.Text{Vi: s.Result.Name})}, {Text: after}}
}

// useDocument gives a paper that the portal holds already for a requirement.
func (p *Portal) useDocument(v *visit) error {
	id, requirement := dossier.DraftID(v.Params("draft")), v.Params("requirement")
	_, err := p.Desk.UseDocument(v.ctx(), v.who(), id, requirement, v.FormValue("document"))
	if err == nil {
		return v.see(address.DraftFiles(v.lang, id) + "#" + desk.RequirementField(requirement))
	}
	return p.fileRefused(v, requirement, err)
}

// fileRefused shows the documents of a draft again. The requirement of a refused file says what was wrong.
func (p *Portal) fileRefused(v *visit, requirement string, err error) error {
	faults := fault.All(err)
	gone := errors.Is(err, desk.ErrNoDocument)
	if len(faults) == 0 || faults[0].Kind == fault.NotFound && !gone ||
		faults[0].Kind == fault.Forbidden || faults[0].Kind == fault.Unavailable {
		return err
	}
	view, viewErr := p.editable(v)
	if viewErr != nil || view == nil {
		return viewErr
	}
	status, _ := classify(err)
	return p.renderFiles(v, status, view, fault.List{faults[0].At(desk.RequirementField(requirement))},
		nil)
}
