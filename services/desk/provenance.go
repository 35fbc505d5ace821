package desk

import "congdvc/services/dossier"

// Provenance lists, in the order of the form, the questions that a source knows an answer to: what the source
// says, and what the person says instead.
func (d *DraftView) Provenance() []dossier.Provenance {
	shown := d.Form.Shown(d.Answers)
	var list []dossier.Provenance
	for _, field := range d.Form.Fields() {
		g, ok := d.Given[field.ID]
		if !ok || !shown[field.ID] {
			continue
		}
		p := dossier.Provenance{Field: field.ID, Given: g}
		if own := d.Answers[field.ID]; !own.Equal(g.Value) {
			p.Own = &own
		} else {
			p.Reason = "" // the source's value stands after all
		}
		list = append(list, p)
	}
	return list
}

// givenBefore is what a supplement's draft takes over from the revision before it.
func givenBefore(r *dossier.Revision) map[string]dossier.Given {
	given := map[string]dossier.Given{}
	for _, p := range r.Provenance {
		given[p.Field] = p.Given
	}
	return given
}
