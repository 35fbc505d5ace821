package portal

import (
	"fmt"
	"slices"

	"congdvc/i18n"
)

// checkRoutes refuses a table with a row that is incomplete, contradicts itself or repeats another.
func checkRoutes(table []route) error {
	rows := map[string]bool{}
	for _, r := range table {
		m, ok := manners[r.kind]
		if !ok || r.path == nil || r.handle == nil {
			return fmt.Errorf("portal: a route lacks its kind, path or handler: %+v", r)
		}
		at := r.path(string(i18n.Vi))
		if !slices.Contains(m.admits, r.access) {
			return fmt.Errorf("portal: %s: what it is does not go with for whom it is", at)
		}
		for _, method := range m.methods {
			if rows[method+" "+at] {
				return fmt.Errorf("portal: %s %s has two rows", method, at)
			}
			rows[method+" "+at] = true
		}
	}
	for _, r := range table {
		if err := r.checkForm(rows); err != nil {
			return err
		}
	}
	return nil
}

// checkForm refuses a route that takes a form unless the form stands on a page: the login leads back to it.
func (r route) checkForm(rows map[string]bool) error {
	at, m := r.path(string(i18n.Vi)), r.manner()
	takesForm := m.proof == byToken || m.proof == inStream
	if r.form == nil {
		if takesForm && m.failing != byJSON && !rows["GET "+at] {
			return fmt.Errorf("portal: %s: its form stands on no page", at)
		}
		return nil
	}
	if !takesForm {
		return fmt.Errorf("portal: %s takes no form, and names the page of one", at)
	}
	if page := r.form(string(i18n.Vi)); !rows["GET "+page] {
		return fmt.Errorf("portal: %s: there is no page %s for its form", at, page)
	}
	return nil
}
