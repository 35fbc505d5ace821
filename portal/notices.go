package portal

import (
	"congdvc/i18n"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/postgres"
)

const noticeRows = 30

type noticesPage struct {
	shell
	Notices []noticeRow
	Older   string
}

type noticeRow struct {
	ID, Title, Body, When, DateTime string
	Code                            dossier.Code
	Draft                           dossier.DraftID
	Facts                           []string
	Unread                          bool
}

func (p *Portal) notices(v *visit) error {
	list, err := notice.List(v.ctx(), p.Pool, v.who().Party, v.Query("truoc"), noticeRows)
	if err != nil {
		return err
	}
	page := noticesPage{shell: p.shell(v, i18n.T(v.lang, "notices.title"))}
	for _, n := range list {
		text := notice.Read(n, v.lang)
		page.Notices = append(page.Notices, noticeRow{ID: n.ID, Title: text.Title, Body: text.Body,
			Facts: text.Facts, Code: n.Dossier, Draft: draftOf(n), When: i18n.DateTime(v.lang, n.CreatedAt),
			DateTime: machineTime(n.CreatedAt), Unread: n.ReadAt == nil})
	}
	if len(list) == noticeRows {
		page.Older = address.Notices(v.lang) + "?" + query("truoc", list[len(list)-1].ID)
	}
	return p.render(v, "notices", page)
}

func draftOf(n notice.Notice) dossier.DraftID {
	if n.Draft == nil {
		return ""
	}
	return *n.Draft
}

// readNotice marks a notice as read and leads to its dossier or draft.
func (p *Portal) readNotice(v *visit) error {
	if err := notice.MarkRead(v.ctx(), p.Pool, v.who().Party, v.FormValue("id"), p.Now()); err != nil {
		return err
	}
	if draft := v.FormValue("draft"); postgres.IsID(draft) {
		return v.see(address.Draft(v.lang, draft))
	}
	code, err := dossier.ParseCode(v.FormValue("code"))
	if err != nil {
		return v.see(address.Notices(v.lang))
	}
	return v.see(address.Dossier(v.lang, code))
}
