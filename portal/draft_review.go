package portal

import (
	"errors"
	"slices"

	"congdvc/i18n"
	"congdvc/payments"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/procedure"

	"github.com/gofiber/fiber/v2"
)

// reviewPage shows every answer once more before anything is handed in.
type reviewPage struct {
	shell
	Procedure string
	Back      string
	Place     string
	PlacePath string
	// Deciding is the agency that decides, where it is another.
	Deciding  string
	Owner     string
	Person    string // who acts for the owner; "" for oneself
	Capacity  string // in which a person files, where it is asked
	Groups    []reviewGroup
	Files     []reviewFile
	Left      []reviewFile // optional documents that are not attached
	FilesPath string
	PDF       string // the form as a document, marked as a draft
	Fee       *feeTable
	FeeSaid   [][]string // what is known of a fee that the agency alone can tell, each by its lines
	Faults    []faultLink
	Confirm   []confirmBox // what is unlikely, and is confirmed here
	Unasked   []unaskedRow
	Submit    string
	Button    string
}

type reviewGroup struct {
	Title, Change string
	Parts         []reviewPart
	Notes         map[string]string // beside answers, by field: where they come from
}

// reviewPart are answers that follow each other, under the name of the person whom they are about.
type reviewPart struct {
	Person, Title string
	Rows          []eform.Row
}

type reviewFile struct {
	Requirement string
	Lang        string // of it, where it is not in the page's own language
	Rest        *restOfText
	Files       []fileRow
}

// feeTable is a fee line by line.
type feeTable struct {
	Lines      []feeRow
	Total      string
	TotalLabel string
	Words      string // the total in words
	// How says where and when it is paid.
	How []string
}

type feeRow struct {
	Name, Quantity, Amount, Basis, Note string
}

func (p *Portal) draftReview(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	if view.Draft.Asked == nil { // a dossier that was handed in stays under its version
		err := p.Desk.CheckVersion(v.ctx(), view.Draft)
		if errors.Is(err, desk.ErrNewVersion) {
			return v.see(address.Draft(v.lang, view.Draft.ID))
		}
		// A draft of a procedure that has ended can still be read.
		if err != nil && !errors.Is(err, procedure.ErrNotFound) {
			return err
		}
	}
	return p.renderReview(v, fiber.StatusOK, view, nil)
}

func (p *Portal) renderReview(v *visit, status int, view *desk.DraftView, faults fault.List) error {
	id := view.Draft.ID
	page := reviewPage{
		shell: p.shell(v, i18n.T(v.lang, "review.title")), Procedure: view.Version.Name.In(v.lang),
		Back: address.DraftFiles(v.lang, id), PlacePath: address.DraftPlace(v.lang, id),
		Owner: view.Owner.Name, FilesPath: address.DraftFiles(v.lang, id),
		PDF: address.DraftFormPDF(v.lang, id), Submit: address.DraftSubmit(v.lang, id),
		Button: i18n.T(v.lang, "review.submit"), Confirm: p.confirmBoxes(v, view, faults),
		Unasked: unaskedRows(v.lang, view),
	}
	if acting := p.actingOf(v); acting != nil {
		page.Person = acting.Person
	}
	if c := view.Capacity(); c != "" {
		page.Capacity = i18n.T(v.lang, "procedure.capacity."+string(c))
	}
	if view.Agency != nil {
		page.Place = view.Agency.Name.In(v.lang)
		if view.Deciding.ID != view.Agency.ID {
			page.Deciding = view.Deciding.Name.In(v.lang)
		}
	}
	page.Groups = reviewGroups(v, view)
	notes := givenNotes(v.lang, view.Form, view.Provenance())
	for i := range page.Groups {
		page.Groups[i].Notes = notes
	}
	for _, r := range view.Requirements {
		if r.Mode != procedure.Submit {
			continue
		}
		row := reviewFile{Lang: foreign(v.lang, r.Name)}
		row.Requirement, row.Rest = fold(v.lang, r.Name)
		for _, a := range view.FilesOf(r.ID) {
			row.Files = append(row.Files, fileRow{a.ID, a.Name, i18n.Size(v.lang, a.Size),
				address.DraftFile(v.lang, id, a.ID), fileSource(v.lang, a.Source)})
		}
		if len(row.Files) == 0 && r.Optional {
			page.Left = append(page.Left, row)
			continue
		}
		page.Files = append(page.Files, row)
	}
	if view.Draft.Asked != nil {
		page.Back, page.PlacePath, page.Button = address.Draft(v.lang, id), "",
			i18n.T(v.lang, "review.submit_supplement")
	} else if feeKnown(view.Fee) {
		page.Fee = p.feeOf(v, view)
		if p.Desk.PaidOnline(view.Fee) {
			page.Button = i18n.T(v.lang, "review.to_fee")
		}
	} else if view.Version.FeeUnsaid() {
		page.FeeSaid = textLines(v.lang, view.Version.FeeSaid())
	}
	if len(page.Confirm) > 0 {
		page.OtherForm = submitForm
	}
	page.Faults = p.reviewLinks(v, view, faults)
	page.HasErrors = len(page.Faults) > 0
	return p.renderStatus(v, status, "draft_review", page)
}

