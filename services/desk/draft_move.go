package desk

import (
	"context"
	"errors"
	"slices"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/postgres"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// Capacity is in what capacity the owner of a draft files under its version; "" where that is not asked.
func (d *DraftView) Capacity() procedure.Capacity {
	return d.Version.CapacityOf(d.Owner.Kind, d.Draft.Capacity)
}

// A Movable is a draft whose answers its person may take into a draft of their own.
type Movable struct {
	Draft dossier.Draft
	Owner identity.Party
}

// Movable lists the drafts that a person began for organisations under a procedure that is for citizens only.
// They cannot be filed, and their answers may move into a draft of the person. A draft in which a
// colleague ever wrote is not among them: what it says of the colleague is not the person's. Empty for who
// acts for an organisation.
func (d *Desk) Movable(ctx context.Context, who identity.Who, v *procedure.Version) ([]Movable, error) {
	if v.ForOrganisation() || who.Party != who.Person {
		return nil, nil
	}
	owners, err := identity.Mandates(ctx, d.Pool, d.Vault, who.Person)
	if err != nil {
		return nil, err
	}
	var found []Movable
	for _, owner := range owners {
		drafts, err := dossier.Drafts(ctx, d.Pool, d.Vault, owner.ID)
		if err != nil {
			return nil, err
		}
		for _, draft := range drafts {
			if movable(&draft, who, v.Code) {
				found = append(found, Movable{draft, owner})
			}
		}
	}
	return found, nil
}

func movable(draft *dossier.Draft, who identity.Who, code string) bool {
	return !draft.Shared(who.Person) && draft.Party != who.Party && draft.ProcedureCode == code &&
		draft.State == dossier.Editing && draft.Asked == nil
}

// lockMovable locks a draft whose answers are to move; nil without an id. Errors: ErrMoved when
// the person may not have it, or it has moved already.
func (d *Desk) lockMovable(ctx context.Context, tx pgx.Tx, who identity.Who, v *procedure.Version,
	id dossier.DraftID) (*dossier.Draft, error) {
	if id == "" {
		return nil, nil
	}
	owner, err := dossier.OwnerOfDraft(ctx, tx, d.Vault, id)
	if errors.Is(err, dossier.ErrNotFound) {
		return nil, ErrMoved.At("from")
	}
	if err != nil {
		return nil, err
	}
	may, err := identity.MayAct(ctx, tx, d.Vault, who.Person, owner, d.Now())
	if err != nil {
		return nil, err
	}
	if !may || who.Party != who.Person || v.ForOrganisation() {
		return nil, ErrMoved.At("from")
	}
	draft, err := dossier.LockDraft(ctx, tx, d.Vault, id, owner)
	if err != nil {
		return nil, err
	}
	if !movable(draft, who, v.Code) {
		return nil, ErrMoved.At("from")
	}
	return draft, nil
}

// withMoved adds to the first fields of a draft what the person typed into another one. What the portal
// filled in there is left: it was said of the organisation.
func (d *Desk) withMoved(ctx context.Context, db postgres.DB, form *eform.Form, from *dossier.Draft,
	first []dossier.Change) ([]dossier.Change, error) {
	if from == nil {
		return first, nil
	}
	answers, err := dossier.Fields(ctx, db, d.Vault, from.ID)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(first)
	for _, field := range form.Fields() {
		answer, ok := answers[field.ID]
		if !ok || !answer.Typed() || !field.Asks() {
			continue
		}
		all = slices.DeleteFunc(all, func(c dossier.Change) bool { return c.Field == field.ID })
		all = append(all, dossier.Change{Field: field.ID, Value: answer.Value})
	}
	return all, nil
}
