package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/dossier"
)

// openWorkOf names the drafts and dossiers of the same procedure that are under way: the person may prefer to
// go on with one.
func (p *Portal) openWorkOf(v *visit, code string, page *startPage) error {
	drafts, err := dossier.Drafts(v.ctx(), p.Pool, p.Vault, v.who().Party)
	if err != nil {
		return err
	}
	names, err := p.workers(v, drafts)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if d.ProcedureCode != code || d.Asked != nil {
			continue
		}
		text := i18n.T(v.lang, "start.draft", "When", d.UpdatedAt)
		if name := names[d.Acting()]; name != "" {
			text += ". " + i18n.T(v.lang, "go_on.row", "Name", name)
		}
		page.Drafts = append(page.Drafts, link{address.Draft(v.lang, d.ID), text})
	}
	pending, err := dossier.UnderWay(v.ctx(), p.Pool, p.Vault, v.who().Party, code)
	if err != nil {
		return err
	}
	for _, d := range pending {
		page.Pending = append(page.Pending, link{address.Dossier(v.lang, d.Code),
			i18n.T(v.lang, "start.pending", "Code", d.Code, "State", i18n.T(v.lang, d.Status.Key()), "When",
				d.SubmittedAt)})
	}
	return nil
}
