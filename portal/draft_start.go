package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// startPage asks where to hand in, and for which case.
type startPage struct {
	shell
	filerForm
	Faults    []faultLink
	Procedure string
	Back      string
	Agency    formField
	Cases     *formField
	// Drafts are open drafts of the same procedure: the person may prefer to go on with one.
	Drafts []link
	// Pending are dossiers of the same procedure that are being handled.
	Pending []link
	Button  string
}

func (p *Portal) start(v *visit) error {
	ver, err := procedure.InForce(v.ctx(), p.Pool, v.Params("procedure"), workday.DateOf(p.Now()))
	if err != nil {
		return p.notInForce(v, v.Params("procedure"), workday.DateOf(p.Now()), err)
	}
	if !ver.Online() {
		return desk.ErrNotOnline
	}
	chosen, err := p.choose(v, ver, workday.DateOf(p.Now()))
	if err != nil {
		return err
	}
	page, err := p.placeForm(v, ver, chosen.officeID(), chosen.choice.Case,
		procedure.Capacity(v.Query(askCapacity)))
	if err != nil {
		return err
	}
	if err := p.elsewhere(v, ver, &page.filerForm, v.Query(askFrom)); err != nil {
		return err
	}
	if err := p.openWorkOf(v, ver.Code, &page); err != nil {
		return err
	}
	return p.render(v, "draft_start", page)
}

func (p *Portal) placeForm(
	v *visit, ver *procedure.Version, chosen agency.ID, chosenCase string, told procedure.Capacity,
) (page startPage, err error) {
	page = startPage{
		shell: p.shell(v, i18n.T(v.lang, "start.title")), Procedure: ver.Name.In(v.lang),
		Back: address.Procedure(v.lang, ver.Code), Button: i18n.T(v.lang, "start.button"),
		Agency: formField{Name: "agency", Label: i18n.T(v.lang, "start.agency"),
			Hint:    i18n.T(v.lang, "start.agency_hint"),
			Options: []fieldOption{{Label: i18n.T(v.lang, "start.agency_choose")}}},
	}
	if page.filerForm, err = p.filerOf(v, ver, told); err != nil {
		return page, err
	}
	if page.Refused != nil {
		page.Title = i18n.T(v.lang, "start.refused")
		return page, nil
	}
	page.OtherForm = placeFormID
	offices, err := agency.Receiving(v.ctx(), p.Pool, ver.ReceivedBy.Takers(), workday.DateOf(p.Now()))
	if err != nil {
		return page, err
	}
	for _, a := range offices {
		page.Agency.Options = append(page.Agency.Options,
			fieldOption{Value: string(a.ID), Label: a.Name.In(v.lang), Chosen: a.ID == chosen})
	}
	fits := ver.Fits(chosenCase, procedure.Online)
	if cases := ver.CasesFor(procedure.Online); len(cases) > 1 || !fits {
		page.Cases = &formField{Name: "case", Label: i18n.T(v.lang, "start.case")}
		if !fits {
			page.Cases.Hint = i18n.Fault(v.lang, fault.All(desk.NotOnline(ver, chosenCase))[0])
		}
		for _, c := range cases {
			page.Cases.Options = append(page.Cases.Options, fieldOption{Value: c.ID,
				Label: c.Name.In(v.lang), Hint: c.Help.In(v.lang), Chosen: c.ID == chosenCase})
		}
	}
	return page, nil
}

func (p *Portal) startDraft(v *visit) error {
	ver, err := procedure.InForce(v.ctx(), p.Pool, v.Params("procedure"), workday.DateOf(p.Now()))
	if err != nil {
		return err
	}
	// The form is sent to the page's own address, whose query still has what was answered before.
	chosen, err := p.choose(v, ver, workday.DateOf(p.Now()))
	if err != nil {
		return err
	}
	if v.FormValue(otherInput) != "" {
		return v.see(chosen.inOther(v, address.Start(v.other(), ver.Code)))
	}
	in := startIn(v, ver.Code, chosen)
	var draft *dossier.Draft
	if err = p.stillFor(v); err == nil {
		draft, err = p.Desk.StartDraft(v.ctx(), v.who(), in)
	}
	if err == nil {
		return v.see(address.DraftStep(v.lang, draft.ID, 1))
	}
	page, formErr := p.placeForm(v, ver, in.Agency, in.Case, in.Capacity)
	if formErr != nil {
		return formErr
	}
	if formErr := p.elsewhere(v, ver, &page.filerForm, string(in.From)); formErr != nil {
		return formErr
	}
	return p.placeFaults(v, page, err)
}

