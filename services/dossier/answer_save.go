package dossier

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/eform"
	"congdvc/services/vault"
)

// A Field is one answer of a draft.
type Field struct {
	Value     eform.Value
	Revision  int    // grows by one with each change, from 1; what a later Change is based on
	Operation string // the id of the save that set it
	Source    string // "typed", or where it was prefilled from: "person.name"
	ChangedAt time.Time
}

// A Change is what a page wants one field to be. Base is the Revision of the field that the page showed, 0
// when it had never been set. A page that saves repeatedly passes the revision that its own last save made.
type Change struct {
	Field  string
	Value  eform.Value
	Base   int
	Source string // "" is "typed"
}

// A Conflict is a change that was not saved, since the field was changed elsewhere after the page was shown.
type Conflict struct {
	Field        string
	Mine, Theirs eform.Value
	Revision     int // of Theirs: the Base that a Change needs now
	At           time.Time
}

// typed is the source of what a person entered.
const typed = "typed"

// AnswersOf returns the values of fields that say something.
func AnswersOf(fields map[string]Field) eform.Answers {
	answers := make(eform.Answers, len(fields))
	for id, f := range fields {
		if !f.Value.Empty() {
			answers[id] = f.Value
		}
	}
	return answers
}

// SaveFields saves the changes of one page, field by field. operation is the id of this save.
//
// A change based on an older revision than the stored one is not saved but returned as a Conflict, unless it
// has the same value as what is stored. It never holds up the other changes. A change to the stored value
// changes nothing, so a repeated save is harmless.
//
// Saves of the same page do not conflict with each other: the later one holds, whichever arrives first. What
// a page's script sent before the page itself was posted changes nothing when it arrives after the post.
//
// Errors: ErrFrozen when the draft is not being edited, ErrNotAsked when a supplement does not ask for a
// field; then nothing is saved.
func SaveFields(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, operation string, changes []Change,
	now time.Time) ([]Conflict, error) {
	saved, err := saveFields(ctx, tx, v, d, operation, changes, now)
	if err != nil {
		return nil, err
	}
	return saved.Conflicts, markPosted(ctx, tx, v, d.ID, operation, now)
}

func saveFields(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, operation string, changes []Change,
	now time.Time) (Saved, error) {
	now = now.UTC().Truncate(time.Microsecond)
	if err := Touch(ctx, tx, d, now); err != nil {
		return Saved{}, err
	}
	stored, err := Fields(ctx, tx, v, d.ID)
	if err != nil {
		return Saved{}, err
	}
	said, err := saidAgain(ctx, tx, d.ID, operation)
	if err != nil {
		return Saved{}, err
	}
	fresh, conflicts, err := sorted(d, stored, operation, said, changes)
	if err != nil {
		return Saved{}, err
	}
	saved := Saved{Revisions: map[string]int{}, Conflicts: conflicts, Fresh: len(fresh) > 0, At: now}
	for _, c := range changes {
		saved.Revisions[c.Field] = stored[c.Field].Revision
	}
	for _, c := range conflicts {
		delete(saved.Revisions, c.Field)
	}
	return saved, put(ctx, tx, v, d, operation, fresh, now)
}

// sorted splits changes into those to be saved, with Base set to the revision that they make, and conflicts.
// stored then holds the revisions as they will be. A change that a later post of its page repeated is in
// neither list.
func sorted(d *Draft, stored map[string]Field, operation string, saidAgain bool,
	changes []Change) (fresh []Change, conflicts []Conflict, err error) {
	for _, c := range changes {
		was, set := stored[c.Field]
		own, later := samePage(operation, was.Operation)
		switch {
		case set && c.Value.Equal(was.Value), !set && c.Value.Empty():
		case !d.MayChange(c.Field):
			return nil, nil, ErrNotAsked.At(c.Field)
		case own && !later, saidAgain:
		case c.Base != was.Revision && !own:
			conflicts = append(conflicts, Conflict{
				Field: c.Field, Mine: c.Value, Theirs: was.Value, Revision: was.Revision, At: was.ChangedAt,
			})
		default:
			c.Base = was.Revision + 1
			stored[c.Field] = Field{Value: c.Value, Revision: c.Base, Operation: operation}
			fresh = append(fresh, c)
		}
	}
	return fresh, conflicts, nil
}

// begin sets the first fields of a draft that is being inserted.
func begin(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, first []Change, now time.Time) error {
	var fresh []Change
	for _, c := range first {
		if !c.Value.Empty() {
			c.Base = 1
			fresh = append(fresh, c)
		}
	}
	return put(ctx, tx, v, d, "begin", fresh, now)
}

// Typed reports whether the person entered the answer, and the portal did not fill it in.
func (f Field) Typed() bool { return f.Source == typed }
