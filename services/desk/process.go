package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// Process says that the dossier is being worked on. Errors: dossier.ErrMove.
func (d *Desk) Process(ctx context.Context, o Office, code dossier.Code, in onestop.Process) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{
				Kind: dossier.KindProcessing, Actor: o.Actor, Note: in.Note, At: d.Now(),
			},
		})
	})
}
