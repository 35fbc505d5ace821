package backoffice

import (
	"context"
	"crypto/sha256"
	"encoding/json"

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
	return v.read(func(o desk.Office) (representation, error) {
		d, err := b.Desk.DossierFor(v.UserContext(), o, code)
		if err != nil {
			return representation{}, err
		}
		body, err := json.Marshal(d)
		return representation{body, etagOf(d.RowVersion), dossier.Sync(d.Sync).Steady()}, err
	})
}

// revision reads the exact bytes of the revision that the path names.
func (b *Backoffice) revision(v *call, o desk.Office) ([]byte, error) {
	code, err := v.code()
	if err != nil {
		return nil, err
	}
	number, err := v.number()
	if err != nil {
		return nil, err
	}
	return b.Desk.RevisionFor(v.UserContext(), o, code, number)
}

func (b *Backoffice) getRevision(v *call) error {
	return v.read(func(o desk.Office) (representation, error) {
		raw, err := b.revision(v, o)
		if err != nil {
			return representation{}, err
		}
		sum := sha256.Sum256(raw)
		v.Set(headerReprDigest, digestOf(sum[:]))
		return representation{raw, sumTag(raw), true}, nil
	})
}

func (b *Backoffice) getReadable(v *call) error {
	l := lang(v.Ctx)
	v.Set(fiber.HeaderContentLanguage, string(l))
	v.Set(fiber.HeaderVary, fiber.HeaderAcceptLanguage)
	return v.read(func(o desk.Office) (representation, error) {
		raw, err := b.revision(v, o)
		if err != nil {
			return representation{}, err
		}
		out, err := b.readable(v.UserContext(), l, raw)
		if err != nil {
			return representation{}, err
		}
		body, err := json.Marshal(out)
		return representation{body, sumTag(body), true}, err
	})
}

// readable lays a revision out in a language.
func (b *Backoffice) readable(ctx context.Context, l i18n.Lang,
	raw []byte) (onestop.ReadableRevision, error) {
	r, err := dossier.ParseRevision(raw)
	if err != nil {
		return onestop.ReadableRevision{}, err
	}
	version, err := procedure.ByID(ctx, b.Pool, r.Procedure.VersionID)
	if err != nil {
		return onestop.ReadableRevision{}, err
	}
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
		field := readableField(row, version.Form().Field(row.Field))
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
	return out, nil
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

func readableField(row eform.Row, field *eform.Field) onestop.ReadableField {
	f := onestop.ReadableField{ID: row.Field, Section: row.Section, Label: row.Label, Text: row.Text,
		Asks: field != nil && field.Asks()}
	if row.Table != nil {
		f.Table = &onestop.ReadableTable{Head: row.Table.Head, Rows: row.Table.Rows}
	}
	return f
}
