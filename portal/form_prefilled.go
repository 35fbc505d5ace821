package portal

import (
	"strings"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/typeface"
)

// whyPrefix begins the name of the input in which a person says why a source is wrong.
const whyPrefix = "__why."

// given shows what a source says about a question. A value that the source knows and that is valid is not
// asked for again: it is shown, and can be changed. If the person replaced it, it stands beside their
// answer.
func (f formView) given(out *fieldView, field *eform.Field, value eform.Value, g dossier.Given) {
	reason := g.Reason
	if typed, posted := f.posted[whyPrefix+field.ID]; posted {
		reason = first(typed)
	}
	out.Why = &formField{Name: whyPrefix + field.ID, Label: i18n.T(f.lang, "step.given_why"), Value: reason,
		Autocomplete: "off", MaxLength: 300}
	if value.Equal(g.Value) {
		out.From = sourceText(f.lang, g)
		out.Known = out.Error == "" && !f.faulty(field.ID)
		return
	}
	if bad := undrawnReason(field.ID, reason); bad != nil {
		out.Why.Error = i18n.Fault(f.lang, bad)
	}
	out.Differs = i18n.T(f.lang, "step.given_differs", "Source", sourceName(f.lang, g), "Value",
		strings.ReplaceAll(field.Read(g.Value, f.lang), "\n", ", "))
}

// Asked is a question with a known answer, drawn for somebody who wants to change it.
func (f fieldView) Asked() fieldView {
	f.From = ""
	return f
}

// faulty reports whether the saved answer to a question keeps the draft from being submitted.
func (f formView) faulty(id string) bool {
	for _, fault := range f.view.Faults {
		if of, ok := f.view.Form.FieldOf(fault.Field); ok && of == id {
			return true
		}
	}
	return false
}

// sourceText says where a value was taken from.
func sourceText(l i18n.Lang, g dossier.Given) string {
	switch {
	case g.Of == "":
	case g.Source == dossier.FromOrganisation:
		return i18n.T(l, "step.from_organisation_of", "Name", g.Of)
	case g.Source == dossier.FromIdentity:
		return i18n.T(l, "step.from_identity_of", "Name", g.Of)
	case g.Source == dossier.FromDossier:
		return i18n.T(l, "step.from_dossier_of", "Code", g.Dossier, "Name", g.Of)
	}
	switch g.Source {
	case dossier.FromOrganisation:
		return i18n.T(l, "step.from_organisation")
	case dossier.FromDossier:
		return i18n.T(l, "step.from_dossier", "Code", g.Dossier)
	case dossier.FromDocument:
		return i18n.T(l, "step.from_document", "Result", g.Result, "Code", g.Dossier)
	}
	return i18n.T(l, "step.from_identity")
}

// sourceName names a source within a sentence.
func sourceName(l i18n.Lang, g dossier.Given) string {
	switch {
	case g.Of == "":
	case g.Source == dossier.FromOrganisation:
		return i18n.T(l, "step.source_organisation_of", "Name", g.Of)
	case g.Source == dossier.FromIdentity:
		return i18n.T(l, "step.source_identity_of", "Name", g.Of)
	}
	switch g.Source {
	case dossier.FromOrganisation:
		return i18n.T(l, "step.source_organisation")
	case dossier.FromDossier:
		return i18n.T(l, "step.source_dossier", "Code", g.Dossier)
	case dossier.FromDocument:
		return i18n.T(l, "step.source_document", "Result", g.Result, "Code", g.Dossier)
	}
	return i18n.T(l, "step.source_identity")
}

// givenNotes are the notes beside answers, by field: where an answer was taken from, or what its source says
// instead and why the person disagrees.
func givenNotes(l i18n.Lang, form *eform.Form, list []dossier.Provenance) map[string]string {
	notes := map[string]string{}
	for _, p := range list {
		field := form.Field(p.Field)
		switch {
		case field == nil:
		case p.Own == nil:
			notes[p.Field] = sourceText(l, p.Given)
		default:
			note := i18n.T(l, "step.given_differs", "Source", sourceName(l, p.Given), "Value",
				strings.ReplaceAll(field.Read(p.Value, l), "\n", ", "))
			if p.Reason != "" {
				note += " " + i18n.T(l, "step.given_reason", "Reason", p.Reason)
			}
			notes[p.Field] = note
		}
	}
	return notes
}

// reasonsIn are the reasons that were posted, by field, of fields that the page showed.
func reasonsIn(view *desk.DraftView, posted map[string][]string) map[string]string {
	reasons := map[string]string{}
	for id := range view.Given {
		if values, ok := posted[whyPrefix+id]; ok && view.Draft.MayChange(id) {
			reasons[id] = first(values)
		}
	}
	return reasons
}

// undrawnReason is the fault of a reason with a letter that the printed form could not show; nil where there
// is none.
func undrawnReason(id, reason string) *fault.Fault {
	letter := typeface.Lacking(dossier.TidyReason(reason))
	if letter == "" {
		return nil
	}
	const key = "step.given_reason_label"
	label := i18n.Text{Vi: i18n.T(i18n.Vi, key), En: i18n.T(i18n.En, key)}
	return eform.ErrUndrawn.With("Letter", letter).With("Label", label).At(whyPrefix + id)
}

// undrawnReasons are the faults of the reasons that were posted for answers that differ from their source.
func undrawnReasons(view *desk.DraftView, answers eform.Answers, posted map[string][]string) fault.List {
	var faults fault.List
	for id, reason := range reasonsIn(view, posted) {
		if bad := undrawnReason(id, reason); bad != nil && !answers[id].Equal(view.Given[id].Value) {
			faults.Add(bad)
		}
	}
	return faults
}
