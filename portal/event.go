package portal

import (
	"congdvc/services/procedure"
)

type eventPage struct {
	shell
	Note string
	Rows []procedureRow
}

func (p *Portal) event(v *visit) error {
	e, hits, err := procedure.ByLifeEvent(v.ctx(), p.Pool, v.Params("event"))
	if err != nil {
		return err
	}
	page := eventPage{shell: p.shell(v, e.Name.In(v.lang)), Note: e.Note.In(v.lang)}
	for _, h := range hits {
		page.Rows = append(page.Rows, p.foundRow(v, h))
	}
	return p.render(v, "event", page)
}
