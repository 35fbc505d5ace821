package portal

import (
	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/workday"
)

// filedRows is how many dossiers that a person filed for others are listed.
const filedRows = 20

// accountPage keeps apart what is the person's own and what is the organisation's for which they act.
type accountPage struct {
	shell
	Person       []fact
	Organisation []fact // empty for a person who acts for themselves
	Unread       string // notices of the party that the person has not read
	Parties      []partyLine
	// Filed are dossiers that the person handed in for others than the party, with who has read them.
	Filed []dossierLink
}

// fact is one row of what is known of a party.
type fact struct {
	Label, Value string
	Code         bool // is set as a code
}

type partyLine struct {
	ID                   identity.PartyID
	Name, Number, Unread string
	Current              bool
}

func (p *Portal) account(v *visit) error {
	parties, err := identity.ActsFor(v.ctx(), p.Pool, p.Vault, v.who().Person)
	if err != nil {
		return err
	}
	ids := make([]identity.PartyID, len(parties))
	for i, party := range parties {
		ids[i] = party.ID
	}
	unread, err := notice.Unread(v.ctx(), p.Pool, v.who().Person, ids...)
	if err != nil {
		return err
	}
	page := accountPage{shell: p.shell(v, i18n.T(v.lang, "account.title")),
		Unread: unreadText(v.lang, unread[v.who().Party])}
	for _, party := range parties {
		line := partyLine{party.ID, party.Name, party.Number, "", party.ID == v.who().Party}
		switch {
		case party.ID == v.who().Person:
			page.Person = personFacts(v.lang, &party)
		case line.Current:
			page.Organisation = []fact{{i18n.T(v.lang, "account.organisation_name"), party.Name, false},
				{i18n.T(v.lang, "account.tax_code"), party.Number, true}}
		}
		if !line.Current {
			line.Unread = unreadText(v.lang, unread[party.ID])
		}
		page.Parties = append(page.Parties, line)
	}
	if page.Filed, err = p.filedFor(v); err != nil {
		return err
	}
	return p.render(v, "account", page)
}

func unreadText(l i18n.Lang, count int) string {
	if count == 0 {
		return ""
	}
	if count >= notice.UnreadMost {
		return i18n.T(l, "account.unread_many", "Least", notice.UnreadMost-1)
	}
	return i18n.T(l, "account.unread", "Count", count)
}

// personFacts are what the account of a person says; what it does not say is left out.
func personFacts(l i18n.Lang, p *identity.Party) []fact {
	facts := []fact{{i18n.T(l, "account.name"), p.Name, false}, {i18n.T(l, "account.number"), p.Number, true}}
	born := p.Profile.Born
	if day, err := workday.ParseDate(born); err == nil {
		born = i18n.Date(l, day)
	}
	for _, f := range []fact{
		{i18n.T(l, "account.born"), born, false}, {i18n.T(l, "account.phone"), p.Profile.Phone, false},
		{i18n.T(l, "account.email"), p.Profile.Email, false},
		{i18n.T(l, "account.address"), p.Profile.Address, false},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// filedFor lists what the person handed in for others, and leads to who has read it.
func (p *Portal) filedFor(v *visit) ([]dossierLink, error) {
	list, err := dossier.FiledFor(v.ctx(), p.Pool, p.Vault, v.who().Person, v.who().Party, filedRows)
	if err != nil {
		return nil, err
	}
	var rows []dossierLink
	for _, d := range list {
		rows = append(rows, dossierLink{address.DossierAccess(v.lang, d.Code), string(d.Code),
			i18n.T(v.lang, "account.filed_row", "Date", workday.DateOf(d.SubmittedAt))})
	}
	return rows, nil
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
