package desk

import (
	"context"

	"congdvc/services/dossier"
	"congdvc/services/notice"
	"congdvc/services/onestop"
	"congdvc/services/procedure"
	"congdvc/services/sheet"

	"github.com/jackc/pgx/v5"
)

// A happening is one thing that happens to a dossier. Its kind decides what follows from it, by the row of
// the table in services/dossier/history_kind.go: the move, the event, the notice, the slip. The other fields
// are the content of those.
type happening struct {
	dossier.NewEntry
	sum     string // SHA-256 of Revision; "" without one
	fee     *onestop.ThinFee
	told    notice.Args
	version *procedure.Version // of the dossier, for a kind with a slip
	slip    func(*sheet.SlipData)
}

// record writes what happens to a locked dossier, and all that the row of its kind names: the entry of the
// history with its move, the event for the one-stop systems, the slip and the notice. After committing an
// event the caller pings the sequencer. Errors: dossier.ErrMove, dossier.ErrLocked.
func (d *Desk) record(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, what happening) error {
	if err := dossier.Record(ctx, tx, d.Vault, h, what.NewEntry); err != nil {
		return err
	}
	if err := d.announceEntry(ctx, tx, h, what); err != nil {
		return err
	}
	if slip := what.Kind.Slip(); slip != "" {
		if err := d.slip(ctx, tx, h, slip, what); err != nil {
			return err
		}
	}
	if told := what.Kind.Notice(); told != "" {
		return d.tell(ctx, tx, h, told, what.told)
	}
	return nil
}

func (d *Desk) announceEntry(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, what happening) error {
	a := announcement{event: what.Kind.Event(), fee: what.fee, system: what.Actor.System}
	switch {
	case a.event == "":
		return nil
	case what.Revision != 0:
		a.revision, a.sum = what.Revision, what.sum
		return d.announce(ctx, tx, h, a)
	}
	return d.append(ctx, tx, h, a)
}
