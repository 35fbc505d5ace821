package dossier

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Earlier names a revision of an earlier dossier.
type Earlier struct {
	ID        ID
	Code      Code
	VersionID string
	Revision  int
}

const earlierSQL = `
select ` + columns + `, (
    select max(r.number) from dossier_revision r where r.dossier_id = dossier.id and r.person_id = $2) as revision
from dossier where owner_party_id = $1 and submitted_by = $2
order by submitted_at desc, id desc limit $3`

// EarlierOf returns, of the last dossiers that a person handed in for a party, the newest revision by that
// person, the last dossier first.
func EarlierOf(ctx context.Context, db postgres.DB, v *vault.Vault, party, person identity.PartyID,
	limit int) ([]Earlier, error) {
	list, err := readEarlier(ctx, db, v, earlierSQL, party, person, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s: %w", party, err)
	}
	earlier := make([]Earlier, 0, len(list))
	for _, d := range list {
		earlier = append(earlier, Earlier{d.ID, d.Code, d.VersionID, d.Revision})
	}
	return earlier, nil
}

// earlierRow is a dossier with the number of a revision.
type earlierRow struct {
	Dossier
	Revision int `db:"revision"`
}

func readEarlier(ctx context.Context, db postgres.DB, v *vault.Vault, sql string,
	args ...any) ([]earlierRow, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[earlierRow])
	if err != nil {
		return nil, err
	}
	return binding.Keep(list, func(r *earlierRow) (bool, error) {
		return binding.Dossier.Holds(ctx, db, v, r.Mark, r.binds()...)
	})
}

// EarlierFiling is an earlier dossier of a party, with what was submitted last.
type EarlierFiling struct {
	ID          ID
	Code        Code
	Receiving   agency.ID
	SubmittedAt time.Time
	Revision    int
}

const earlierForSQL = `
select ` + columns + `,
    (select max(r.number) from dossier_revision r where r.dossier_id = dossier.id) as revision
from dossier where owner_party_id = $1 and procedure_code = $2 and id is distinct from $3
order by submitted_at desc, id desc limit $4`

// EarlierFor returns the last dossiers of a party for a procedure, newest first. The dossier except is
// left out (nil: none is).
func EarlierFor(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID, procedure string,
	except *ID, limit int) ([]EarlierFiling, error) {
	list, err := readEarlier(ctx, db, v, earlierForSQL, party, procedure, except, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: earlier dossiers of %s for %s: %w", party, procedure, err)
	}
	filings := make([]EarlierFiling, 0, len(list))
	for _, d := range list {
		filings = append(filings, EarlierFiling{d.ID, d.Code, d.ReceivingAgency, d.SubmittedAt, d.Revision})
	}
	return filings, nil
}
