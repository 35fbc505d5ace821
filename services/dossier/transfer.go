package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/vault"
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
update dossier set receiving_agency_id = $3, deciding_agency_id = $4, mark = $5, row_version = row_version + 1
where id = $1 and row_version = $2`
)

// Transfer hands a role to another agency from now on. The caller notes it in the history. Errors: ErrLocked;
// ErrMove when the agency has the role already, or the dossier has ended.
func Transfer(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Dossier, role Role, to agency.ID,
	now time.Time) error {
	next := *d
	if role == Receiving {
		next.ReceivingAgency = to
	} else {
		next.DecidingAgency = to
	}
	if d.Status.Ended() || next.ReceivingAgency == d.ReceivingAgency &&
		next.DecidingAgency == d.DecidingAgency {
		return ErrMove
	}
	next.Mark = binding.Dossier.Mark(v, next.binds()...)
	err := guarded(ctx, tx, ErrLocked, transferSQL, d.ID, d.RowVersion, next.ReceivingAgency,
		next.DecidingAgency, next.Mark)
	if err == nil {
		err = guarded(ctx, tx, ErrLocked, leaveSQL, d.ID, role, now)
	}
	if err == nil {
		_, err = tx.Exec(ctx, joinSQL, d.ID, role, to, now)
	}
	if err != nil {
		return fmt.Errorf("dossier: transfer %s: %w", d.ID, err)
	}
	next.RowVersion++
	*d = next
	return nil
}
