package portal

import (
	"errors"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/agency"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
)

const (
	capacityInput = "capacity"
	fromInput     = "from"
	// The query has what was chosen before a switch of the language.
	askCapacity = "tu-cach"
	askFrom     = "mang-theo"
)

// errPartyChanged says that a page was made for another party than the one for which the person acts now.
var errPartyChanged = errors.New("portal: the page is of another party")

// filerForm is what the page of the place asks of who files.
type filerForm struct {
	Party identity.PartyID // for whom the page is made
	// Refused is set where the party may not file; there is nothing else on the page then.
	Refused  *switchForm
	Changed  string // says that the person acts for another party since the page was made
	Capacity *formField
	// Others are the organisations for which the person may file instead.
	Others []*switchForm
	From   *formField // drafts whose answers may be taken along
}

// filerOf asks what has to be asked of the party: nothing, mostly.
func (p *Portal) filerOf(v *visit, ver *procedure.Version, told procedure.Capacity) (filerForm, error) {
	who := v.who()
	f := filerForm{Party: who.Party}
	kind := who.Kind()
	err := ver.CheckFiler(kind, told)
	if errors.Is(err, procedure.ErrCitizensOnly) {
		f.Refused = switchTo(v, who.Person, i18n.T(v.lang, "party.as_person"), startAgain(v))
		return f, nil
	}
	offered := ver.Capacities()
	if kind == identity.Organisation || len(offered) == 0 {
		return f, nil
	}
	f.Capacity = &formField{Name: capacityInput, Label: i18n.T(v.lang, "start.capacity"),
		Hint: i18n.T(v.lang, "start.capacity_hint")}
	for _, c := range offered {
		option := fieldOption{Value: string(c), Label: i18n.T(v.lang, "procedure.capacity."+string(c)),
			Chosen: c == told}
		if c == procedure.OtherCapacity {
			option.Hint = i18n.T(v.lang, "start.capacity_other_hint")
		}
		f.Capacity.Options = append(f.Capacity.Options, option)
	}
	return f, nil
}

// startAgain is the page with its query, which its form is sent to as well.
func startAgain(v *visit) string { return address.In(v.lang, v.OriginalURL()) }

// elsewhere offers what the person could do instead at the beginning: file for an organisation, or take the
// answers of a draft along that an organisation may not file.
func (p *Portal) elsewhere(v *visit, ver *procedure.Version, f *filerForm, from string) error {
	if f.Capacity != nil {
		others, err := identity.Mandates(v.ctx(), p.Pool, p.Vault, v.who().Person)
		if err != nil {
			return err
		}
		for _, o := range others {
			f.Others = append(f.Others,
				switchTo(v, o.ID, i18n.T(v.lang, "party.for_organisation", "Name", o.Name), startAgain(v)))
		}
	}
	movable, err := p.Desk.Movable(v.ctx(), v.who(), ver)
	if err != nil || len(movable) == 0 {
		return err
	}
	f.From = &formField{Name: fromInput, Label: i18n.T(v.lang, "start.from"),
		Hint:    i18n.T(v.lang, "start.from_hint"),
		Options: []fieldOption{{Label: i18n.T(v.lang, "start.from_none"), Chosen: from == ""}}}
	for _, m := range movable {
		f.From.Options = append(f.From.Options, fieldOption{Value: string(m.Draft.ID),
			Chosen: from == string(m.Draft.ID),
			Label:  i18n.T(v.lang, "start.from_draft", "Owner", m.Owner.Name, "When", m.Draft.UpdatedAt)})
	}
	return nil
}

// stillFor returns errPartyChanged for a form whose page was made before the person switched to another
// party, say in another tab. A form that names no party is taken from who can act for themselves alone.
func (p *Portal) stillFor(v *visit) error {
	said := identity.PartyID(v.FormValue(filerInput))
	if said == v.who().Party {
		return nil
	}
	if said == "" {
		others, err := identity.Mandates(v.ctx(), p.Pool, p.Vault, v.who().Person)
		if err != nil || len(others) == 0 {
			return err
		}
	}
	return errPartyChanged
}

// refused leads an organisation that may not file to the page that offers what can be done.
func refused(v *visit, err error, code string) error {
	if errors.Is(err, procedure.ErrCitizensOnly) {
		return v.see(address.Start(v.lang, code))
	}
	return err
}

// citizensOnly is the offer on the page of a draft that its organisation may not file; nil for another draft.
func citizensOnly(v *visit, view *desk.DraftView) *switchForm {
	if view.Draft.Asked != nil || view.Owner.Kind != identity.Organisation || view.Version.ForOrganisation() {
		return nil
	}
	return switchToPerson(v, view)
}

// switchToPerson offers to begin anew as a person, with the answers of a draft at choice.
func switchToPerson(v *visit, view *desk.DraftView) *switchForm {
	return switchTo(v, v.who().Person, i18n.T(v.lang, "party.as_person"),
		address.Start(v.lang, view.Version.Code)+"?"+query(askFrom, string(view.Draft.ID)))
}

// startIn reads the form of the place.
func startIn(v *visit, code string, chosen *choosing) desk.StartIn {
	in := desk.StartIn{Procedure: code, Case: v.FormValue("case"), Agency: agency.ID(v.FormValue("agency")),
		Lang: v.lang, Answers: chosen.answers(), Capacity: procedure.Capacity(v.FormValue(capacityInput)),
		From: dossier.DraftID(v.FormValue(fromInput))}
	if in.Case == "" { // not asked about, or not answered
		in.Case = chosen.carried.Get(address.AskCase)
	}
	return in
}
