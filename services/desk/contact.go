package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/notice"
)

// ContactOf is how the person of a notice is reached; its language is that in which the dossier was filed, or
// the draft begun: a draft has no dossier yet.
func (d *Desk) ContactOf(ctx context.Context, n notice.Notice) (notice.Contact, error) {
	party, err := identity.Find(ctx, d.Pool, d.Vault, n.Person)
	if err != nil {
		return notice.Contact{}, err
	}
	var lang string
	if n.Draft != nil {
		lang, err = dossier.LangOfDraft(ctx, d.Pool, *n.Draft)
	} else {
		lang, err = dossier.LangOf(ctx, d.Pool, n.Dossier)
	}
	return notice.Contact{Person: n.Person, Email: party.Profile.Email, Phone: party.Profile.Phone,
		Lang: i18n.Lang(lang)}, err
}
