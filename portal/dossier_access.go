package portal

import (
	"slices"
	"time"

	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/dossier"
)

// dossierAccessPage tells the owner who read the dossier.
type dossierAccessPage struct {
	shell
	Code  dossier.Code
	Back  string
	Reads []accessRow
}

// accessRow is what one officer read within an hour.
type accessRow struct {
	Who, When, DateTime string
	What                []string
	Count               int
	hour                time.Time
}

func (p *Portal) dossierAccess(v *visit) error {
	d, err := dossier.FindByCode(v.ctx(), p.Pool, codeOf(v), v.who().Party)
	if err != nil {
		return err
	}
	reads, err := dossier.Accesses(v.ctx(), p.Pool, d.ID)
	if err != nil {
		return err
	}
	page := dossierAccessPage{
		shell: p.shell(v, i18n.T(v.lang, "dossierpage.access")), Code: d.Code,
		Back: address.Dossier(v.lang, d.Code),
	}
	page.Reads = grouped(v.lang, reads)
	return p.render(v, "dossier_access", page)
}

// grouped puts what the same officer read within an hour into one row, to keep the list short. Nothing is
// left out.
func grouped(l i18n.Lang, reads []dossier.Access) []accessRow {
	var rows []accessRow
	for _, a := range reads {
		who, what, hour := officerText(a.Actor), i18n.T(l, "dossier.access."+a.What), a.At.Truncate(time.Hour)
		if n := len(rows); n == 0 || rows[n-1].Who != who || !rows[n-1].hour.Equal(hour) {
			rows = append(rows, accessRow{Who: who, When: i18n.DateTime(l, a.At), DateTime: machineTime(a.At),
				hour: hour})
		}
		row := &rows[len(rows)-1]
		row.Count++
		if !slices.Contains(row.What, what) {
			row.What = append(row.What, what)
		}
	}
	return rows
}