func reviewGroups(v *visit, view *desk.DraftView) []reviewGroup {
	var groups []reviewGroup
	at := 0
	for _, row := range view.Form.Present(view.Answers, v.lang) {
		if row.Step != at {
			at = row.Step
			groups = append(groups, reviewGroup{Title: view.Form.Step(at).Title.In(v.lang),
				Change: address.DraftStep(v.lang, view.Draft.ID, at)})
		}
		groups[len(groups)-1].add(row)
	}
	return groups
}

func (g *reviewGroup) add(row eform.Row) {
	n := len(g.Parts)
	if n == 0 || g.Parts[n-1].Person != row.Person {
		part := reviewPart{Person: row.Person}
		if row.Person != "" && row.Section != g.Title {
			part.Title = row.Section
		}
		g.Parts = append(g.Parts, part)
		n++
	}
	g.Parts[n-1].Rows = append(g.Parts[n-1].Rows, row)
}

// reviewLinks are the faults, each with a link to the page where it can be corrected.
func (p *Portal) reviewLinks(v *visit, view *desk.DraftView, faults fault.List) []faultLink {
	id := view.Draft.ID
	var links []faultLink
	for _, f := range faults {
		to := address.Draft(v.lang, id)
		switch step := stepOf(view, f); {
		case step > 0:
			to = address.DraftStep(v.lang, id, step) + "?xem=loi#" + f.Field
		case confirmLink(view, f) != "":
			to = confirmLink(view, f)
		case isRequirement(f.Field):
			to = address.DraftFiles(v.lang, id) + "?xem=loi#" + f.Field
		case f.Field == "agency" || f.Field == "case" || f.Field == capacityInput:
			to = address.DraftPlace(v.lang, id)
		}
		text := i18n.Fault(v.lang, f)
		if step := stepOf(view, f); step > 0 {
			text = view.Form.Step(step).Title.In(v.lang) + ": " + text
		}
		links = append(links, faultLink{to, text})
	}
	return links
}

// feeKnown reports whether there is more to say of a fee than that nothing is charged.
func feeKnown(f procedure.FeeQuote) bool {
	return f.Total > 0 || len(f.Unset) > 0 || slices.ContainsFunc(f.Free, func(l procedure.FeeLine) bool {
		return l.Exemption != nil
	})
}

func (p *Portal) feeOf(v *visit, view *desk.DraftView) *feeTable {
	t := quoteTable(v, &payments.Quote{Lines: desk.FeeLines(view.Fee), Total: view.Fee.Total})
	t.tell(v.lang, view.Fee)
	switch {
	case view.Fee.Total == 0:
	case p.Desk.PaidOnline(view.Fee):
		t.How = append(t.How, i18n.T(v.lang, "fee.online"))
	case view.Fee.Due == procedure.DueAtSubmission && p.Checkout != nil:
		t.How = append(t.How, i18n.T(v.lang, "fee.too_small", "Smallest", p.Desk.SmallestOnline))
	default:
		t.How = append(t.How, i18n.T(v.lang, "fee.at_counter"))
	}
	return t
}

// submitDraft hands the draft in with what was confirmed. Everything that is missing is said at once, with
// links to where it can be corrected. Switching the language posts here too: it hands nothing in, and keeps
// what is ticked.
func (p *Portal) submitDraft(v *visit) error {
	id, posted := dossier.DraftID(v.Params("draft")), postedValues(v)
	if err := p.confirm(v, posted); err != nil {
		return err
	}
	switch {
	case !v.signedIn:
		return v.see(loginAfterSaving(v))
	case len(posted[otherInput]) > 0:
		return v.see(v.place(v.lang.Other()))
	}
	submission, err := p.Desk.Submit(v.ctx(), v.who(), id)
	return p.afterSubmit(v, id, submission, err)
}

// afterSubmit leads on, or shows what keeps the draft from being handed in.
func (p *Portal) afterSubmit(v *visit, id dossier.DraftID, submission desk.Submission, err error) error {
	if err == nil {
		if submission.FeeDue {
			return v.see(address.DraftFee(v.lang, id))
		}
		return v.see(address.DossierConfirmation(v.lang, submission.Code))
	}
	if errors.Is(err, desk.ErrNewVersion) || errors.Is(err, procedure.ErrNotFound) {
		return v.see(address.Draft(v.lang, id))
	}
	faults := fault.All(err)
	for _, f := range faults {
		if f.Field == "" {
			return err
		}
	}
	if len(faults) == 0 {
		return err
	}
	view, viewErr := p.editable(v)
	if viewErr != nil || view == nil {
		return viewErr
	}
	return p.renderReview(v, fiber.StatusUnprocessableEntity, view, faults)
}
