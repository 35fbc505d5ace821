package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"
)

// popularRows is how many procedures the home page names.
const popularRows = 6

type homePage struct {
	shell
	Popular []procedureRow
	Events  []eventTile
}

// procedureRow is a procedure in a list: its name and what matters first.
type procedureRow struct{ Path, Name, Note, Summary string }

type eventTile struct{ Path, Name, Note string }

func (p *Portal) home(v *visit) error {
	hits, err := procedure.Popular(v.ctx(), p.Pool, popularRows)
	if err != nil {
		return err
	}
	page := homePage{shell: p.shell(v, i18n.T(v.lang, "home.title"))}
	for _, h := range hits {
		page.Popular = append(page.Popular, p.rowOf(v, h))
	}
	for _, e := range procedure.LifeEvents() {
		page.Events = append(page.Events, eventTile{address.LifeEvent(v.l(), e.Slug), e.Name.In(v.lang), e.Note.In(v.lang)})
	}
	return p.render(v, "home", page)
}

// rowOf is a procedure with its fee and time in a few words.
func (p *Portal) rowOf(v *visit, h procedure.Hit) procedureRow {
	return procedureRow{
		Path: address.Procedure(v.l(), h.Code), Name: h.Name.In(v.lang),
		Summary: h.Summary.In(v.lang), Note: shortNote(v.lang, h),
	}
}
