package sheet

import (
	"strings"

	"congdvc/i18n"
)

// TrackDigits says which four digits follow a dossier without a login, beside its code: the last ones of its
// owner's number, or, where a person handed it in for an organisation, of that person's.
func TrackDigits(l i18n.Lang, owner, person Party) string {
	switch {
	case !owner.Organisation:
		return i18n.T(l, "sheet.track_digits.person", "Owner", owner.Name)
	case strings.Contains(owner.Number, "-"):
		return i18n.T(l, "sheet.track_digits.branch", "Owner", owner.Name, "Person", person.Name)
	}
	return i18n.T(l, "sheet.track_digits.organisation", "Owner", owner.Name, "Person", person.Name)
}
