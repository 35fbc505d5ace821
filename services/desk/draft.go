package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// StartIn is what a person chooses before the form.
type StartIn struct {
	Procedure string
	Case      string // "" where the procedure has no cases
	Agency    agency.ID
	Lang      i18n.Lang
	Answers   eform.Answers // what the person answered before the draft was begun; may be nil
}

// StartDraft begins a draft under the version in force, with what the identity
// already tells filled in. Errors: procedure.ErrNotFound, ErrNotOnline,
// ErrNoAgency, ErrNoCase, ErrCaseOffline.
func (d *Desk) StartDraft(ctx context.Context, who identity.Who, in StartIn) (*dossier.Draft, error) {
	v, err := procedure.InForce(ctx, d.Pool, in.Procedure, d.today())
	if err != nil {
		return nil, err
	}
	if !v.Online() {
		return nil, ErrNotOnline
	}
	in.Case = meantCase(v, in.Case)
	if err := d.checkPlace(ctx, d.Pool, v, PlaceIn{in.Agency, in.Case}); err != nil {
		return nil, err
	}
	known, err := d.knownOf(ctx, who, v.Form())
	if err != nil {
		return nil, err
	}
	now := d.Now()
	fields, said := prefill(v.Form(), known, now)
	fields = append(fields, given(v.Form(), in.Answers)...)
	var draft *dossier.Draft
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err = dossier.InsertDraft(ctx, tx, d.Vault, dossier.NewDraft{
			Party: who.Party, Person: who.Person, VersionID: v.ID, ProcedureCode: v.Code, Case: in.Case,
			ReceivingAgency: &in.Agency, Lang: string(in.Lang), Fields: fields, KeptDays: d.DraftDays,
			Now: now,
		})
		if err != nil {
			return err
		}
		if err := d.givenRead(ctx, tx, who, said); err != nil {
			return err
		}
		return dossier.PutGiven(ctx, tx, d.Vault, draft.ID, said)
	})
	return draft, err
}

// given are the answers that a person gave before the draft was begun, without those that the identity
// provides.
func given(f *eform.Form, answers eform.Answers) []dossier.Change {
	var changes []dossier.Change
	for _, field := range f.Fields() {
		if value := answers[field.ID]; field.Asks() && field.Prefill == "" && !value.Empty() {
			changes = append(changes, dossier.Change{Field: field.ID, Value: value})
		}
	}
	return changes
}

// DiscardDraft throws a draft away. Errors: dossier.ErrFrozen while it waits for a
// payment; ErrNotAllowed for the draft of a supplement, which the agency waits for.
func (d *Desk) DiscardDraft(ctx context.Context, who identity.Who, id dossier.DraftID) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if draft.Asked != nil {
			return ErrNotAllowed
		}
		return dossier.Discard(ctx, tx, draft, d.Now())
	})
}
