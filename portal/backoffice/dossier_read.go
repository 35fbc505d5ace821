package backoffice

import (
	"crypto/sha256"
	"encoding/hex"

	"congdvc/i18n"
	"congdvc/services/desk"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

func (b *Backoffice) getDossier(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	d, err := b.Desk.DossierFor(v.UserContext(), v.office(), code)
	if err != nil {
		return err
	}
	v.Set(fiber.HeaderETag, etagOf(d.RowVersion))
	return v.answer(d)
}

// revision reads the exact bytes of the revision that the path names.
func (b *Backoffice) revision(v *call) ([]byte, error) {
	code, err := v.code()
	if err != nil {
		return nil, err
	}
	number, err := v.number()
	if err != nil {
		return nil, err
	}
	return b.Desk.RevisionFor(v.UserContext(), v.office(), code, number)
}

func (b *Backoffice) getRevision(v *call) error {
	raw, err := b.revision(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	v.Set(fiber.HeaderETag, `"`+hex.EncodeToString(sum[:])+`"`)
	return v.bytes(raw)
}

func (b *Backoffice) getReadable(v *call) error {
	raw, err := b.revision(v)
	if err != nil {
		return err
	}
	r, err := dossier.ParseRevision(raw)
	if err != nil {
		return err
	}
	version, err := procedure.ByID(v.UserContext(), b.Pool, r.Procedure.VersionID)
	if err != nil {
		return err
	}
	l := lang(v.Ctx)
	out := onestop.ReadableRevision{Dossier: r.Dossier, Number: r.Number, Procedure: version.Name.In(l),
		Fields: []onestop.ReadableField{}, Requirements: []onestop.ReadableRequirement{},
		Results: []onestop.ReadableResult{}}
	for _, c := range version.Cases {
		if c.ID == r.Case {
			out.Case = c.Name.In(l)
		}
	}
	differs, confirmed := differing(l, version.Form(), r), desk.ConfirmedTexts(l, version.Form(), r)
	for _, row := range version.Form().Present(r.Answers, l) {
		field := readable(row, version.Form().Field(row.Field))
		field.Differs, field.Confirmed = differs[row.Field], confirmed[row.Field]
		out.Fields = append(out.Fields, field)
	}
	for _, q := range version.Required(version.ChoiceOf(r.Case, procedure.Online, r.Answers,
		workday.DateOf(r.SubmittedAt))) {
		if q.Mode == procedure.Submit {
			out.Requirements = append(out.Requirements, onestop.ReadableRequirement{ID: q.ID,
				Name: q.Name.In(l)})
		}
	}
	for _, k := range version.Results {
		if k.Code != "" {
			out.Results = append(out.Results, onestop.ReadableResult{Code: k.Code, Name: k.Name.In(l)})
		}
	}
	v.Set(fiber.HeaderContentLanguage, string(l))
	return v.answer(out)
}

// differing is what a source says, by field, where the person answered something else.
func differing(l i18n.Lang, form *eform.Form, r *dossier.Revision) map[string]*onestop.ReadableSource {
	by := map[string]*onestop.ReadableSource{}
	for _, p := range r.Provenance {
		if field := form.Field(p.Field); field != nil && p.Own != nil {
			by[p.Field] = &onestop.ReadableSource{Source: string(p.Source), Dossier: p.Dossier,
				Text: field.Read(p.Value, l), Reason: p.Reason}
		}
	}
	return by
}

func readable(row eform.Row, field *eform.Field) onestop.ReadableField {
	f := onestop.ReadableField{ID: row.Field, Section: row.Section, Label: row.Label, Text: row.Text,
		Asks: field != nil && field.Asks()}
	if row.Table != nil {
		f.Table = &onestop.ReadableTable{Head: row.Table.Head, Rows: row.Table.Rows}
	}
	return f
}
