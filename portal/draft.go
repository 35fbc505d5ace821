package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

// draftPage is the task list of a draft: what is done, what is missing.
type draftPage struct {
	shell
	Procedure string
	Place     string
	PlacePath string
	Tasks     []task
	Ready     bool
	Review    string
	Discard   string
	Saved     string
	Expires   string
	// NewVersion is set when the procedure changed since the draft was begun.
	NewVersion string
	Changes    []changeGroup
	// Closed says that the procedure is no longer in force and has no successor.
	Closed bool
	// Successor takes the place of a procedure that is closed.
	Successor *link
	// CitizensOnly offers what can be done with a draft that its organisation may not file.
	CitizensOnly *switchForm
	// NoCapacity says that the person is still to say in what capacity they file.
	NoCapacity bool
	// Supplement is what the agency asks for.
	Supplement *supplementBox
	// Handover says how the draft came to the person from somebody else.
	Handover *handoverBox
	// Reads are readings by people of a draft on which several have worked.
	Reads []accessRow
}

type task struct {
	Name, Path, State string
	Done              bool
}

type supplementBox struct {
	Deadline string
	Items    []supplementItem
	Back     string
}

type supplementItem struct{ Name, Reason, Path string }

func (p *Portal) draft(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	id := view.Draft.ID
	page := draftPage{
		shell: p.shell(v, view.Version.Name.In(v.lang)), Procedure: view.Version.Name.In(v.lang),
		PlacePath: address.DraftPlace(v.lang, id), Review: address.DraftReview(v.lang, id),
		Discard: address.DraftDiscard(v.lang, id), Saved: i18n.DateTime(v.lang, view.Draft.UpdatedAt),
		Expires: i18n.DateTime(v.lang, view.Draft.ExpiresAt), Ready: len(view.Faults) == 0,
	}
	page.CitizensOnly = citizensOnly(v, view)
	page.NoCapacity = errors.Is(view.Faults, procedure.ErrNoCapacity)
	if view.Agency != nil {
		page.Place = view.Agency.Name.In(v.lang)
	}
	if page.Handover, err = p.handoverOf(v, view); err != nil {
		return err
	}
	if page.Reads, err = p.draftReads(v, view.Draft); err != nil {
		return err
	}
	if view.Draft.Asked != nil {
		page.Supplement = supplementOf(v, view)
		return p.render(v, "draft", page)
	}
	page.Tasks = tasksOf(v, view)
	if err := p.checkVersion(v, view, &page); err != nil {
		return err
	}
	return p.render(v, "draft", page)
}

// checkVersion says on the page that the procedure has changed, or has ended.
func (p *Portal) checkVersion(v *visit, view *desk.DraftView, page *draftPage) error {
	switch err := p.Desk.CheckVersion(v.ctx(), view.Draft); {
	case errors.Is(err, desk.ErrNewVersion):
		change, err := p.Desk.VersionChange(v.ctx(), v.who(), view.Draft.ID)
		if err != nil {
			return err
		}
		if errors.Is(change.Missing, procedure.ErrCitizensOnly) { // nothing to go over to
			page.CitizensOnly = switchToPerson(v, view)
			return nil
		}
		page.CitizensOnly = nil
		page.NewVersion = address.DraftVersion(v.lang, view.Draft.ID)
		page.Changes = changeGroups(v.lang, change)
	case errors.Is(err, procedure.ErrNotFound):
		page.Closed = true
		ended, err := procedure.EndedOn(v.ctx(), p.Pool, view.Draft.ProcedureCode, workday.DateOf(p.Now()))
		if err != nil && !errors.Is(err, procedure.ErrNotFound) {
			return err
		}
		if err == nil && ended.Successor != "" {
			page.Successor = &link{address.Procedure(v.lang, ended.Successor), ended.Next.In(v.lang)}
		}
	case err != nil:
		return err
	}
	return nil
}

// tasksOf gives one row a step and one for the documents, each with what is missing.
func tasksOf(v *visit, view *desk.DraftView) []task {
	missing, files := map[int]int{}, 0
	for _, f := range view.Faults {
		if step := stepOf(view, f); step > 0 {
			missing[step]++
		} else if isRequirement(f.Field) {
			files++
		}
	}
	var tasks []task
	for _, n := range view.Form.VisibleSteps(view.Answers) {
		tasks = append(tasks, taskOf(v, view.Form.Step(n).Title.In(v.lang),
			address.DraftStep(v.lang, view.Draft.ID, n), missing[n]))
	}
	return append(tasks, taskOf(v, i18n.T(v.lang, "draft.files"), address.DraftFiles(v.lang, view.Draft.ID),
		files))
}

func taskOf(v *visit, name, path string, missing int) task {
	if missing == 0 {
		return task{Name: name, Path: path, State: i18n.T(v.lang, "draft.done"), Done: true}
	}
	return task{Name: name, Path: path, State: i18n.T(v.lang, "draft.missing", "Count", missing)}
}

// stepOf is the step that a fault of an answer belongs to, 0 for another fault.
func stepOf(view *desk.DraftView, f *fault.Fault) int {
	id, ok := view.Form.FieldOf(f.Field)
	if !ok {
		return 0
	}
	return view.Form.Field(id).Step()
}

func supplementOf(v *visit, view *desk.DraftView) *supplementBox {
	id := view.Draft.ID
	box := &supplementBox{
		Deadline: i18n.LongDate(v.lang, lastDay(view.Draft.Asked.Deadline)),
		Back:     address.Dossier(v.lang, view.DossierCode),
	}
	for _, field := range view.Draft.Asked.Fields {
		f := view.Form.Field(field)
		box.Items = append(box.Items,
			supplementItem{view.Form.Step(f.Step()).Title.In(v.lang) + ": " + f.Label.In(v.lang),
				view.Reasons[field], address.DraftStep(v.lang, id, f.Step()) + "#" + field})
	}
	for _, r := range view.Requirements {
		if view.Draft.MayAttach(r.ID) {
			box.Items = append(box.Items, supplementItem{r.Name.In(v.lang), view.Reasons[r.ID],
				address.DraftFiles(v.lang, id) + "#" + desk.RequirementField(r.ID)})
		}
	}
	return box
}

func (p *Portal) discardDraft(v *visit) error {
	if err := p.Desk.DiscardDraft(v.ctx(), v.who(), dossier.DraftID(v.Params("draft"))); err != nil {
		return err
	}
	return v.see(address.Dossiers(v.lang))
}

func (p *Portal) acceptVersion(v *visit) error {
	view, err := p.Desk.DraftForm(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if err != nil {
		return err
	}
	if err := p.Desk.AcceptNewVersion(v.ctx(), v.who(), view.Draft.ID); err != nil {
		return refused(v, err, view.Version.Code)
	}
	return v.see(address.Draft(v.lang, v.Params("draft")))
}
