package portal

import (
	"slices"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/procedure"
	"congdvc/services/workday"
)

const dossierRows = 20

// draftsLookedInto is the number of drafts for which the list says what is missing. For more, see their
// pages.
const draftsLookedInto = 10

// dossiersPage lists what waits for the party first, then drafts, then the rest.
type dossiersPage struct {
	shell
	// Party is the party whose dossiers are listed, when the person may act for several.
	Party   string
	Waiting []dossierRow
	Drafts  []dossierRow
	Rows    []dossierRow
	Older   string
	// First is false on the pages of older dossiers.
	First bool
	Empty bool
}

// dossierRow is one draft or dossier; Lines say how far it is and who has the next move.
type dossierRow struct {
	Path, Name, State, Kind string
	Code                    dossier.Code
	Lines                   []string
}

func (p *Portal) dossiers(v *visit) error {
	before := dossier.Code(v.Query("truoc"))
	page := dossiersPage{shell: p.shell(v, i18n.T(v.lang, "dossiers.title")), First: before == ""}
	if page.First {
		if err := p.openWork(v, &page); err != nil {
			return err
		}
	}
	// One row more than is shown tells whether there are older ones.
	list, err := dossier.List(v.ctx(), p.Pool, p.Vault, v.who().Party,
		dossier.Page{Before: before, Limit: dossierRows + 1})
	if err != nil {
		return err
	}
	page.Empty = page.First && len(list) == 0 && len(page.Drafts) == 0
	if len(list) > dossierRows {
		list = list[:dossierRows]
		page.Older = address.Dossiers(v.lang) + "?" + query("truoc", string(list[dossierRows-1].Code))
	}
	list = slices.DeleteFunc(list, func(d dossier.Dossier) bool { return d.Status.Waits() })
	if page.Rows, err = p.dossierRowsOf(v, list); err != nil {
		return err
	}
	return p.render(v, "dossiers", page)
}

func (p *Portal) dossierRowsOf(v *visit, list []dossier.Dossier) ([]dossierRow, error) {
	var rows []dossierRow
	for i := range list {
		row, err := p.dossierRowOf(v, &list[i])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// openWork fills in what the party can go on with.
func (p *Portal) openWork(v *visit, page *dossiersPage) error {
	if err := p.actingFor(v, page); err != nil {
		return err
	}
	waiting, err := dossier.WaitingFor(v.ctx(), p.Pool, p.Vault, v.who().Party)
	if err != nil {
		return err
	}
	if page.Waiting, err = p.dossierRowsOf(v, waiting); err != nil {
		return err
	}
	drafts, err := dossier.Drafts(v.ctx(), p.Pool, p.Vault, v.who().Party)
	if err != nil {
		return err
	}
	names, err := p.workers(v, drafts)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		// The draft of a supplement is reached from its dossier, which waits.
		if d.Asked != nil {
			continue
		}
		row, err := p.draftRow(v, &d, len(page.Drafts) < draftsLookedInto)
		if err != nil {
			return err
		}
		if name := names[d.Acting()]; name != "" {
			row.Lines = append([]string{i18n.T(v.lang, "go_on.row", "Name", name)}, row.Lines...)
		}
		page.Drafts = append(page.Drafts, row)
	}
	return nil
}

// workers are the names of those who work on drafts, the person's own left out.
func (p *Portal) workers(v *visit, drafts []dossier.Draft) (map[identity.PartyID]string, error) {
	var ids []identity.PartyID
	for i := range drafts {
		if id := drafts[i].Acting(); id != v.who().Person {
			ids = append(ids, id)
		}
	}
	return identity.FindNames(v.ctx(), p.Pool, p.Vault, ids...)
}

func (p *Portal) actingFor(v *visit, page *dossiersPage) error {
	who := v.who()
	if who.Party == who.Person {
		others, err := identity.Mandates(v.ctx(), p.Pool, p.Vault, who.Person)
		if err != nil || len(others) == 0 {
			return err
		}
		page.Party = i18n.T(v.lang, "dossiers.own")
		return nil
	}
	party, err := identity.Find(v.ctx(), p.Pool, p.Vault, who.Party)
	if err != nil {
		return err
	}
	page.Party = party.Name
	return nil
}

// nameOf is the name of the procedure that a row of the list is about.
func (p *Portal) nameOf(v *visit, version string) (string, error) {
	if name, ok := v.names[version]; ok {
		return name, nil
	}
	ver, err := procedure.ByID(v.ctx(), p.Pool, version)
	if err != nil {
		return "", err
	}
	if v.names == nil {
		v.names = map[string]string{}
	}
	v.names[version] = ver.Name.In(v.lang)
	return v.names[version], nil
}

func (p *Portal) dossierRowOf(v *visit, d *dossier.Dossier) (dossierRow, error) {
	name, err := p.nameOf(v, d.VersionID)
	row := dossierRow{
		Path: address.Dossier(v.lang, d.Code), Name: name, Code: d.Code,
		State: i18n.T(v.lang, d.Status.Key()), Kind: tagKind(d),
	}
	if mover := nextMove(d); mover != moverNobody {
		row.Lines = append(row.Lines, i18n.T(v.lang, "dossierpage.move_line."+string(mover)))
	}
	switch {
	case d.Status.Ended() || d.DueAt == nil:
	case d.PausedAt != nil:
		row.Lines = append(row.Lines, i18n.T(v.lang, "dossierpage.next_paused"))
	default:
		row.Lines = append(row.Lines, i18n.T(v.lang, "dossiers.due", "Date",
			i18n.LongDate(v.lang, workday.DateOf(*d.DueAt))))
	}
	return row, err
}

// tagKind colours the status: what waits for the party, and what came to a good end.
func tagKind(d *dossier.Dossier) string {
	switch {
	case d.Status.Waits():
		return "warn"
	case d.Status == dossier.Completed || d.Status == dossier.Returned:
		return "ok"
	}
	return ""
}

func (p *Portal) draftRow(v *visit, d *dossier.Draft, look bool) (dossierRow, error) {
	name, err := p.nameOf(v, d.VersionID)
	row := dossierRow{
		Path: address.Draft(v.lang, d.ID), Name: name, State: i18n.T(v.lang, "dossiers.draft"),
		Lines: []string{
			i18n.T(v.lang, "dossiers.saved", "When", d.UpdatedAt),
			i18n.T(v.lang, "dossiers.kept", "Date", workday.DateOf(d.ExpiresAt)),
		},
	}
	if d.State == dossier.Frozen {
		// A draft that waits for its fee does not expire.
		row.Path, row.State, row.Kind = address.DraftFee(v.lang, d.ID), i18n.T(v.lang, "dossiers.unpaid"),
			"warn"
		row.Lines = row.Lines[:1]
		return row, err
	}
	if d.WarnedAt != nil {
		row.State, row.Kind = i18n.T(v.lang, "dossiers.expiring"), "warn"
	}
	if err != nil || !look {
		return row, err
	}
	missing, err := p.Desk.Missing(v.ctx(), v.who(), d.ID)
	row.Lines = append([]string{missingText(v.lang, missing)}, row.Lines...)
	return row, err
}

func missingText(l i18n.Lang, missing int) string {
	if missing == 0 {
		return i18n.T(l, "dossiers.complete")
	}
	return i18n.T(l, "draft.missing", "Count", missing)
}
