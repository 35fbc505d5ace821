package dossier

import (
	"context"
	"errors"
	"fmt"

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

const findForReadersSQL = `select ` + columns + ` from dossier
where code = $1 and (owner_party_id = $2 or submitted_by = $3
    or exists (select from dossier_revision r where r.dossier_id = dossier.id and r.person_id = $3))`

// FindForReaders returns a dossier of a party, or one that the person handed in or supplemented for whomever,
// to tell them who has read it and nothing else of it. Errors: ErrNotFound.
func FindForReaders(ctx context.Context, db postgres.DB, code Code, party,
	person identity.PartyID) (*Dossier, error) {
	return one(ctx, db, findForReadersSQL, code, party, person)
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

// Lock holds a dossier for the portal's own work, which acts for nobody: a payment's fact, a deadline, a
// delivery. Errors: ErrNotFound.
func Lock(ctx context.Context, tx pgx.Tx, id ID) (*Dossier, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return one(ctx, tx, lockSQL, id)
}

const findByDraftSQL = `select ` + columns + ` from dossier
where id = (select dossier_id from draft where id = $1 and party_id = $2 and state = 'submitted')`

// FindByDraft returns the dossier that a party's draft became, or supplemented. Errors: ErrNotFound, also
// while the draft is not submitted.
func FindByDraft(ctx context.Context, db postgres.DB, id DraftID, party identity.PartyID) (*Dossier, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return one(ctx, db, findByDraftSQL, id, party)
}

const draftOwnerSQL = `select party_id from draft where id = $1`

// OwnerOfDraft tells whose a draft is, so that the caller can ask whether somebody may act for them. Errors:
// ErrNotFound.
func OwnerOfDraft(ctx context.Context, db postgres.DB, id DraftID) (identity.PartyID, error) {
	if !postgres.IsID(id) {
		return "", ErrNotFound
	}
	return scanOne[identity.PartyID](ctx, db, draftOwnerSQL, id)
}

const findByIDSQL = `select ` + columns + ` from dossier where id = $1 and owner_party_id = $2`

// FindByID returns a party's own dossier by its id. Errors: ErrNotFound.
func FindByID(ctx context.Context, db postgres.DB, id ID, party identity.PartyID) (*Dossier, error) {
	return one(ctx, db, findByIDSQL, id, party)
}

const draftOfRevisionSQL = `select id from draft where dossier_id = $1 and revision = $2 and state = 'submitted'`

// DraftOfRevision returns the draft that became a revision: its files are the revision's. Errors:
// ErrNotFound.
func DraftOfRevision(ctx context.Context, db postgres.DB, id ID, number int) (DraftID, error) {
	return scanOne[DraftID](ctx, db, draftOfRevisionSQL, id, number)
}

const decidingAgencySQL = `select deciding_agency_id from dossier where id = $1`

// DecidingAgencyOf returns the agency that decides a dossier now. Errors: ErrNotFound.
func DecidingAgencyOf(ctx context.Context, db postgres.DB, id ID) (agency.ID, error) {
	return scanOne[agency.ID](ctx, db, decidingAgencySQL, id)
}

const supplementedByAnotherSQL = `
select exists (select from dossier_revision where dossier_id = $1 and person_id <> $2)`

// SupplementedByAnother reports whether a revision of a dossier is by somebody else than the person.
func SupplementedByAnother(ctx context.Context, db postgres.DB, id ID,
	person identity.PartyID) (bool, error) {
	return scanOne[bool](ctx, db, supplementedByAnotherSQL, id, person)
}

const filedForSQL = `select ` + columns + ` from dossier
where submitted_by = $1 and submitted_by <> owner_party_id and owner_party_id <> $2
order by submitted_at desc, id desc limit $3`

// FiledFor returns the last dossiers that a person handed in for others than themselves and the party, the
// last one first. Only its code and date may be shown: the owner may have ended the person's mandate.
func FiledFor(ctx context.Context, db postgres.DB, person, party identity.PartyID,
	limit int) ([]Dossier, error) {
	rows, err := db.Query(ctx, filedForSQL, person, party, limit)
	if err != nil {
		return nil, fmt.Errorf("dossier: filed by %s for others: %w", person, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Dossier])
	if err != nil {
		return nil, fmt.Errorf("dossier: filed by %s for others: %w", person, err)
	}
	return list, nil
}

const draftLangSQL = `select lang from draft where id = $1`

// LangOfDraft returns the language in which a draft was begun. Errors: ErrNotFound.
func LangOfDraft(ctx context.Context, db postgres.DB, id DraftID) (string, error) {
	return scanOne[string](ctx, db, draftLangSQL, id)
}

const langSQL = `select lang from dossier where code = $1`

// LangOf returns the language in which a dossier was filed. Errors: ErrNotFound.
func LangOf(ctx context.Context, db postgres.DB, code Code) (string, error) {
	return scanOne[string](ctx, db, langSQL, code)
}
