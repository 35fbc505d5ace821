package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"congdvc/identity"
	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// ErrWithAnother says that another person who acts for the same party works on the draft. Whoever wants to go
// on with it says so first, by GoOn. Args: Name, of that person.
var ErrWithAnother = fault.New(fault.Conflict, "desk.with_another")

// holds refuses a person who does not work on a draft: nothing of it is shown to them, and nothing that they
// send is saved. A draft that is no longer open is nobody's.
func (d *Desk) holds(ctx context.Context, db postgres.DB, who identity.Who, draft *dossier.Draft) error {
	if draft.Acting() == who.Person || !open(draft) {
		return nil
	}
	names, err := identity.FindNames(ctx, db, d.Vault, draft.Acting())
	if err != nil {
		return err
	}
	return ErrWithAnother.With("Name", names[draft.Acting()])
}

func open(draft *dossier.Draft) bool {
	return draft.State == dossier.Editing || draft.State == dossier.Frozen
}

// findHeld finds a party's draft that the person works on. Errors: dossier.ErrNotFound, ErrWithAnother.
func (d *Desk) findHeld(ctx context.Context, who identity.Who, id dossier.DraftID) (*dossier.Draft, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, id, who.Party)
	if err != nil {
		return nil, err
	}
	return draft, d.holds(ctx, d.Pool, who, draft)
}

// lockHeld is findHeld that holds the draft until the transaction ends.
func (d *Desk) lockHeld(ctx context.Context, tx pgx.Tx, who identity.Who,
	id dossier.DraftID) (*dossier.Draft, error) {
	draft, err := dossier.LockDraft(ctx, tx, d.Vault, id, who.Party)
	if err != nil {
		return nil, err
	}
	return draft, d.holds(ctx, tx, who, draft)
}

// Holding says who works on a draft, for somebody who acts for the same party.
type Holding struct {
	Draft   *dossier.Draft
	Version *procedure.Version
	Mine    bool             // the person who asks works on it
	Holder  identity.PartyID // who works on it
	Name    string           // of the holder
	Since   time.Time        // since when the holder does
	First   bool             // the holder began it
}

// Holding reads who works on a party's draft, and nothing of what it says. Errors: dossier.ErrNotFound.
func (d *Desk) Holding(ctx context.Context, who identity.Who, id dossier.DraftID) (*Holding, error) {
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, id, who.Party)
	if err != nil {
		return nil, err
	}
	h := &Holding{Draft: draft, Holder: draft.Acting(), Since: draft.CreatedAt, First: draft.ActingID == nil}
	h.Mine = h.Holder == who.Person
	if h.Version, err = procedure.ByID(ctx, d.Pool, draft.VersionID); err != nil {
		return nil, err
	}
	names, err := identity.FindNames(ctx, d.Pool, d.Vault, h.Holder)
	if err != nil {
		return nil, err
	}
	h.Name = names[h.Holder]
	if h.First {
		return h, nil
	}
	last, err := dossier.LastHandover(ctx, d.Pool, d.Vault, id)
	if err != nil {
		return nil, err
	}
	h.Since = last.At
	return h, nil
}

// GoOn lets a person go on with a draft that another one, from, works on, and declare it: the fields about
// whoever files say what is known of this person or nothing, what was filled in from the other's account is
// gone, and what was typed stays. A draft that waits for its fee is opened for editing first, as by
// EditFrozen, since it is the other's declaration. Errors: dossier.ErrNotFound; ErrWithAnother when by now
// somebody else than from works on it; ErrAlreadyPaid.
func (d *Desk) GoOn(ctx context.Context, who identity.Who, id dossier.DraftID, from identity.PartyID) error {
	draft, err := dossier.FindDraft(ctx, d.Pool, d.Vault, id, who.Party)
	if err != nil {
		return err
	}
	if draft.Acting() == who.Person || !open(draft) {
		return nil
	}
	if draft.State == dossier.Frozen && draft.Acting() == from {
		quote, err := payments.FindQuote(ctx, d.Pool, d.Vault, *draft.Quote)
		if err != nil {
			return err
		}
		// Who worked on it may have opened it for editing just now.
		if err := d.thaw(ctx, draft, quote); err != nil && !errors.Is(err, ErrNotFrozen) {
			return err
		}
	}
	v, err := procedure.ByID(ctx, d.Pool, draft.VersionID)
	if err != nil {
		return err
	}
	known, err := d.knownOf(ctx, who, v.Form())
	if err != nil {
		return err
	}
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := dossier.LockDraft(ctx, tx, d.Vault, id, who.Party)
		if err != nil || draft.Acting() == who.Person || !open(draft) {
			return err
		}
		if draft.Acting() != from {
			return d.holds(ctx, tx, who, draft)
		}
		return d.handOver(ctx, tx, who, draft, v.Form(), known)
	})
}

