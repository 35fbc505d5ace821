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

// Earlier names a revision of an earlier dossier.
type Earlier struct {
	ID        ID     `db:"id"`
	Code      Code   `db:"code"`
	VersionID string `db:"procedure_version_id"`
	Revision  int    `db:"revision"`
}

const earlierSQL = `
select d.id, d.code, d.procedure_version_id, (
    select max(number) from dossier_revision r where r.dossier_id = d.id and r.person_id = $2) as revision
from dossier d where d.owner_party_id = $1 and d.submitted_by = $2
order by d.submitted_at desc, d.id desc limit $3`

// EarlierOf returns, of the last dossiers that a person handed in for a party, the newest revision by that
// person, the last dossier first.
func EarlierOf(ctx context.Context, db postgres.DB, party, person identity.PartyID,
	limit int) ([]Earlier, error) {
	rows, err := db.Query(ctx, earlierSQL, party, person, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s: %w", party, err)
	}
	earlier, err := pgx.CollectRows(rows, pgx.RowToStructByName[Earlier])
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s: %w", party, err)
	}
	return earlier, nil
}

// EarlierFiling is an earlier dossier of a party, with what was submitted last.
type EarlierFiling struct {
	ID          ID        `db:"id"`
	Code        Code      `db:"code"`
	Receiving   agency.ID `db:"receiving_agency_id"`
	SubmittedAt time.Time `db:"submitted_at"`
	Revision    int       `db:"revision"`
}

const earlierForSQL = `
select d.id, d.code, d.receiving_agency_id, d.submitted_at,
    (select max(number) from dossier_revision r where r.dossier_id = d.id) as revision
from dossier d where d.owner_party_id = $1 and d.procedure_code = $2 and d.id is distinct from $3
order by d.submitted_at desc, d.id desc limit $4`

// EarlierFor returns the last dossiers of a party for a procedure, newest first. The dossier except is
// left out (nil: none is).
func EarlierFor(ctx context.Context, db postgres.DB, party identity.PartyID, procedure string, except *ID,
	limit int) ([]EarlierFiling, error) {
	rows, err := db.Query(ctx, earlierForSQL, party, procedure, except, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s for %s: %w", party, procedure, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[EarlierFiling])
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s for %s: %w", party, procedure, err)
	}
	return list, nil
}
