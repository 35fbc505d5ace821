package backoffice

import (
	"fmt"
	"slices"

	"congdvc/i18n"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/gofiber/fiber/v2"
)

// getDifference compares a revision with an earlier one: the one before, unless another is named. Before the
// first one there was nothing.
func (b *Backoffice) getDifference(v *call) error {
	code, err := v.code()
	if err != nil {
		return err
	}
	to, err := v.number()
	if err != nil {
		return err
	}
	values, err := v.query("from")
	if err != nil {
		return err
	}
	from, err := between(values, "from", 1, int64(to)-1, int64(to)-1)
	if err != nil {
		return err
	}
	revisions := [2]*dossier.Revision{{}, nil}
	for i, number := range []int{int(from), to} {
		if number == 0 {
			continue
		}
		raw, err := b.Desk.RevisionFor(v.UserContext(), v.office(), code, number)
		if err != nil {
			return err
		}
		if revisions[i], err = dossier.ParseRevision(raw); err != nil {
			return err
		}
	}
	version, err := procedure.ByID(v.UserContext(), b.Pool, revisions[1].Procedure.VersionID)
	if err != nil {
		return err
	}
	l := lang(v.Ctx)
	v.Set(fiber.HeaderContentLanguage, string(l))
	return v.answer(difference(l, version, revisions[0], revisions[1]))
}

// difference lays out what differs: fields in the order of the form, then what the form does not show.
func difference(l i18n.Lang, version *procedure.Version,
	before, after *dossier.Revision) onestop.RevisionDifference {
	out := onestop.RevisionDifference{Dossier: after.Dossier, From: before.Number, To: after.Number,
		Fields: []onestop.FieldChange{}, Files: []onestop.FileChange{}}
	d, form := dossier.DifferenceOf(before, after), version.Form()
	was, is := form.Present(before.Answers, l), form.Present(after.Answers, l)
	place := func(id string) int {
		at := func(rows []eform.Row) int {
			return slices.IndexFunc(rows, func(r eform.Row) bool { return r.Field == id })
		}
		if i := at(is); i >= 0 {
			return i
		}
		return len(is) + 1 + at(was)
	}
	slices.SortStableFunc(d.Fields, func(a, b string) int { return place(a) - place(b) })
	for _, id := range d.Fields {
		change := onestop.FieldChange{ID: id, Label: id,
			Before: changed(form, before.Answers[id], id, was, l),
			After:  changed(form, after.Answers[id], id, is, l)}
		if field := form.Field(id); field != nil {
			change.Label = field.Label.In(l)
		}
		for _, row := range slices.Concat(was, is) {
			if row.Field == id {
				change.Section = row.Section
			}
		}
		out.Fields = append(out.Fields, change)
	}
	names := map[string]string{}
	for _, r := range []*dossier.Revision{before, after} {
		if r.Number == 0 {
			continue
		}
		for _, q := range version.Required(version.ChoiceOf(r.Case, procedure.Online, r.Answers,
			workday.DateOf(r.SubmittedAt))) {
			names[q.ID] = q.Name.In(l)
		}
	}
	for _, f := range d.Files {
		out.Files = append(out.Files, fileChange(f, names[f.Requirement], before, after))
	}
	return out
}

// changed is an answer as it is and as it reads; nil where there is none.
func changed(form *eform.Form, value eform.Value, id string, rows []eform.Row,
	l i18n.Lang) *onestop.ChangedValue {
	if value.Empty() {
		return nil
	}
	out := &onestop.ChangedValue{Value: value}
	for _, row := range rows {
		if row.Field == id {
			shown := readableField(row, nil)
			out.Text, out.Table = shown.Text, shown.Table
			return out
		}
	}
	if field := form.Field(id); field != nil {
		out.Text = field.Read(value, l)
	}
	return out
}

func fileChange(f dossier.FileChange, name string, before, after *dossier.Revision) onestop.FileChange {
	out := onestop.FileChange{Change: onestop.FileReplaced, Requirement: f.Requirement, Name: name,
		Before: changedFile(f.Before, before), After: changedFile(f.After, after)}
	switch {
	case f.Before == nil:
		out.Change = onestop.FileAdded
	case f.After == nil:
		out.Change = onestop.FileRemoved
	}
	if name == "" {
		out.Name = f.Requirement
	}
	return out
}

func changedFile(f *dossier.RevisionFile, of *dossier.Revision) *onestop.ChangedFile {
	if f == nil {
		return nil
	}
	return &onestop.ChangedFile{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size,
		SHA256: f.SHA256, Href: fmt.Sprintf("%s/dossiers/%s/revisions/%d/files/%s", prefix, of.Dossier,
			of.Number, f.ID)}
}
