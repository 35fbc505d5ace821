package portal

import (
	"slices"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// Names of inputs that belong to the page and not to the form.
const (
	operationInput = "__op"
	refreshInput   = "__refresh"
	basePrefix     = "__base."
	keepPrefix     = "__keep."
	keepTheirs     = "theirs"
	otherInput     = "__lang"
	// stepForm is the id of the form of a step.
	stepForm = "step"
)

// stepPage is one question page of a form.
type stepPage struct {
	shell
	Procedure    string
	Heading      string
	Intro        string
	Number, Last int // of the steps that are asked
	Back         string
	Action       string
	Sections     []sectionView
	Communes     []communeList
	Dictionaries []dictionaryList
	// Watched and Given are for the script that shows and hides questions: types of inputs, and answers
	// without one.
	Watched, Given string
	Faults         []faultLink
	Operation      string
	Saved, Unsaved string // Unsaved says that something on the page is not
	// Notice is said when answers opened further questions.
	Notice string
	// Conflicts says that fields were changed elsewhere.
	Conflicts int
	Reason    string
	Wait      string // says from when the page can be saved; it is not saved yet
}

func (p *Portal) draftStep(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	step := stepOfPath(v, view.Form)
	if step == nil {
		return fiber.ErrNotFound
	}
	if !slices.Contains(view.Form.VisibleSteps(view.Answers), view.Form.Number(step)) {
		// Because of other answers this step is no longer asked.
		return v.see(address.Draft(v.lang, view.Draft.ID))
	}
	form := formView{lang: v.lang, view: view, answers: view.Answers}
	if v.Query("xem") == "loi" {
		form.faults = view.Form.CheckStep(step, view.Answers, workday.DateOf(p.Now()))
	}
	if err := p.resume(v, step, &form); err != nil {
		return err
	}
	return p.renderStep(v, fiber.StatusOK, step, form)
}

func stepOfPath(v *visit, f *eform.Form) *eform.Step {
	n, err := strconv.Atoi(v.Params("step"))
	if err != nil {
		return nil
	}
	return f.Step(n)
}

func (p *Portal) renderStep(v *visit, status int, step *eform.Step, form formView) error {
	view, id := form.view, form.view.Draft.ID
	n := view.Form.Number(step)
	visible := view.Form.VisibleSteps(form.answers)
	page := stepPage{
		shell: p.shell(v, step.Title.In(v.lang)), Procedure: view.Version.Name.In(v.lang),
		Heading: step.Title.In(v.lang), Intro: step.Intro.In(v.lang), Number: slices.Index(visible, n) + 1,
		Last: len(visible) + 2, Back: backOfStep(v, id, visible, n), Action: address.DraftStep(v.lang, id, n),
		Operation: postgres.NewID(), Saved: i18n.Clock(v.lang, view.Draft.UpdatedAt), Notice: form.notice,
		Conflicts: len(form.conflicts),
	}
	var err error
	if page.Communes, err = p.communeLists(v, view.Form, step, form.answers); err != nil {
		return err
	}
	page.OtherForm = stepForm
	page.Sections = form.sections(step)
	page.Watched, page.Given = form.watched(step)
	page.Dictionaries = dictionaryLists(v.lang, step)
	page.Combobox, page.Unsaved = len(page.Dictionaries) > 0, form.unsaved(step)
	if page.Wait = form.wait; page.Wait != "" {
		page.Unsaved = page.Wait
	}
	page.Faults = faultLinks(v.lang, form.faults)
	page.HasErrors = len(page.Faults) > 0
	return p.renderStatus(v, status, "draft_step", page)
}

func faultLinks(l i18n.Lang, faults fault.List) []faultLink {
	var links []faultLink
	for _, f := range faults {
		links = append(links, faultLink{f.Field, i18n.Fault(l, f)})
	}
	return links
}

func backOfStep(v *visit, id dossier.DraftID, visible []int, n int) string {
	back := address.Draft(v.lang, id)
	for _, s := range visible {
		if s < n {
			back = address.DraftStep(v.lang, id, s)
		}
	}
	return back
}

// saveDraftStep saves what was typed, right or wrong, and then says what is wrong. After a soft end of the
// session it saves, and then asks to log in.
func (p *Portal) saveDraftStep(v *visit) error {
	id := dossier.DraftID(v.Params("draft"))
	view, err := p.Desk.Draft(v.ctx(), v.who(), id)
	if err != nil {
		return err
	}
	if view.Draft.State != dossier.Editing {
		// Its page leads on, to the login as well.
		return v.see(address.Draft(v.lang, id))
	}
	step := stepOfPath(v, view.Form)
	if step == nil {
		return fiber.ErrNotFound
	}
	posted := postedValues(v)
	typed, decoded, err := p.decodeStep(v, view.Form, step, posted)
	if err != nil {
		return err
	}
	in, unlisted := saveIn(view, typed, posted)
	conflicts, err := p.Desk.SaveStep(v.ctx(), v.who(), id, in)
	if err != nil {
		return err
	}
	if !v.signedIn && len(unlisted) > 0 {
		return p.askToLogIn(v) // it holds the page
	}
	if !v.signedIn {
		if len(conflicts) > 0 {
			return v.see(loginPath(v.lang, v.place(v.lang)))
		}
		return v.see(loginAfterSaving(v))
	}
	if len(posted[otherInput]) > 0 && len(conflicts)+len(decoded)+len(unlisted) == 0 {
		return v.see(v.place(v.lang.Other()))
	}
	return p.afterSaving(v, step, savedStep{id, typed, posted, conflicts, decoded})
}

// decodeStep reads what was posted of a step. The faults are those of eform.DecodeStep.
func (p *Portal) decodeStep(
	v *visit, f *eform.Form, step *eform.Step, posted map[string][]string,
) (eform.Answers, fault.List, error) {
	typed, faults := f.DecodeStep(step, func(name string) []string { return posted[name] })
	settled, err := p.Desk.WithCommunes(v.ctx(), f, typed)
	return settled, fault.All(faults), err
}

// loginAfterSaving is the login page that says: the session has ended, and all that was sent is saved.
func loginAfterSaving(v *visit) string {
	return loginPath(v.lang, v.place(v.lang)) + "&" + query("da-luu", "1")
}

// saveIn takes those posted fields that may be changed now. The unlisted ones hold a text that is no entry of
// their dictionary; a draft does not keep it.
func saveIn(
	view *desk.DraftView, typed eform.Answers, posted map[string][]string,
) (in desk.SaveIn, unlisted []*eform.Field) {
	in = desk.SaveIn{Operation: first(posted[operationInput]), Answers: eform.Answers{},
		Bases: map[string]int{}}
	if _, _, ok := dossier.ParseOperation(in.Operation); !ok {
		in.Operation = postgres.NewID()
	}
	for field, value := range typed {
		_, shown := posted[basePrefix+field]
		if !shown || !view.Draft.MayChange(field) || first(posted[keepPrefix+field]) == keepTheirs {
			continue
		}
		base, err := strconv.Atoi(first(posted[basePrefix+field]))
		if err != nil {
			base = 0
		}
		f := view.Form.Field(field)
		kept, all := f.Storable(value)
		if !all {
			unlisted = append(unlisted, f)
		}
		in.Answers[field], in.Bases[field] = kept, base
	}
	in.Reasons = reasonsIn(view, posted)
	return in, unlisted
}

// savedStep is what came of one page of a form that was sent.
type savedStep struct {
	draft     dossier.DraftID
	typed     eform.Answers
	posted    map[string][]string
	conflicts []dossier.Conflict
	decoded   fault.List // what could not be read
}

// afterSaving shows the page again when there is something to correct, a new question or a conflict.
// Otherwise it leads on.
func (p *Portal) afterSaving(v *visit, step *eform.Step, saved savedStep) error {
	posted := saved.posted
	view, err := p.Desk.Draft(v.ctx(), v.who(), saved.draft)
	if err != nil {
		return err
	}
	on := workday.DateOf(p.Now())
	form := formView{lang: v.lang, view: view, answers: merge(view.Answers, saved.typed, posted),
		conflicts: byField(saved.conflicts), posted: posted}
	check, _ := view.Form.Prune(form.answers)
	faults := append(saved.decoded, view.Form.CheckStep(step, check, on)...)
	faults = append(faults, undrawnReasons(view, form.answers, posted)...)
	asked, fresh := partFaults(view, faults, posted)
	pressed := len(posted[eform.ButtonAdd])+len(posted[eform.ButtonRemove]) > 0
	switch {
	case len(saved.conflicts) > 0:
		form.faults = asked
		return p.renderStep(v, fiber.StatusConflict, step, form)
	case pressed || len(posted[refreshInput]) > 0:
		return p.renderStep(v, fiber.StatusOK, step, form)
	case len(asked) > 0:
		form.faults = asked
		return p.renderStep(v, fiber.StatusUnprocessableEntity, step, form)
	case len(fresh) > 0:
		form.notice = i18n.T(v.lang, "step.more_questions")
		return p.renderStep(v, fiber.StatusOK, step, form)
	}
	return v.see(nextOfStep(v, view, view.Form.Number(step)))
}

// merge lays what was typed over what is saved, so that the page shows what the person sees as theirs.
func merge(saved, typed eform.Answers, posted map[string][]string) eform.Answers {
	all := eform.Answers{}
	for id, value := range saved {
		all[id] = value
	}
	for id, value := range typed {
		if _, shown := posted[basePrefix+id]; shown && first(posted[keepPrefix+id]) != keepTheirs {
			all[id] = value
		}
	}
	return all
}

// partFaults separates the faults of questions that were on the page from those of questions that its answers
// have just opened.
func partFaults(
	view *desk.DraftView, faults fault.List, posted map[string][]string,
) (asked, fresh fault.List) {
	for _, f := range faults {
		id, ok := view.Form.FieldOf(f.Field)
		if _, shown := posted[basePrefix+id]; ok && !shown {
			fresh.Add(f)
			continue
		}
		asked.Add(f)
	}
	return asked, fresh
}

func nextOfStep(v *visit, view *desk.DraftView, n int) string {
	id := view.Draft.ID
	if view.Draft.Asked != nil {
		return address.Draft(v.lang, id)
	}
	for _, s := range view.Form.VisibleSteps(view.Answers) {
		if s > n {
			return address.DraftStep(v.lang, id, s)
		}
	}
	return address.DraftFiles(v.lang, id)
}

// postedValues are the inputs of a form by name, in the order of posting.
func postedValues(v *visit) map[string][]string {
	posted := map[string][]string{}
	v.Request().PostArgs().VisitAll(func(name, value []byte) {
		posted[string(name)] = append(posted[string(name)], string(value))
	})
	return posted
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func byField(conflicts []dossier.Conflict) map[string]dossier.Conflict {
	by := map[string]dossier.Conflict{}
	for _, c := range conflicts {
		by[c.Field] = c
	}
	return by
}

func isRequirement(field string) bool { return strings.HasPrefix(field, desk.RequirementField("")) }
