package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/notice"

	"github.com/jackc/pgx/v5"
)

// tell queues a notice to the person who acts in a dossier, with the facts that it names.
func (d *Desk) tell(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, kind dossier.NoticeKind,
	args notice.Args) error {
	_, err := notice.Queue(ctx, tx, d.Channels, notice.Notice{
		Party: h.Owner, Person: h.SubmittedBy, Dossier: h.Code, Kind: kind, Args: args, CreatedAt: d.Now(),
	})
	return err
}
