package desk

import (
	"context"

	"congdvc/identity"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/sheet"
)

type unseenKey struct{}

// Unseen marks the work for an answer without content, as of HEAD: nobody sees what it reads, so it is not
// recorded.
func Unseen(ctx context.Context) context.Context { return context.WithValue(ctx, unseenKey{}, true) }

// dossierRead records what a person reads of a dossier before it is given out, unless it is their own, or
// they filed it and nobody else added to it.
func (d *Desk) dossierRead(ctx context.Context, db postgres.DB, who identity.Who, h *dossier.Dossier,
	what string) error {
	if who.Person == h.Owner || ctx.Value(unseenKey{}) != nil {
		return nil
	}
	if who.Person == h.SubmittedBy {
		if shared, err := dossier.SupplementedByAnother(ctx, db, h.ID, who.Person); err != nil || !shared {
			return err
		}
	}
	return dossier.RecordReading(ctx, db, d.Vault, h.ID, who.Person, what, d.Now())
}

// sourceRead records that a person took a file or what a result says over from a dossier of the party into a
// draft, where they can read it.
func (d *Desk) sourceRead(ctx context.Context, db postgres.DB, who identity.Who, code dossier.Code,
	what string) error {
	h, err := dossier.FindByCode(ctx, db, d.Vault, code, who.Party)
	if err != nil {
		return err
	}
	return d.dossierRead(ctx, db, who, h, what)
}

// givenRead is sourceRead of the e-results that filled in fields of a draft.
func (d *Desk) givenRead(ctx context.Context, db postgres.DB, who identity.Who,
	said map[string]dossier.Given) error {
	read := map[dossier.Code]bool{}
	for _, g := range said {
		if g.Source != dossier.FromDocument || read[g.Dossier] {
			continue
		}
		read[g.Dossier] = true
		if err := d.sourceRead(ctx, db, who, g.Dossier, dossier.ReadResult); err != nil {
			return err
		}
	}
	return nil
}

// draftRead records what a person reads of a draft before it is given out, unless nobody else wrote in it.
func (d *Desk) draftRead(ctx context.Context, who identity.Who, draft *dossier.Draft, what string) error {
	if !draft.Shared(who.Person) || ctx.Value(unseenKey{}) != nil {
		return nil
	}
	return dossier.RecordDraftReading(ctx, d.Pool, d.Vault, draft.ID, who.Person, what, d.Now())
}

// Readers are those who read a dossier.
type Readers struct {
	Dossier *dossier.Dossier
	List    []dossier.Access
	Names   map[identity.PartyID]string // of the citizens among them
	Owner   string                      // the name of the owner
	Filer   string                      // the name of who filed it
	// Own says that the person acts for the owner now; else they filed the dossier and act for others.
	Own bool
}

// Readers lists who read a dossier, for its owner and for the person who filed it, who may see this even when
// they no longer act for the owner. before is as in dossier.Accesses. Errors: dossier.ErrNotFound.
func (d *Desk) Readers(ctx context.Context, who identity.Who, code dossier.Code, before string) (*Readers,
	error) {
	h, err := dossier.FindForReaders(ctx, d.Pool, d.Vault, code, who.Party, who.Person)
	if err != nil {
		return nil, err
	}
	if err := d.dossierRead(ctx, d.Pool, who, h, dossier.ReadReaders); err != nil {
		return nil, err
	}
	r := &Readers{Dossier: h, Own: h.Owner == who.Party}
	if r.List, err = dossier.Accesses(ctx, d.Pool, d.Vault, h.ID, before); err != nil {
		return nil, err
	}
	if r.Names, err = d.readerNames(ctx, r.List, h.Owner, h.SubmittedBy); err != nil {
		return nil, err
	}
	r.Owner, r.Filer = r.Names[h.Owner], r.Names[h.SubmittedBy]
	return r, nil
}

// DraftReaders lists who read an open draft that is not only the person's own, with the names of them and of
// the draft's party. Both are empty for one that nobody else has touched.
func (d *Desk) DraftReaders(ctx context.Context, draft *dossier.Draft) ([]dossier.Access,
	map[identity.PartyID]string, error) {
	list, err := dossier.DraftAccesses(ctx, d.Pool, d.Vault, draft.ID)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	names, err := d.readerNames(ctx, list, draft.Party)
	return list, names, err
}

func (d *Desk) readerNames(ctx context.Context, list []dossier.Access,
	ids ...identity.PartyID) (map[identity.PartyID]string, error) {
	for _, a := range list {
		if a.Actor.Person != "" {
			ids = append(ids, a.Actor.Person)
		}
	}
	return identity.FindNames(ctx, d.Pool, d.Vault, ids...)
}

// Slip reads a slip of a party's dossier, and records that it was read, unless by who filed it. Errors:
// dossier.ErrNotFound and those of sheet.OpenSlip.
func (d *Desk) Slip(ctx context.Context, who identity.Who, code dossier.Code, id string) (*sheet.Slip,
	sheet.SlipData, error) {
	h, err := dossier.FindByCode(ctx, d.Pool, d.Vault, code, who.Party)
	if err != nil {
		return nil, sheet.SlipData{}, err
	}
	slip, data, err := sheet.OpenSlip(ctx, d.Pool, d.Vault, h.ID, id)
	if err != nil {
		return nil, sheet.SlipData{}, err
	}
	return slip, data, d.dossierRead(ctx, d.Pool, who, h, dossier.ReadPaper)
}
