package portal

import (
	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk"
)

type accountPage struct {
	shell
	Person  partyLine
	Acting  identity.PartyID
	Parties []partyLine
}

type partyLine struct {
	ID           identity.PartyID
	Name, Number string
	Current      bool
}

func (p *Portal) account(v *visit) error {
	parties, err := identity.ActsFor(v.ctx(), p.Pool, p.Vault, v.who().Person)
	if err != nil {
		return err
	}
	page := accountPage{shell: p.shell(v, i18n.T(v.lang, "account.title")), Acting: v.who().Party}
	for _, party := range parties {
		line := partyLine{party.ID, party.Name, party.Number, party.ID == v.who().Party}
		if party.ID == v.who().Person {
			page.Person = line
		}
		page.Parties = append(page.Parties, line)
	}
	return p.render(v, "account", page)
}

// switchParty lets a person act for an organisation that this login named, or for themselves.
func (p *Portal) switchParty(v *visit) error {
	party := identity.PartyID(v.FormValue("party"))
	may, err := identity.MayAct(v.ctx(), p.Pool, v.who().Person, party, p.Now())
	if err != nil {
		return err
	}
	if !may {
		return desk.ErrNotAllowed
	}
	if err := p.Sessions.SwitchParty(v.ctx(), v.session.ID, party); err != nil {
		return err
	}
	return v.see(address.Dossiers(v.lang))
}
