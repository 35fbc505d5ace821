package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Public is what anybody who has a dossier's code may know: how far it is, but not whose it is.
type Public struct {
	Code            Code       `db:"code"`
	ProcedureCode   string     `db:"procedure_code"`
	VersionID       string     `db:"procedure_version_id"`
	ReceivingAgency agency.ID  `db:"receiving_agency_id"`
	DecidingAgency  agency.ID  `db:"deciding_agency_id"`
	Status          Status     `db:"status"`
	SubmittedAt     time.Time  `db:"submitted_at"`
	ReceivedAt      *time.Time `db:"received_at"`
	DueAt           *time.Time `db:"due_at"`
	PausedAt        *time.Time `db:"paused_at"`
	CompletedAt     *time.Time `db:"completed_at"`
}

const publicSQL = `
select code, procedure_code, procedure_version_id, receiving_agency_id, deciding_agency_id, status, submitted_at,
    received_at, due_at, paused_at, completed_at
from dossier where code = $1`

// PublicStatus is for the tracking page only, which limits how often it may be asked. Errors: ErrNotFound.
func PublicStatus(ctx context.Context, db postgres.DB, code Code) (*Public, error) {
	rows, err := db.Query(ctx, publicSQL, code)
	if err != nil {
		return nil, fmt.Errorf("dossier: public status: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Public])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: public status: %w", err)
	}
	return p, nil
}

const followersSQL = `select ` + columns + ` from dossier where code = $1`

// Followers returns the owner of a dossier and then the person who handed it in, who may be the same, for the
// tracking page, which asks for a second factor of one of them. Errors: ErrNotFound.
func Followers(ctx context.Context, db postgres.DB, v *vault.Vault, code Code) ([]identity.PartyID, error) {
	d, err := one(ctx, db, v, followersSQL, code)
	if err != nil {
		return nil, err
	}
	return []identity.PartyID{d.Owner, d.SubmittedBy}, nil
}
