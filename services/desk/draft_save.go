package desk

import (
	"context"
	"slices"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/eform"

	"github.com/jackc/pgx/v5"
)

// SaveIn is what a page of the form sends.
type SaveIn struct {
	// Operation is the id of this save, as of dossier.ParseOperation: sending the same one again changes
	// nothing.
	Operation string
	Answers   eform.Answers
	// Bases are the revisions of the fields that the page showed; 0 for a field never set.
	Bases map[string]int
	// Reasons say why answers differ from what a source says, by field.
	Reasons map[string]string
}

// SaveStep saves the fields of one page. Those that were changed elsewhere
// meanwhile come back as conflicts, with both values, and are not overwritten.
func (d *Desk) SaveStep(ctx context.Context, who identity.Who, id dossier.DraftID,
	in SaveIn) (conflicts []dossier.Conflict, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		conflicts, err = dossier.SaveFields(ctx, tx, d.Vault, draft, in.Operation, in.changes(), d.Now())
		if err != nil {
			return err
		}
		return dossier.SaveReasons(ctx, tx, d.Vault, draft, in.Reasons)
	})
	return conflicts, err
}

// SaveOnce is SaveStep for a save that may be sent repeatedly: the same operation is carried out once and
// answered the same each time. Errors also dossier.ErrOperation.
func (d *Desk) SaveOnce(ctx context.Context, who identity.Who, id dossier.DraftID,
	in SaveIn) (saved dossier.Saved, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		saved, err = dossier.SaveOnce(ctx, tx, d.Vault, draft, in.Operation, in.changes(), d.Now())
		if err != nil || saved.Repeated {
			return err
		}
		return dossier.SaveReasons(ctx, tx, d.Vault, draft, in.Reasons)
	})
	return saved, err
}

// changes are the answers in the order of their fields' ids.
func (in SaveIn) changes() []dossier.Change {
	changes := make([]dossier.Change, 0, len(in.Answers))
	for field, value := range in.Answers {
		changes = append(changes, dossier.Change{Field: field, Value: value, Base: in.Bases[field]})
	}
	slices.SortFunc(changes, func(a, b dossier.Change) int { return compareText(a.Field, b.Field) })
	return changes
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
