package dossier

import (
	"context"
	"time"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Public is what anybody who has a dossier's code may know: how far it is, but not whose it is.
type Public struct {
	Code            Code
	ProcedureCode   string
	VersionID       string
	ReceivingAgency agency.ID
	DecidingAgency  agency.ID
	Status          Status
	SubmittedAt     time.Time
	ReceivedAt      *time.Time
	DueAt           *time.Time
	PausedAt        *time.Time
	CompletedAt     *time.Time
}

const byCodeSQL = `select ` + columns + ` from dossier where code = $1`

// PublicStatus is for the tracking page only, which limits how often it may be asked. Errors: ErrNotFound.
func PublicStatus(ctx context.Context, db postgres.DB, v *vault.Vault, code Code) (*Public, error) {
	d, err := one(ctx, db, v, byCodeSQL, code)
	if err != nil {
		return nil, err
	}
	return &Public{
		Code: d.Code, ProcedureCode: d.ProcedureCode, VersionID: d.VersionID,
		ReceivingAgency: d.ReceivingAgency, DecidingAgency: d.DecidingAgency, Status: d.Status,
		SubmittedAt: d.SubmittedAt, ReceivedAt: d.ReceivedAt, DueAt: d.DueAt, PausedAt: d.PausedAt,
		CompletedAt: d.CompletedAt,
	}, nil
}

// Followers returns the owner of a dossier and then the person who handed it in, who may be the same, for the
// tracking page, which asks for a second factor of one of them. Errors: ErrNotFound.
func Followers(ctx context.Context, db postgres.DB, v *vault.Vault, code Code) ([]identity.PartyID, error) {
	d, err := one(ctx, db, v, byCodeSQL, code)
	if err != nil {
		return nil, err
	}
	return []identity.PartyID{d.Owner, d.SubmittedBy}, nil
}
