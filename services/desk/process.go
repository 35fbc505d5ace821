package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// Process says that the dossier is being worked on. Errors: dossier.ErrMove.
func (d *Desk) Process(ctx context.Context, o Office, code dossier.Code, in onestop.Process) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		err := dossier.Move(ctx, tx, d.Vault, h, dossier.MoveIn{To: dossier.Processing, Kind: dossier.KindProcessing, Actor: o.Actor, Note: in.Note, At: d.Now()})
		if err != nil {
			return nil, err
		}
		return nil, d.tell(ctx, tx, h, notice.Processing)
	})
}
