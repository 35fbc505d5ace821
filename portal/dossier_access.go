package portal

import (
	"slices"
	"time"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/desk"
	"congdvc/services/dossier"
)

// dossierAccessPage tells the owner, and who filed, who else read the dossier.
type dossierAccessPage struct {
	shell
	Code  dossier.Code
	Back  string
	Why   string
	Reads []accessRow
	Older string
}

// accessRow is what one person read within an hour.
type accessRow struct {
	Who, When, DateTime string
	For                 string // for whom a colleague acted
	What                []string
	Count               int
	Broken              string // said of records that cannot be shown, in place of all else
	hour                time.Time
}

func (p *Portal) dossierAccess(v *visit) error {
	r, err := p.Desk.Readers(v.ctx(), v.who(), codeOf(v), v.Query("truoc"))
	if err != nil {
		return err
	}
	page := dossierAccessPage{
		shell: p.shell(v, i18n.T(v.lang, "dossierpage.access")), Code: r.Dossier.Code,
		Back: address.Dossier(v.lang, r.Dossier.Code), Why: whyRecorded(v, r),
		Reads: readRows(v.lang, r.List, r.Names, r.Dossier.Owner),
	}
	if !r.Own {
		page.Back = address.Account(v.lang)
	}
	if n := len(r.List); n == dossier.AccessRows {
		page.Older = address.DossierAccess(v.lang, r.Dossier.Code) + "?" + query("truoc", r.List[n-1].ID)
	}
	return p.render(v, "dossier_access", page)
}

// whyRecorded says whose readings are on the page and whose are not.
func whyRecorded(v *visit, r *desk.Readers) string {
	switch {
	case r.Dossier.Owner == r.Dossier.SubmittedBy:
		return i18n.T(v.lang, "dossier_access.why")
	case r.Dossier.SubmittedBy == v.who().Person:
		return i18n.T(v.lang, "dossier_access.why_filed", "Owner", r.Owner)
	}
	return i18n.T(v.lang, "dossier_access.why_owner", "Owner", r.Owner, "Name", r.Filer)
}

// readRows puts what the same person read within an hour into one row, to keep the list short. Nothing is
// left out; where records do not hold, the first row says so, lest anybody think that nobody read.
func readRows(l i18n.Lang, reads []dossier.Access, names map[identity.PartyID]string,
	owner identity.PartyID) []accessRow {
	var rows []accessRow
	if foreign := countForeign(reads); foreign > 0 {
		rows = append(rows, accessRow{Broken: i18n.T(l, "dossier_access.broken", "Count", foreign)})
	}
	for _, a := range reads {
		if a.Foreign {
			continue
		}
		who, what, hour := officerText(a.Actor), i18n.T(l, "dossier.access."+a.What), a.At.Truncate(time.Hour)
		colleague := a.Actor.Kind == dossier.Citizen
		if colleague {
			who = names[a.Actor.Person]
		}
		if n := len(rows); n == 0 || rows[n-1].Who != who || !rows[n-1].hour.Equal(hour) {
			row := accessRow{Who: who, When: i18n.DateTime(l, a.At), DateTime: machineTime(a.At), hour: hour}
			if colleague {
				row.For = i18n.T(l, "dossier_access.for", "Owner", names[owner])
			}
			rows = append(rows, row)
		}
		row := &rows[len(rows)-1]
		row.Count += a.Times
		if !slices.Contains(row.What, what) {
			row.What = append(row.What, what)
		}
	}
	return rows
}

func countForeign(reads []dossier.Access) (n int) {
	for _, a := range reads {
		if a.Foreign {
			n++
		}
	}
	return n
}

// draftReads are the readings of a draft by people who went on with what another had written.
func (p *Portal) draftReads(v *visit, draft *dossier.Draft) ([]accessRow, error) {
	list, names, err := p.Desk.DraftReaders(v.ctx(), draft)
	if err != nil {
		return nil, err
	}
	return readRows(v.lang, list, names, draft.Party), nil
}
