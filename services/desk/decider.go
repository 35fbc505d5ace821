package desk

import (
	"context"
	"errors"
	"fmt"

	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/eform"
	"congdvc/services/onestop"
	"congdvc/services/postgres"
	"congdvc/services/procedure"
	"congdvc/services/workday"

	"github.com/jackc/pgx/v5"
)

// decider is the agency that decides what is handed in at another with these answers: the one that the law's data
// names, else the commune of an address, else the receiver. The receiver, too, where that agency does not hold on the
// day or lies outside of the province: it knows whom to pass the dossier on to.
func decider(ctx context.Context, db postgres.DB, v *procedure.Version, receiving *agency.Agency, a eform.Answers, on workday.Date) (*agency.Agency, error) {
	var deciding *agency.Agency
	var err error
	switch v.DecidedBy.By {
	case procedure.ByAgency:
		deciding, err = agency.ByCode(ctx, db, v.DecidedBy.Agency, on)
	case procedure.ByCommuneOf:
		deciding, err = agency.ByUnit(ctx, db, v.DecidingUnit(a), on)
	default:
		return receiving, nil
	}
	if errors.Is(err, agency.ErrNotFound) {
		return receiving, nil
	}
	return deciding, err
}

// frozenDecider is the agency that a frozen revision names to decide. One that was merged away while the payment was
// on its way leaves the decision with the receiver, and the revision says so.
func frozenDecider(ctx context.Context, db postgres.DB, r *dossier.Revision, receiving *agency.Agency, on workday.Date) (*agency.Agency, error) {
	if r.DecidingAgency == receiving.Code {
		return receiving, nil
	}
	deciding, err := agency.ByCode(ctx, db, r.DecidingAgency, on)
	if errors.Is(err, agency.ErrNotFound) {
		r.DecidingAgency = receiving.Code
		return receiving, nil
	}
	return deciding, err
}

// announce writes an event into the log of the one-stop system that receives a dossier, and into that of the one that
// decides it where it is another: each hears of what it answers for, under its own agency's code. Errors:
// agency.ErrNoConnection when nothing serves the receiver.
func (d *Desk) announce(ctx context.Context, tx pgx.Tx, h *dossier.Dossier, t dossier.EventType, on workday.Date, revision int, sum string, fee *onestop.ThinFee) error {
	offices, err := agency.FindMany(ctx, tx, h.ReceivingAgency, h.DecidingAgency)
	if err != nil {
		return err
	}
	told := ""
	for _, id := range []agency.ID{h.ReceivingAgency, h.DecidingAgency} {
		office := offices[id]
		connection, err := agency.ConnectionAt(ctx, tx, id, on)
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
		err = onestop.Append(ctx, tx, onestop.Event{Connection: connection, Dossier: h.ID, Type: t, Data: d.thin(h, revision, sum, office.Code, fee)})
		if err != nil {
			return err
		}
	}
	return nil
}
