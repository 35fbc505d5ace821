package desk

import (
	"context"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/attachment"
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
	// Capacity is in what capacity a person files; "" where it is not asked.
	Capacity procedure.Capacity
	// From is a draft of another party whose answers and files move into the new one; "" is none. See
	// Movable.
	From dossier.DraftID
}

// StartDraft begins a draft under the version in force, with what the identity
// already tells filled in. Errors: procedure.ErrNotFound, ErrNotOnline;
// procedure.ErrCitizensOnly for an organisation; a list of ErrNoAgency, ErrNoCase,
// ErrCaseOffline and procedure.ErrNoCapacity; ErrMoved for a From that is not Movable.
func (d *Desk) StartDraft(ctx context.Context, who identity.Who, in StartIn) (*dossier.Draft, error) {
	v, err := procedure.InForce(ctx, d.Pool, in.Procedure, d.today())
	if err != nil {
		return nil, err
	}
	if !v.Online() {
		return nil, ErrNotOnline
	}
	in.Case = meantCase(v, in.Case)
	if err := d.checkPlace(ctx, d.Pool, v, who.Party, PlaceIn{in.Agency, in.Case, in.Capacity}); err != nil {
		return nil, err
	}
	in.Capacity = v.CapacityOf(who.Kind(), in.Capacity)
	known, err := d.knownOf(ctx, who, v.Form())
	if err != nil {
		return nil, err
	}
	now := d.Now()
	fields, said := prefill(v.Form(), known, now)
	fields = append(fields, given(v.Form(), in.Answers)...)
	var draft *dossier.Draft
	err = d.tx(ctx, func(tx pgx.Tx) error {
		from, err := d.lockMovable(ctx, tx, who, v, in.From)
		if err != nil {
			return err
		}
		fields, err := d.withMoved(ctx, tx, v.Form(), from, fields)
		if err != nil {
			return err
		}
		draft, err = dossier.InsertDraft(ctx, tx, d.Vault, dossier.NewDraft{
			Party: who.Party, Person: who.Person, VersionID: v.ID, ProcedureCode: v.Code, Case: in.Case,
			Capacity: in.Capacity, ReceivingAgency: &in.Agency, Lang: string(in.Lang), Fields: fields,
			KeptDays: d.DraftDays,
			Now:      now,
		})
		if err != nil {
			return err
		}
		if err := d.givenRead(ctx, tx, who, said); err != nil {
			return err
		}
		if err := dossier.PutGiven(ctx, tx, d.Vault, draft.ID, said); err != nil || from == nil {
			return err
		}
		if err := attachment.CopySentTo(ctx, tx, d.Vault, from.ID, draft.ID); err != nil {
			return err
		}
		return dossier.Discard(ctx, tx, d.Vault, from, now)
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
		return dossier.Discard(ctx, tx, d.Vault, draft, d.Now())
	})
}
