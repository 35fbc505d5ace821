package eform

import (
	"slices"

	"congdvc/i18n"
)

// Ground belongs to a choice and says what its values mean for the right to file: for oneself, or under a
// written mandate. Every other value is a relation to the person whom the dossier is about.
type Ground struct {
	Self    []string `json:"self,omitempty"`
	Mandate []string `json:"mandate,omitempty"`
	For     string   `json:"for,omitempty"` // the field that names whom the dossier is about
}

// The kinds of ground that answers tell.
const (
	GroundSelf     = "self"
	GroundRelation = "relation"
	GroundMandate  = "mandate"
)

// GroundOf reads from answers on what ground the person files: the kind, the answer as people read it, and,
// where the form asks, the name of the person whom the dossier is about. ok is false where the form does not
// ask for the ground, or it was not answered.
func (f *Form) GroundOf(a Answers, l i18n.Lang) (kind, detail, about string, ok bool) {
	s := f.shown(a)
	for _, field := range f.order {
		v := s.answers[field.ID]
		if field.Ground == nil || v.Text == "" {
			continue
		}
		switch {
		case slices.Contains(field.Ground.Self, v.Text):
			return GroundSelf, "", "", true
		case slices.Contains(field.Ground.Mandate, v.Text):
			kind = GroundMandate
		default:
			kind = GroundRelation
		}
		return kind, field.Read(v, l), s.answers[field.Ground.For].Text, true
	}
	return "", "", "", false
}

// ground checks what a definition says about grounds.
func (l *loader) ground(place string, f *Field) {
	if f.Ground == nil {
		return
	}
	for _, value := range slices.Concat(f.Ground.Self, f.Ground.Mandate) {
		if !slices.ContainsFunc(f.entries(), func(o Option) bool { return o.Value == value }) {
			l.fault(place, "the ground %q is none of its options", value)
		}
	}
	if about := l.form.byID[f.Ground.For]; f.Ground.For != "" && (about == nil || about.Type != Name) {
		l.fault(place, "the ground is for %q, which is no field with a name", f.Ground.For)
	}
}
