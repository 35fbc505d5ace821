package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/notice"

	"github.com/jackc/pgx/v5"
)

// tell queues a notice to the person who acts in a dossier.
func (d *Desk) tell(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind notice.Kind) error {
	return d.tellWith(ctx, tx, h, kind, notice.Args{})
}

// tellWith is tell with the facts that the notice names.
func (d *Desk) tellWith(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind notice.Kind, args notice.Args) error {
	_, err := notice.Queue(ctx, tx, d.Channels, notice.Notice{
		Party: h.Owner, Person: h.SubmittedBy, Dossier: h.Code, Kind: kind, Args: args, CreatedAt: d.Now(),
	})
	return err
}
