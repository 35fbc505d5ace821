package desk

import (
	"context"
	"errors"
	"fmt"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/onestop"

	"github.com/jackc/pgx/v5"
)

// append adds an event about the newest revision of a locked dossier to the feed.
func (d *Desk) append(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, a announcement) error {
	revisions, err := dossier.Revisions(ctx, tx, h.ID)
	if err != nil {
		return err
	}
	last := revisions[len(revisions)-1]
	a.revision, a.sum = last.Number, last.SHA256
	return d.announce(ctx, tx, h, a)
}

// An announcement is an event about a dossier for the one-stop systems.
type announcement struct {
	event    dossier.EventType
	revision int
	sum      string           // SHA-256 of the revision's bytes, hex
	fee      *onestop.ThinFee // nil for an event without money
	system   string           // id of the connection whose call it comes of; "" for none
}

// announce writes an event into the log of the one-stop system that receives a dossier. When another system
// decides it, the event goes into that log too. Each event carries the code of the log's own agency. The
// dossier is locked: who serves an agency is read after that, so that a change of connection misses no event.
// Errors: agency.ErrNoConnection when nothing serves the receiver.
func (d *Desk) announce(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, a announcement) error {
	offices, err := agency.FindMany(ctx, tx, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return err
	}
	told := ""
	for _, id := range []agency.ID{h.ReceivingAgency, h.DecidingAgency} {
		office := offices[id]
		connection, err := agency.ConnectionAt(ctx, tx, d.Vault, id, d.today())
		if errors.Is(err, agency.ErrNoConnection) && id != h.ReceivingAgency {
			continue
		}
		if err != nil {
			return fmt.Errorf("desk: connection of %s: %w", office.Code, err)
		}
		if connection == told {
			continue
		}
		told = connection
		data := d.thin(h, a, office.Code)
		data.Own = a.system == connection
		err = onestop.Append(ctx, tx, onestop.Event{
			Connection: connection, Dossier: h.ID, Type: a.event, Data: data,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) thin(h *dossier.Dossier, a announcement, agencyCode string) onestop.Thin {
	return onestop.Thin{
		Dossier: h.Code, Revision: a.revision, SHA256: a.sum, Language: h.Lang,
		Agency: agencyCode, Procedure: h.ProcedureCode, Fee: a.fee, OccurredAt: onestop.At(d.Now()),
	}
}
