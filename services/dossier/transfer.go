package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
)

// Role is what an agency is to a dossier.
type Role string

// The roles. An agency that only helps the person to submit has none.
const (
	Receiving Role = "receiving"
	Deciding  Role = "deciding"
)

const (
	leaveSQL    = `update dossier_agency set to_at = $3 where dossier_id = $1 and role = $2 and to_at is null and from_at < $3`
	joinSQL     = `insert into dossier_agency (dossier_id, role, agency_id, from_at) values ($1, $2, $3, $4)`
	transferSQL = `
update dossier set receiving_agency_id = $3, deciding_agency_id = $4, row_version = row_version + 1
where id = $1 and row_version = $2`
)

// Transfer hands a role to another agency from now on. The caller notes it in the history. Errors: ErrLocked;
// ErrMove when the agency has the role already, or the dossier has ended.
func Transfer(ctx context.Context, tx pgx.Tx, d *Dossier, role Role, to agency.ID, now time.Time) error {
	receiving, deciding := d.ReceivingAgency, d.DecidingAgency
	if role == Receiving {
		receiving = to
	} else {
		deciding = to
	}
	if d.Status.Ended() || receiving == d.ReceivingAgency && deciding == d.DecidingAgency {
		return ErrMove
	}
	err := guarded(ctx, tx, ErrLocked, transferSQL, d.ID, d.RowVersion, receiving, deciding)
	if err == nil {
		err = guarded(ctx, tx, ErrLocked, leaveSQL, d.ID, role, now)
	}
	if err == nil {
		_, err = tx.Exec(ctx, joinSQL, d.ID, role, to, now)
	}
	if err != nil {
		return fmt.Errorf("dossier: transfer %s: %w", d.ID, err)
	}
	d.ReceivingAgency, d.DecidingAgency = receiving, deciding
	d.RowVersion++
	return nil
}
