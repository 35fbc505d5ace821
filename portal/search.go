package portal

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"
)

const (
	// searchRows is how many hits one page of the search shows.
	searchRows = 20
	// lastPage bounds paging; nobody reads further.
	lastPage = 200
	// nearestRows is how many procedures are offered when nothing was found.
	nearestRows = 5
)

// searchPage is the search with its filters, all of them links and a GET form.
type searchPage struct {
	shell
	Box      searchBox
	Query    string // as it was typed, cut for showing
	Total    int
	Heading  string
	Ended    *endedNote
	Hits     []procedureRow
	Filters  []filterBox
	Set      []link // filters that are set, each with the page without it
	Clear    string // the page without any filter
	Previous string
	Next     string
	Where    string // which page of how many
	Nearest  []procedureRow
	Popular  []procedureRow
	Events   []eventTile
}

// filterBox is one filter with its values and how many procedures each would leave.
type filterBox struct {
	formField
	Set bool
}

// The parameters of a search. Vietnamese without marks, as the paths are.
const (
	paramText     = "q"
	paramField    = "linh-vuc"
	paramLevel    = "muc-do"
	paramAudience = "doi-tuong"
	paramReceiver = "noi-nhan"
	paramPage     = "trang"
)

// filterNames are the names of the field and of the single agency to which a search is narrowed down; ""
// where it is not.
type filterNames struct{ field, body string }

// searchAsked reads the parameters; what none of the filters knows is left out.
func (p *Portal) searchAsked(v *visit) (q procedure.Query, names filterNames, err error) {
	q = procedure.Query{Text: strings.ToValidUTF8(strings.TrimSpace(v.Query(paramText)), ""),
		Limit: searchRows}
	if level := procedure.Level(v.Query(paramLevel)); oneOf(string(level), levels) {
		q.Level = level
	}
	if audience := v.Query(paramAudience); oneOf(audience, audiences) {
		q.Audience = audience
	}
	if receiver := v.Query(paramReceiver); oneOf(receiver, receivers) {
		q.Receiver = receiver
	}
	if n, err := strconv.Atoi(v.Query(paramPage)); err == nil && n > 1 {
		q.Offset = (min(n, lastPage) - 1) * searchRows
	}
	if code := v.Query(paramField); code != "" {
		name, err := procedure.FieldName(v.ctx(), p.Pool, code)
		switch {
		case err == nil:
			q.Field, names.field = code, name.In(v.lang)
		case !errors.Is(err, procedure.ErrNotFound):
			return q, names, err
		}
	}
	body, err := procedure.FindAgency(v.ctx(), p.Pool, v.Query(paramReceiver), q.On)
	switch {
	case err == nil:
		q.Receiver, names.body = body.Code, body.Name.In(v.lang)
	case !errors.Is(err, procedure.ErrNotFound):
		return q, names, err
	}
	return q, names, nil
}

func (p *Portal) search(v *visit) error {
	q, names, err := p.searchAsked(v)
	if err != nil {
		return err
	}
	found, err := procedure.Look(v.ctx(), p.Pool, q)
	if err != nil {
		return err
	}
	if len(found.Hits) == 0 && found.Total > 0 && q.Offset > 0 {
		// For a page behind the last one, the last one is shown.
		q.Offset = (found.Total - 1) / searchRows * searchRows
		if found, err = procedure.Look(v.ctx(), p.Pool, q); err != nil {
			return err
		}
	}
	page := searchPage{Query: short(q.Text, queryShort), Box: newSearchBox(v.lang, short(q.Text, suggestTo)),
		Total: found.Total, Clear: searchPath(v.lang, procedure.Query{Text: q.Text})}
	page.shell = p.searchShell(v, "")
	page.filters(q, found.Counts, names)
	page.paging(q, found.Total)
	for _, h := range found.Hits {
		page.Hits = append(page.Hits, p.foundRow(v, h))
	}
	if page.Ended, err = p.endedNamed(v, q.Text); err != nil {
		return err
	}
	if len(page.Hits) == 0 {
		if err := p.searchHelp(v, &page, q.Text); err != nil {
			return err
		}
	}
	return p.render(v, "search", page)
}

// searchHelp fills in what a page without hits offers instead.
func (p *Portal) searchHelp(v *visit, page *searchPage, text string) error {
	nearest, err := procedure.Nearest(v.ctx(), p.Pool, text, nearestRows)
	if err != nil {
		return err
	}
	popular, err := procedure.Popular(v.ctx(), p.Pool, popularRows)
	if err != nil {
		return err
	}
	for _, h := range nearest {
		page.Nearest = append(page.Nearest, p.rowOf(v, h))
	}
	for _, h := range popular {
		page.Popular = append(page.Popular, p.rowOf(v, h))
	}
	page.Events = append(eventTiles(v.lang, procedure.CitizenEvent),
		eventTiles(v.lang, procedure.BusinessEvent)...)
	return nil
}

// paging gives the page its title and the links to its neighbours.
func (s *searchPage) paging(q procedure.Query, total int) {
	s.Heading = s.T("search.title")
	if q.Text != "" {
		s.Heading = s.T("search.title_for", "Query", s.Query)
	} else if q.Any() {
		s.Heading = s.T("search.title_filtered")
	}
	s.Title = s.Heading
	page, pages := q.Offset/searchRows+1, (total+searchRows-1)/searchRows
	if pages < 2 {
		return
	}
	s.Where = s.T("search.page", "Page", page, "Pages", pages)
	if page > 1 {
		s.Title += " – " + s.Where
		back := q
		back.Offset -= searchRows
		s.Previous = searchPath(s.Lang, back)
	}
	if page < pages {
		on := q
		on.Offset += searchRows
		s.Next = searchPath(s.Lang, on)
	}
}

// searchPath is the page of a query.
func searchPath(l i18n.Lang, q procedure.Query) string {
	values := url.Values{}
	for name, value := range map[string]string{
		paramText: q.Text, paramField: q.Field, paramLevel: string(q.Level), paramAudience: q.Audience,
		paramReceiver: q.Receiver,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Offset > 0 {
		values.Set(paramPage, strconv.Itoa(q.Offset/searchRows+1))
	}
	path := address.Search(l)
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}

// foundRow is a hit of the search, with its level and where it belongs.
func (p *Portal) foundRow(v *visit, h procedure.Hit) procedureRow {
	row := p.rowOf(v, h)
	row.Level = i18n.T(v.lang, "procedure.level."+string(h.Level))
	row.Online = h.Level != procedure.Information
	row.Field, row.Agency = h.Field.In(v.lang), short(h.Agency.In(v.lang), agencyShort)
	row.Name = short(row.Name, nameShort)
	return row
}

// How many characters of a long text a list shows.
const (
	nameShort   = 200
	agencyShort = 90
	queryShort  = 80
)

// short cuts a text for a list between two words: names in national records can be as long as a paragraph.
func short(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	end := most
	for end > most/2 && runes[end] != ' ' {
		end--
	}
	return string(runes[:end]) + "…"
}