// placeFaults shows the form of the place again with what is wrong in it.
func (p *Portal) placeFaults(v *visit, page startPage, err error) error {
	switch {
	case errors.Is(err, errPartyChanged):
		page.Changed = i18n.T(v.lang, "start.changed")
		return p.renderStatus(v, fiber.StatusConflict, "draft_start", page)
	case errors.Is(err, procedure.ErrCitizensOnly) && page.Refused != nil:
		return p.renderStatus(v, fiber.StatusConflict, "draft_start", page)
	}
	for _, f := range fault.All(err) {
		text := i18n.Fault(v.lang, f)
		switch {
		case f.Field == "agency":
			page.Agency.Error = text
		case f.Field == capacityInput && page.Capacity != nil:
			page.Capacity.Error, page.Capacity.Hint = text, ""
		case f.Field == fromInput && page.From != nil:
			page.From.Error = text
		case f.Field == "case" && page.Cases != nil:
			page.Cases.Error, page.Cases.Hint = text, ""
		default:
			return err
		}
		page.Faults = append(page.Faults, faultLink{f.Field, text})
	}
	if len(page.Faults) == 0 {
		return err
	}
	page.HasErrors = true
	return p.renderStatus(v, fiber.StatusUnprocessableEntity, "draft_start", page)
}

func (p *Portal) draftPlace(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	page, err := p.placeOf(v, view)
	if err != nil {
		return err
	}
	return p.render(v, "draft_start", page)
}

// placeOf shows the place of a draft. The query has what was chosen, and not saved, before a switch of the
// language.
func (p *Portal) placeOf(v *visit, view *desk.DraftView) (startPage, error) {
	chosen, err := p.choose(v, view.Version, workday.DateOf(p.Now()))
	if err != nil {
		return startPage{}, err
	}
	office, chosenCase := chosen.officeID(), view.Draft.Case
	if view.Draft.ReceivingAgency != nil && !v.Context().QueryArgs().Has(address.AskAgency) {
		office = *view.Draft.ReceivingAgency
	}
	if chosen.carried.Has(address.AskCase) {
		chosenCase = chosen.choice.Case
	}
	told := view.Draft.Capacity
	if v.Context().QueryArgs().Has(askCapacity) {
		told = procedure.Capacity(v.Query(askCapacity))
	}
	page, err := p.placeForm(v, view.Version, office, chosenCase, told)
	page.Back, page.Button = address.Draft(v.lang, view.Draft.ID), i18n.T(v.lang, "form.save")
	if page.Refused != nil {
		page.Refused = citizensOnly(v, view)
	}
	return page, err
}

func (p *Portal) setDraftPlace(v *visit) error {
	view, err := p.editable(v)
	if err != nil || view == nil {
		return err
	}
	if v.FormValue(otherInput) != "" {
		chosen, err := p.choose(v, view.Version, workday.DateOf(p.Now()))
		if err != nil {
			return err
		}
		return v.see(chosen.inOther(v, address.DraftPlace(v.other(), view.Draft.ID)))
	}
	err = p.Desk.SetPlace(v.ctx(), v.who(), view.Draft.ID,
		desk.PlaceIn{Agency: agency.ID(v.FormValue("agency")), Case: v.FormValue("case"),
			Capacity: procedure.Capacity(v.FormValue(capacityInput))})
	if err == nil {
		return v.see(address.Draft(v.lang, view.Draft.ID))
	}
	page, formErr := p.placeOf(v, view)
	if formErr != nil {
		return formErr
	}
	return p.placeFaults(v, page, err)
}

// editable reads the draft of the path. If it cannot be edited, it redirects to the page for its state and
// returns nil.
func (p *Portal) editable(v *visit) (*desk.DraftView, error) {
	view, err := p.Desk.Draft(v.ctx(), v.who(), dossier.DraftID(v.Params("draft")))
	if err != nil {
		return nil, err
	}
	id := view.Draft.ID
	switch view.Draft.State {
	case dossier.Frozen:
		return nil, v.see(address.DraftFee(v.lang, id))
	case dossier.Filed:
		return nil, p.seeDossier(v, view.Draft)
	case dossier.Discarded:
		return nil, dossier.ErrNotFound
	}
	return view, nil
}

func (p *Portal) seeDossier(v *visit, d *dossier.Draft) error {
	found, err := dossier.FindByDraft(v.ctx(), p.Pool, p.Vault, d.ID, v.who().Party)
	if err != nil {
		return err
	}
	return v.see(address.Dossier(v.lang, found.Code))
}
