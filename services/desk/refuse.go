package desk

import (
	"context"

	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"

	"github.com/jackc/pgx/v5"
)

// Refuse says that the agency does not receive the dossier, and why: slip 03.
// What was paid and may be given back is given back. Errors: dossier.ErrMove.
func (d *Desk) Refuse(ctx context.Context, o Office, code dossier.Code, in onestop.Refuse) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		err = d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{
				Kind: dossier.KindRefused, Actor: o.Actor, Note: in.Reason, At: d.Now(),
			},
			version: v,
			slip:    func(s *sheet.SlipData) { s.Reason = in.Reason },
		})
		if err != nil {
			return nil, err
		}
		return nil, d.letGo(ctx, tx, h, payments.ReasonRefused)
	})
}
