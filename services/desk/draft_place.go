package desk

import (
	"context"
	"errors"
	"slices"

	"congdvc/i18n"
	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/fault"
	"congdvc/services/postgres"
	"congdvc/services/procedure"

	"github.com/jackc/pgx/v5"
)

// PlaceIn is where a dossier is handed in and which case of the procedure it is.
type PlaceIn struct {
	Agency   agency.ID
	Case     string
	Capacity procedure.Capacity // in which a person files; "" where it is not asked
}

// SetPlace changes the receiving agency and the case of a draft. Errors as of
// StartDraft, and dossier.ErrFrozen. A draft that its owner may not file has no place to choose.
func (d *Desk) SetPlace(ctx context.Context, who identity.Who, id dossier.DraftID, in PlaceIn) error {
	return d.tx(ctx, func(tx pgx.Tx) error {
		draft, err := d.lockHeld(ctx, tx, who, id)
		if err != nil {
			return err
		}
		v, err := procedure.ByID(ctx, tx, draft.VersionID)
		if err != nil {
			return err
		}
		in.Case = meantCase(v, in.Case)
		if err := d.checkPlace(ctx, tx, v, who.Party, in); err != nil {
			return err
		}
		capacity := v.CapacityOf(who.Kind(), in.Capacity)
		if err := dossier.SetCapacity(ctx, tx, d.Vault, draft, capacity, d.Now()); err != nil {
			return err
		}
		if err := dossier.SetAgency(ctx, tx, d.Vault, draft, in.Agency, d.Now()); err != nil {
			return err
		}
		return dossier.SetCase(ctx, tx, d.Vault, draft, in.Case, d.Now())
	})
}

// checkPlace says everything that is wrong with a place for a dossier of an owner. That the owner may not
// file at all goes before.
func (d *Desk) checkPlace(ctx context.Context, db postgres.DB, v *procedure.Version, owner identity.PartyID,
	in PlaceIn) error {
	party, err := identity.Find(ctx, db, d.Vault, owner)
	if err != nil {
		return err
	}
	err = v.CheckFiler(party.Kind, in.Capacity)
	if errors.Is(err, procedure.ErrCitizensOnly) {
		return err
	}
	faults := fault.List(append(fault.All(err), fault.All(checkCase(v, in.Case))...))
	a, err := agency.Find(ctx, db, in.Agency)
	if errors.Is(err, agency.ErrNotFound) || err == nil && (!a.HoldsOn(d.today()) || !v.Receives(a)) {
		faults.Add(ErrNoAgency.At("agency"))
	} else if err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return err
	}
	return d.proved(ctx, db, v, a.ID)
}

// hasCase reports whether a version knows a case; a procedure without cases knows "" alone.
func hasCase(v *procedure.Version, id string) bool {
	if len(v.Cases) == 0 {
		return id == ""
	}
	return slices.ContainsFunc(v.Cases, func(c procedure.Case) bool { return c.ID == id })
}

// meantCase is the case to use for a choice: the chosen one, or, where none or a removed one was chosen, the
// only case that can be filed online.
func meantCase(v *procedure.Version, id string) string {
	if sole := v.SoleCase(procedure.Online); !hasCase(v, id) && sole != "" {
		return sole
	}
	return id
}

// checkCase says what is wrong with the case of an online filing.
func checkCase(v *procedure.Version, id string) error {
	switch {
	case !hasCase(v, id):
		return ErrNoCase.At("case")
	case !v.Fits(id, procedure.Online):
		return NotOnline(v, id)
	}
	return nil
}

// NotOnline is ErrCaseOffline about a case of a version.
func NotOnline(v *procedure.Version, id string) error {
	var name, channels i18n.Text
	for _, c := range v.Cases {
		if c.ID == id {
			name = c.Name
		}
	}
	for i, c := range v.ChannelsFor(id) {
		if i > 0 {
			channels.Vi, channels.En = channels.Vi+", ", channels.En+", "
		}
		channels.Vi += i18n.T(i18n.Vi, "procedure.channel."+c.ID)
		channels.En += i18n.T(i18n.En, "procedure.channel."+c.ID)
	}
	return ErrCaseOffline.At("case").With("Case", name).With("Channels", channels)
}
