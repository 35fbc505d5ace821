package desk

import (
	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
)

// groundOf says on what ground the person files; nil where neither the account nor the form tells.
func groundOf(view *DraftView, who identity.Who) *dossier.Ground {
	if who.Person != who.Party {
		return &dossier.Ground{Kind: dossier.Representative}
	}
	kind, detail, about, ok := view.Form.GroundOf(view.Answers, i18n.Vi)
	if !ok {
		return nil
	}
	return &dossier.Ground{Kind: kind, Detail: detail, For: about}
}
