package desk

import (
	"context"

	"congdvc/payments"
	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"

	"github.com/jackc/pgx/v5"
)

// Refuse says that the agency does not receive the dossier, and why: slip 03.
// What was paid and may be given back is given back. Errors: dossier.ErrMove.
func (d *Desk) Refuse(ctx context.Context, o Office, code dossier.Code, in onestop.Refuse) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		err := dossier.Move(ctx, tx, d.Vault, h, dossier.MoveIn{To: dossier.Refused, Kind: dossier.KindRefused, Actor: o.Actor, Note: in.Reason, At: d.Now()})
		if err != nil {
			return nil, err
		}
		v, err := procedure.ByID(ctx, tx, h.VersionID)
		if err != nil {
			return nil, err
		}
		if err := d.slip(ctx, tx, h, v, sheet.SlipRefused, o, func(s *sheet.SlipData) { s.Reason = in.Reason }); err != nil {
			return nil, err
		}
		if err := d.letGo(ctx, tx, h, payments.ReasonRefused); err != nil {
			return nil, err
		}
		return nil, d.tell(ctx, tx, h, notice.Refused)
	})
}
