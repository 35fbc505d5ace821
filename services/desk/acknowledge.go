package desk

import (
	"context"
	"slices"

	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// Acknowledge says that the one-stop system has the dossier under its own code. It moves the sync state only:
// no officer has seen the dossier yet. The sync state is that of the system that receives. A system that only
// decides may acknowledge too, but that changes nothing.
func (d *Desk) Acknowledge(ctx context.Context, o Office, code dossier.Code,
	in onestop.Acknowledge) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		if !slices.Contains(o.Agencies, h.ReceivingAgency) {
			return nil, nil
		}
		if err := dossier.SetOfficeCode(ctx, tx, h, in.OfficeCode); err != nil {
			return nil, err
		}
		if h.Sync == dossier.Acknowledged {
			return nil, nil
		}
		if err := dossier.SetSync(ctx, tx, h, dossier.Acknowledged); err != nil {
			return nil, err
		}
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindAcknowledged, Actor: o.Actor, At: d.Now()},
		})
	})
}
