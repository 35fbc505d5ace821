package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// Note adds a line to the history that the owner reads.
func (d *Desk) Note(ctx context.Context, o Office, code dossier.Code, in onestop.Note) ([]byte, error) {
	return d.change(ctx, o, code, func(tx pgx.Tx, h *dossier.Dossier) (any, error) {
		return nil, d.record(ctx, tx, h, happening{
			NewEntry: dossier.NewEntry{Kind: dossier.KindNote, Actor: o.Actor, Note: in.Note, At: d.Now()},
		})
	})
}
