package portal

import (
	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/portal/address"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/postgres"
)

const noticeRows = 30

type noticesPage struct {
	shell
	For     string // whose dossiers they are about, where that is not the person
	Others  string // says that there are unread ones of others for whom the person may act
	Notices []noticeRow
	Older   string
}

type noticeRow struct {
	ID, Title, Body, When, DateTime string
	Code                            dossier.Code
	Draft                           dossier.DraftID
	Facts                           []string
	Unread                          bool
	// MailRefused says that the person's own mail server did not take the mail.
	MailRefused bool
}

func (p *Portal) notices(v *visit) error {
	list, err := notice.List(v.ctx(), p.Pool, p.Vault, v.who(), v.Query("truoc"), noticeRows)
	if err != nil {
		return err
	}
	page := noticesPage{shell: p.shell(v, i18n.T(v.lang, "notices.title"))}
	if page.For, page.Others, err = p.noticeParties(v); err != nil {
		return err
	}
	refused, err := p.refusedMails(v, list)
	if err != nil {
		return err
	}
	for _, n := range list {
		text := notice.Read(n, v.lang)
		page.Notices = append(page.Notices, noticeRow{ID: n.ID, Title: text.Title, Body: text.Body,
			Facts: text.Facts, Code: n.Dossier, Draft: draftOf(n), When: i18n.DateTime(v.lang, n.CreatedAt),
			DateTime: machineTime(n.CreatedAt), Unread: n.ReadAt == nil, MailRefused: refused[n.ID]})
	}
	if len(list) == noticeRows {
		page.Older = address.Notices(v.lang) + "?" + query("truoc", list[len(list)-1].ID)
	}
	return p.render(v, "notices", page)
}

// refusedMails tells which of the notices could not be mailed to the person who reads them. A colleague is
// not told: the address is not theirs.
func (p *Portal) refusedMails(v *visit, list []notice.Notice) (map[string]bool, error) {
	var mine []string
	for _, n := range list {
		if n.Person == v.who().Person {
			mine = append(mine, n.ID)
		}
	}
	if len(mine) == 0 {
		return nil, nil
	}
	return notice.RefusedMails(v.ctx(), p.Pool, mine...)
}

// noticeParties names the organisation whose notices are listed, and says how many others are unread.
func (p *Portal) noticeParties(v *visit) (of, others string, err error) {
	parties, err := identity.ActsFor(v.ctx(), p.Pool, p.Vault, v.who().Person)
	if err != nil {
		return "", "", err
	}
	var ids []identity.PartyID
	for _, party := range parties {
		switch {
		case party.ID != v.who().Party:
			ids = append(ids, party.ID)
		case party.ID != v.who().Person:
			of = i18n.T(v.lang, "notices.for", "Name", party.Name)
		}
	}
	unread, err := notice.Unread(v.ctx(), p.Pool, v.who().Person, ids...)
	count := 0
	for _, n := range unread {
		count += n
	}
	if count > 0 {
		others = i18n.T(v.lang, "notices.others", "Count", count)
	}
	return of, others, err
}

func draftOf(n notice.Notice) dossier.DraftID {
	if n.Draft == nil {
		return ""
	}
	return *n.Draft
}

// readNotice marks a notice as read and leads to its dossier or draft.
func (p *Portal) readNotice(v *visit) error {
	if err := notice.MarkRead(v.ctx(), p.Pool, v.who(), v.FormValue("id"), p.Now()); err != nil {
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