func (d *Desk) handOver(ctx context.Context, tx pgx.Tx, who identity.Who, draft *dossier.Draft, f *eform.Form,
	k known) error {
	now := d.Now()
	fields, err := dossier.Fields(ctx, tx, d.Vault, draft.ID)
	if err != nil {
		return err
	}
	given, err := dossier.GivenFor(ctx, tx, d.Vault, draft.ID)
	if err != nil {
		return err
	}
	handover := dossier.NewHandover{To: who.Person, Now: now, Given: map[string]dossier.Given{}}
	first, said := prefill(f, k, now)
	mine := map[string]dossier.Change{}
	for _, c := range first {
		mine[c.Field] = c
	}
	filer := f.OfFiler()
	for _, field := range f.Fields() {
		id := field.ID
		g, has := given[id]
		ofOther := has && (g.Source == dossier.FromIdentity || g.Source == dossier.FromDossier)
		if !field.Asks() || !draft.MayChange(id) || !filer[id] && !ofOther {
			continue
		}
		change := dossier.Change{Field: id, Value: mine[id].Value, Source: mine[id].Source}
		if !filer[id] && !fields[id].Value.Equal(g.Value) {
			change.Value = fields[id].Value // typed by hand
		}
		handover.Fields = append(handover.Fields, change)
		if own, known := said[id]; known {
			handover.Given[id] = own
		}
	}
	if _, err := dossier.HandOver(ctx, tx, d.Vault, draft, handover); err != nil {
		return err
	}
	return dossier.RecordDraftReading(ctx, tx, d.Vault, draft.ID, who.Person, dossier.WentOn, now)
}

// Handover says, for the person who works on a draft, how it came to them.
type Handover struct {
	From     string // the name of who worked on it before
	At       time.Time
	Renewed  []*eform.Field // say now what is known of the person
	Emptied  []*eform.Field // are to be filled in anew
	Relation []*eform.Field // typed by the other: on what ground the person files
}

// Handover reads how a draft came to the person who works on it. It is nil for one that never changed hands.
func (d *Desk) Handover(ctx context.Context, view *DraftView) (*Handover, error) {
	if view.Draft.ActingID == nil {
		return nil, nil
	}
	last, err := dossier.LastHandover(ctx, d.Pool, d.Vault, view.Draft.ID)
	if err != nil {
		return nil, err
	}
	names, err := identity.FindNames(ctx, d.Pool, d.Vault, last.From)
	if err != nil {
		return nil, err
	}
	h := &Handover{From: names[last.From], At: last.At}
	shown := view.Form.Shown(view.Answers)
	for _, field := range view.Form.Fields() {
		was := view.Fields[field.ID]
		switch {
		case !shown[field.ID] || !view.Draft.MayChange(field.ID):
		case slices.Contains(last.Renewed, field.ID):
			h.Renewed = append(h.Renewed, field)
		case slices.Contains(last.Emptied, field.ID):
			h.Emptied = append(h.Emptied, field)
		case field.Ground != nil && !was.Value.Empty() && was.ChangedAt.Before(last.At):
			h.Relation = append(h.Relation, field)
		}
	}
	return h, nil
}

// personal reports whether a prefill key asks about the person who acts.
func personal(key string) bool { return strings.HasPrefix(key, "person.") }
