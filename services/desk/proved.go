package desk

import (
	"context"
	"errors"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
)

// proved refuses a version and agencies that were not written by this portal's own commands. Who can write
// the database alone could lead every next dossier to an agency of theirs otherwise: so this is asked
// wherever a draft is begun or is led elsewhere, shown before it is handed in, and filed, and of the agency
// that issued a result. Other public pages do not ask, since nothing is handed over there. Errors:
// ErrUnproved.
func (d *Desk) proved(ctx context.Context, db postgres.DB, v *procedure.Version, in ...agency.ID) error {
	var err error
	if v != nil {
		err = binding.ProcedureVersion.Check(ctx, db, d.Vault, "id = $1", v.ID)
	}
	if err == nil && len(in) > 0 {
		err = binding.Agency.Check(ctx, db, d.Vault, "id = any($1::uuid[])", texts(in))
	}
	if errors.Is(err, binding.ErrForeign) {
		return ErrUnproved.With("Seconds", int64(3600)) // somebody has to look
	}
	return err
}

func texts(ids []agency.ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}

// provedView is proved for everything that leads a draft somewhere.
func (d *Desk) provedView(ctx context.Context, db postgres.DB, view *DraftView) error {
	var in []agency.ID
	for _, a := range []*agency.Agency{view.Agency, view.Deciding} {
		if a != nil {
			in = append(in, a.ID)
		}
	}
	return d.proved(ctx, db, view.Version, in...)
}
