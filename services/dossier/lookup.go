package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
)

const findByIDSQL = `select ` + columns + ` from dossier where id = $1 and owner_party_id = $2`

// FindByID returns a party's own dossier by its id. Errors: ErrNotFound.
func FindByID(ctx context.Context, db postgres.DB, id ID, party identity.PartyID) (*Dossier, error) {
	return one(ctx, db, findByIDSQL, id, party)
}

const ownerSQL = `select owner_party_id from dossier where code = $1`

// OwnerOf returns whose dossier it is, for the tracking page, which asks for a second factor of the owner. Errors:
// ErrNotFound.
func OwnerOf(ctx context.Context, db postgres.DB, code Code) (identity.PartyID, error) {
	return scanOne[identity.PartyID](ctx, db, ownerSQL, code)
}

const draftOfRevisionSQL = `select id from draft where dossier_id = $1 and revision = $2 and state = 'submitted'`

// DraftOfRevision returns the draft that became a revision: its files are the revision's. Errors: ErrNotFound.
func DraftOfRevision(ctx context.Context, db postgres.DB, id ID, number int) (DraftID, error) {
	return scanOne[DraftID](ctx, db, draftOfRevisionSQL, id, number)
}

const overdueSupplementsSQL = `
select d.id from dossier d join draft s on s.dossier_id = d.id and s.state = 'editing' and s.revision > 1
where d.status = 'supplement' and (s.supplement ->> 'deadline')::timestamptz <= $1
order by d.id limit $2`

// OverdueSupplements returns up to limit dossiers whose owner let the deadline of a supplement pass.
func OverdueSupplements(ctx context.Context, db postgres.DB, now time.Time, limit int) ([]ID, error) {
	rows, err := db.Query(ctx, overdueSupplementsSQL, now, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: overdue supplements: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return nil, fmt.Errorf("dossier: overdue supplements: %w", err)
	}
	return ids, nil
}

const decidingAgencySQL = `select deciding_agency_id from dossier where id = $1`

// DecidingAgencyOf returns the agency that decides a dossier now. Errors: ErrNotFound.
func DecidingAgencyOf(ctx context.Context, db postgres.DB, id ID) (agency.ID, error) {
	return scanOne[agency.ID](ctx, db, decidingAgencySQL, id)
}

const langSQL = `select lang from dossier where code = $1`

// LangOf returns the language in which a dossier was filed. Errors: ErrNotFound.
func LangOf(ctx context.Context, db postgres.DB, code Code) (string, error) {
	return scanOne[string](ctx, db, langSQL, code)
}
