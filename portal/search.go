package portal

import (
	"congdvc/i18n"
	"congdvc/services/procedure"
)

// searchRows is how many hits one page of the search shows.
const searchRows = 20

type searchPage struct {
	shell
	Query   string
	Total   int
	Hits    []procedureRow
	Popular []procedureRow
}

func (p *Portal) search(v *visit) error {
	q := v.Query("q")
	page := searchPage{Query: q}
	title := i18n.T(v.lang, "search.title")
	if q != "" {
		hits, total, err := procedure.Search(v.ctx(), p.Pool, procedure.Query{Text: q, Limit: searchRows})
		if err != nil {
			return err
		}
		page.Total = total
		for _, h := range hits {
			page.Hits = append(page.Hits, p.rowOf(v, h))
		}
		title = i18n.T(v.lang, "search.title_for", "Query", q)
	}
	if len(page.Hits) == 0 {
		popular, err := procedure.Popular(v.ctx(), p.Pool, popularRows)
		if err != nil {
			return err
		}
		for _, h := range popular {
			page.Popular = append(page.Popular, p.rowOf(v, h))
		}
	}
	page.shell = p.shell(v, title)
	return p.render(v, "search", page)
}

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
		page.Rows = append(page.Rows, p.rowOf(v, h))
	}
	return p.render(v, "event", page)
}
