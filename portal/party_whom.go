package portal

import (
	"errors"
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"

	"github.com/gofiber/fiber/v2"
)

// whomPage asks for whom somebody works who may act for an organisation. It is asked once a login, before
// anything else.
type whomPage struct {
	shell
	Faults  []faultLink
	Action  string
	Back    string
	Parties formField
}

// askWhom makes a session undecided whose person may act for others too, and gives the page to go to. Until
// it is answered the person acts for themselves.
func (p *Portal) askWhom(v *visit, who identity.Who, session, back string) (string, error) {
	others, err := identity.Mandates(v.ctx(), p.Pool, p.Vault, who.Person)
	if err != nil || len(others) == 0 {
		return back, err
	}
	return whomPath(v.lang, back), p.Sessions.Ask(v.ctx(), session)
}

func whomPath(l i18n.Lang, back string) string { return address.Whom(l) + "?" + query("ve", back) }

// undecided reports whether a request has to wait for the answer. The script's calls and the saves of a draft
// go on in the person's own name.
func (v *visit) undecided() bool {
	return v.session.Undecided && v.route.access == signedIn && v.route.manner().failing != byJSON
}

func (p *Portal) whom(v *visit) error {
	back := localPath(v.Query("ve"), v.lang)
	if !v.signedIn {
		return v.see(loginPath(v.lang, back))
	}
	page, err := p.whomForm(v, back)
	if err != nil {
		return err
	}
	return p.render(v, "party_whom", page)
}

// whomForm has the party chosen whose page the person is on the way to.
func (p *Portal) whomForm(v *visit, back string) (whomPage, error) {
	page := whomPage{
		shell: p.shell(v, i18n.T(v.lang, "party.whom.title")), Action: address.Whom(v.lang), Back: back,
		Parties: formField{Name: partyInput, Label: i18n.T(v.lang, "party.whom.label"),
			Hint: i18n.T(v.lang, "party.whom.hint")},
	}
	parties, err := identity.ActsFor(v.ctx(), p.Pool, p.Vault, v.who().Person)
	if err != nil {
		return page, err
	}
	owner, err := p.ownerAt(v.ctx(), back)
	if err != nil && !errors.Is(err, dossier.ErrNotFound) {
		return page, err
	}
	for _, party := range parties {
		option := fieldOption{Value: string(party.ID), Label: party.Name, Chosen: party.ID == owner,
			Hint: i18n.T(v.lang, "party.whom.tax_code", "Number", party.Number)}
		if party.Kind == identity.Person {
			option.Label = i18n.T(v.lang, "party.whom.self", "Name", party.Name)
			option.Hint = i18n.T(v.lang, "party.whom.self_hint")
		}
		page.Parties.Options = append(page.Parties.Options, option)
	}
	return page, nil
}

func (p *Portal) answerWhom(v *visit) error {
	back := localPath(v.FormValue("ve"), v.lang)
	if !v.signedIn {
		return v.see(loginPath(v.lang, back))
	}
	if strings.TrimSpace(v.FormValue(partyInput)) == "" {
		page, err := p.whomForm(v, back)
		if err != nil {
			return err
		}
		page.Parties.Error, page.HasErrors = i18n.T(v.lang, "party.whom.missing"), true
		page.Faults = []faultLink{{partyInput, page.Parties.Error}}
		v.at = func(lang string) string { return whomPath(i18n.Lang(lang), back) }
		return p.renderStatus(v, fiber.StatusUnprocessableEntity, "party_whom", page)
	}
	if err := p.actFor(v); err != nil {
		return err
	}
	return v.see(back)
}
