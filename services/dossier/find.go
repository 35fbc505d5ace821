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
)

const columns = `id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, status, return_to, delivery_status, sync_status, payment_status, lang,
    submitted_at, received_at, due_at, due_sheet, paused_at, completed_at, office_code, row_version, history_seq,
    history_hash, history_seal`

func one(ctx context.Context, db postgres.DB, sql string, args ...any) (*Dossier, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: find: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Dossier])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: find: %w", err)
	}
	return d, nil
}

const findOwnSQL = `select ` + columns + ` from dossier where code = $1 and owner_party_id = $2`

// FindByCode returns a party's own dossier. Errors: ErrNotFound.
func FindByCode(ctx context.Context, db postgres.DB, code Code, party identity.PartyID) (*Dossier, error) {
	return one(ctx, db, findOwnSQL, code, party)
}

// LockOwn is FindByCode that holds the dossier until the transaction ends. Errors: ErrNotFound.
func LockOwn(ctx context.Context, tx pgx.Tx, code Code, party identity.PartyID) (*Dossier, error) {
	return one(ctx, tx, findOwnSQL+` for update`, code, party)
}

const findForAgenciesSQL = `select ` + columns + ` from dossier
where code = $1 and (receiving_agency_id = any($2) or deciding_agency_id = any($2))`

// FindForAgencies returns a dossier that one of the agencies receives or decides now. Errors: ErrNotFound.
func FindForAgencies(ctx context.Context, db postgres.DB, code Code, agencies []agency.ID) (*Dossier, error) {
	return one(ctx, db, findForAgenciesSQL, code, agencies)
}

// LockByCode is FindForAgencies that holds the dossier until the transaction ends. Errors: ErrNotFound.
func LockByCode(ctx context.Context, tx pgx.Tx, code Code, agencies []agency.ID) (*Dossier, error) {
	return one(ctx, tx, findForAgenciesSQL+` for update`, code, agencies)
}

const lockSQL = `select ` + columns + ` from dossier where id = $1 for update`

// Lock holds a dossier for the portal's own work, which acts for nobody: a payment's fact, a deadline, a delivery.
// Errors: ErrNotFound.
func Lock(ctx context.Context, tx pgx.Tx, id ID) (*Dossier, error) {
	if !postgres.IsID(string(id)) {
		return nil, ErrNotFound
	}
	return one(ctx, tx, lockSQL, id)
}

const findByDraftSQL = `select ` + columns + ` from dossier
where id = (select dossier_id from draft where id = $1 and party_id = $2 and state = 'submitted')`

// FindByDraft returns the dossier that a party's draft became, or supplemented. Errors: ErrNotFound, also while the
// draft is not submitted.
func FindByDraft(ctx context.Context, db postgres.DB, id DraftID, party identity.PartyID) (*Dossier, error) {
	if !postgres.IsID(string(id)) {
		return nil, ErrNotFound
	}
	return one(ctx, db, findByDraftSQL, id, party)
}

// Public is what anybody may know who has a dossier's code: how far it is, not whose it is.
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

// A Page is a stretch of a list: up to Limit rows (1 to 100; else 20) after the one with code Before; from the newest
// when Before is empty. The next page begins at the last row's code.
type Page struct {
	Before Code
	Limit  int
}

const (
	defaultPage = 20
	largestPage = 100
)

func (p Page) limit() int {
	if p.Limit < 1 || p.Limit > largestPage {
		return defaultPage
	}
	return p.Limit
}

const listSQL = `select ` + columns + ` from dossier
where owner_party_id = $1 order by submitted_at desc, id desc limit $2`

const listBeforeSQL = `select ` + columns + ` from dossier
where owner_party_id = $1
    and (submitted_at, id) < (select b.submitted_at, b.id from dossier b where b.code = $3 and b.owner_party_id = $1)
order by submitted_at desc, id desc limit $2`

// List returns a party's dossiers, the newest first. A Before that is not the party's gives none.
func List(ctx context.Context, db postgres.DB, party identity.PartyID, p Page) ([]Dossier, error) {
	sql, args := listSQL, []any{party, p.limit()}
	if p.Before != "" {
		sql, args = listBeforeSQL, append(args, p.Before)
	}
	return many(ctx, db, sql, args...)
}

const waitingSQL = `select ` + columns + ` from dossier
where owner_party_id = $1 and status in ('supplement', 'payment', 'confirming')
order by submitted_at desc, id desc limit $2`

// WaitingFor returns the dossiers whose next move is the party's, the newest first; at most 100.
func WaitingFor(ctx context.Context, db postgres.DB, party identity.PartyID) ([]Dossier, error) {
	return many(ctx, db, waitingSQL, party, largestPage)
}

const underWaySQL = `select ` + columns + ` from dossier
where owner_party_id = $1 and procedure_code = $3 and status not in ('refused', 'stopped', 'withdrawn', 'completed', 'returned')
order by submitted_at desc, id desc limit $2`

// UnderWay returns the dossiers of a party for one procedure that have not come to their end, the newest first; at most 10.
func UnderWay(ctx context.Context, db postgres.DB, party identity.PartyID, procedure string) ([]Dossier, error) {
	return many(ctx, db, underWaySQL, party, 10, procedure)
}

func many(ctx context.Context, db postgres.DB, sql string, args ...any) ([]Dossier, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: list: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Dossier])
	if err != nil {
		return nil, fmt.Errorf("dossier: list: %w", err)
	}
	return list, nil
}
