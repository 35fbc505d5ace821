package portal_test

import (
	"testing"

	"congdvc/i18n"
	"congdvc/services/dossier"
)

// TestEveryStatusHasItsWords ranges over the table: what the owner's page and the tracking page say of a
// status.
func TestEveryStatusHasItsWords(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		for _, s := range dossier.Statuses {
			for _, key := range []string{
				"dossierpage.state." + string(s) + ".title", "dossierpage.state." + string(s) + ".text",
				"dossierpage.public." + string(s),
			} {
				if i18n.Keys(l)[key] == "" {
					t.Errorf("%s lacks %s", l, key)
				}
			}
		}
	}
}
