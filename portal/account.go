package portal

import (
	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
)

type accountPage struct {
	shell
	Person  partyLine
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
	page := accountPage{shell: p.shell(v, i18n.T(v.lang, "account.title"))}
	for _, party := range parties {
		line := partyLine{party.ID, party.Name, party.Number, party.ID == v.who().Party}
		if party.ID == v.who().Person {
			page.Person = line
		}
		page.Parties = append(page.Parties, line)
	}
	return p.render(v, "account", page)
}

// switchParty lets a person act for an organisation that a login named, or for themselves. A page that offers
// the switch says where to go on.
func (p *Portal) switchParty(v *visit) error {
	if err := p.actFor(v); err != nil {
		return err
	}
	if back := v.FormValue("ve"); back != "" {
		return v.see(localPath(back, v.lang))
	}
	return v.see(address.Dossiers(v.lang))
}
