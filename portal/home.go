package portal

import (
	"slices"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/procedure"
)

// popularRows is how many procedures the home page names.
const popularRows = 6

type homePage struct {
	shell
	Box      searchBox
	Popular  []procedureRow
	Events   []eventTile // of citizens
	Business []eventTile
	All      string // every procedure
}

// procedureRow is a procedure in a list: its name and what matters first.
type procedureRow struct {
	Path, Name, Note, Summary string
	Level, Field, Agency      string
	Online                    bool // it is filed here, at least in part
}

type eventTile struct{ Path, Name, Note string }

// home is also where a logout at the identity provider ends: at the one address that is registered there,
// with the language as state.
func (p *Portal) home(v *visit) error {
	if l := i18n.Lang(v.Query("state")); slices.Contains(i18n.Langs, l) {
		return v.see(address.Home(l))
	}
	hits, err := procedure.Popular(v.ctx(), p.Pool, popularRows)
	if err != nil {
		return err
	}
	page := homePage{
		shell: p.searchShell(v, i18n.T(v.lang, "home.title")), Box: newSearchBox(v.lang, ""),
		All: searchPath(v.lang, procedure.Query{}), Events: eventTiles(v.lang, procedure.CitizenEvent),
		Business: eventTiles(v.lang, procedure.BusinessEvent),
	}
	for _, h := range hits {
		page.Popular = append(page.Popular, p.rowOf(v, h))
	}
	return p.render(v, "home", page)
}

// rowOf is a procedure with its fee and time in a few words.
func (p *Portal) rowOf(v *visit, h procedure.Hit) procedureRow {
	return procedureRow{
		Path: address.Procedure(v.lang, h.Code), Name: h.Name.In(v.lang),
		Summary: h.Summary.In(v.lang), Note: shortNote(v.lang, h),
	}
}

// eventTiles are the events of one kind.
func eventTiles(l i18n.Lang, kind procedure.EventKind) []eventTile {
	var tiles []eventTile
	for _, e := range procedure.LifeEvents() {
		if e.Kind == kind {
			tiles = append(tiles, eventTile{address.LifeEvent(l, e.Slug), e.Name.In(l), e.Note.In(l)})
		}
	}
	return tiles
}
