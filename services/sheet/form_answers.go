package sheet

import (
	"strings"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
)

// FormSubmission is what a form as a document shows of a revision besides the revision itself.
type FormSubmission struct {
	Form     *eform.Form // that the revision names by its hash
	Name     i18n.Text   // of the procedure
	To       string      // name of the deciding agency
	SHA256   string      // of the revision's bytes, hex
	TrackURL string
	// Filer handed the dossier in, where another answered the supplement that the revision is.
	Filer Party
}

// FormOfRevision is the form as it was handed in, in the revision's own language: it has the same bytes
// whoever prints it, and whenever.
func FormOfRevision(r *dossier.Revision, s FormSubmission) FormData {
	var confirmed []string
	for _, c := range r.Confirmed {
		confirmed = append(confirmed, c.Message)
	}
	return FormData{
		Lang: i18n.Lang(r.Lang), Title: formTitle(s.Form, s.Name), To: s.To, Owner: partyOf(r.Owner),
		Person: partyOf(r.Person), Steps: formSteps(s.Form, r.Answers, differing(s.Form, r.Provenance)),
		Ground: GroundText(i18n.Vi, s.Form, r), Place: placeOf(r.Person.Profile.Address), At: r.SubmittedAt,
		Code: r.Dossier, Revision: r.Number, SHA256: s.SHA256, TrackURL: s.TrackURL, Confirmed: confirmed,
		Filer: s.Filer,
	}
}

// FilerOf is who handed a revision in.
func FilerOf(r *dossier.Revision) Party { return partyOf(r.Person) }

// partyOf is a party of a revision as sheets show it.
func partyOf(p dossier.Party) Party {
	return Party{
		Name: p.Name, Number: p.Number, Address: p.Profile.Address, Phone: p.Profile.Phone,
		Email: p.Profile.Email, Organisation: p.Kind == identity.Organisation,
	}
}

// formTitle is the name of a form: the one that its definition gives, else one made of the procedure's.
func formTitle(f *eform.Form, procedure i18n.Text) i18n.Text {
	if f != nil && f.Title.Vi != "" {
		return f.Title
	}
	return i18n.Text{Vi: "Tờ khai: " + procedure.Vi, En: "Form: " + procedure.En}
}

var groundKeys = map[string]string{
	eform.GroundSelf: "sheet.ground.self", eform.GroundRelation: "sheet.ground.relation",
	eform.GroundMandate: "sheet.ground.mandate", dossier.Representative: "sheet.ground.representative",
}

// GroundText says on what ground the person handed in a revision; empty where that is not known. The form is
// the revision's, and may be nil.
func GroundText(l i18n.Lang, f *eform.Form, r *dossier.Revision) string {
	capacity := ""
	if r.Capacity != "" {
		capacity = i18n.T(l, "procedure.capacity."+string(r.Capacity))
	}
	g := r.Ground
	if g == nil || groundKeys[g.Kind] == "" {
		return capacity
	}
	text, detail := i18n.T(l, groundKeys[g.Kind]), g.Detail
	if f != nil && l != i18n.Vi && detail != "" {
		if _, told, _, ok := f.GroundOf(r.Answers, l); ok {
			detail = told
		}
	}
	if detail != "" {
		text += ": " + detail
	}
	if g.For != "" {
		text += " " + i18n.T(l, "sheet.ground_for", "Name", g.For)
	}
	if capacity != "" {
		return capacity + "; " + text
	}
	return text
}

// sourceNames name the sources of what is filled in without asking.
var sourceNames = map[dossier.Source]string{
	dossier.FromIdentity: "Tài khoản định danh điện tử", dossier.FromOrganisation: "Tài khoản của tổ chức",
	dossier.FromDossier: "Hồ sơ đã nộp trước đây", dossier.FromDocument: "Kết quả điện tử của hồ sơ",
}

// differing gives, by field, a note for each answer that differs from what a source says: that value, and the
// person's reason.
func differing(f *eform.Form, list []dossier.Provenance) map[string]string {
	notes := map[string]string{}
	for _, p := range list {
		if f == nil || f.Field(p.Field) == nil || p.Own == nil {
			continue
		}
		name := sourceNames[p.Source]
		if p.Dossier != "" {
			name += " (" + string(p.Dossier) + ")"
		}
		notes[p.Field] = name + " ghi: " + strings.ReplaceAll(f.Field(p.Field).Read(p.Value, i18n.Vi), "\n",
			", ") + "."
		if p.Reason != "" {
			notes[p.Field] += " Lý do ghi khác: " + p.Reason
		}
	}
	return notes
}

// formSteps lays out the answers of a form for its document, with a note beside those that have one, by
// field. Steps and sections without a question that is asked are left out.
func formSteps(f *eform.Form, a eform.Answers, notes map[string]string) []FormStep {
	if f == nil {
		return nil
	}
	rows := f.Present(a, i18n.Vi)
	english := f.Present(a, i18n.En) // the same rows in the same order
	var steps []FormStep
	at, section := 0, ""
	for i, row := range rows {
		e := english[i]
		if row.Step != at {
			at, section = row.Step, row.Section
			steps = append(steps,
				FormStep{
					Title:    f.Step(at).Title,
					Sections: []FormSection{{Title: i18n.Text{Vi: row.Section, En: e.Section}}},
				})
		}
		step := &steps[len(steps)-1]
		if row.Section != section {
			section = row.Section
			step.Sections = append(step.Sections,
				FormSection{Title: i18n.Text{Vi: row.Section, En: e.Section}})
		}
		last := &step.Sections[len(step.Sections)-1]
		out := FormRow{Label: i18n.Text{Vi: row.Label, En: e.Label}, Text: row.Text, Note: notes[row.Field]}
		if row.Table != nil {
			out.Grid = &FormGrid{Rows: row.Table.Rows}
			for c, h := range row.Table.Head {
				out.Grid.Head = append(out.Grid.Head, i18n.Text{Vi: h, En: e.Table.Head[c]})
			}
		}
		last.Rows = append(last.Rows, out)
	}
	return steps
}
