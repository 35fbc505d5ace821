package dossier

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const columns = `id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, status, return_to, delivery_status, sync_status, payment_status, lang,
    submitted_at, received_at, due_at, due_sheet, paused_at, completed_at, office_code, row_version, history_seq,
    history_hash, history_seal, mark`

func one(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) (*Dossier, error) {
	list, err := many(ctx, db, v, sql, args...)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

const findOwnSQL = `select ` + columns + ` from dossier where code = $1 and owner_party_id = $2`

// FindByCode returns a party's own dossier. Errors: ErrNotFound.
func FindByCode(ctx context.Context, db postgres.DB, v *vault.Vault, code Code,
	party identity.PartyID) (*Dossier, error) {
	return one(ctx, db, v, findOwnSQL, code, party)
}

const findForReadersSQL = `select ` + columns + ` from dossier
where code = $1 and (owner_party_id = $2 or submitted_by = $3
    or exists (select from dossier_revision r where r.dossier_id = dossier.id and r.person_id = $3))`

// FindForReaders returns a dossier of a party, or one that the person handed in or supplemented for whomever,
// to tell them who has read it and nothing else of it. Errors: ErrNotFound.
func FindForReaders(ctx context.Context, db postgres.DB, v *vault.Vault, code Code, party,
	person identity.PartyID) (*Dossier, error) {
	d, err := one(ctx, db, v, findForReadersSQL, code, party, person)
	if err != nil || d.Owner == party || d.SubmittedBy == person {
		return d, err
	}
	sums, err := revisionSums(ctx, db, d.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range sums {
		if s.Person != person {
			continue
		}
		if holds, err := s.holds(ctx, db, v, d.ID); err != nil || holds {
			return d, err
		}
	}
	return nil, ErrNotFound
}

// LockOwn is FindByCode that holds the dossier until the transaction ends. Errors: ErrNotFound.
func LockOwn(ctx context.Context, tx pgx.Tx, v *vault.Vault, code Code, party identity.PartyID) (*Dossier,
	error) {
	return one(ctx, tx, v, findOwnSQL+` for update`, code, party)
}

const findForAgenciesSQL = `select ` + columns + ` from dossier
where code = $1 and (receiving_agency_id = any($2) or deciding_agency_id = any($2))`

// FindForAgencies returns a dossier that one of the agencies receives or decides now. Errors: ErrNotFound.
func FindForAgencies(ctx context.Context, db postgres.DB, v *vault.Vault, code Code,
	agencies []agency.ID) (*Dossier, error) {
	return one(ctx, db, v, findForAgenciesSQL, code, agencies)
}

// LockByCode is FindForAgencies that holds the dossier until the transaction ends. Errors: ErrNotFound.
func LockByCode(ctx context.Context, tx pgx.Tx, v *vault.Vault, code Code, agencies []agency.ID) (*Dossier,
	error) {
	return one(ctx, tx, v, findForAgenciesSQL+` for update`, code, agencies)
}

const lockSQL = `select ` + columns + ` from dossier where id = $1 for update`

// Lock holds a dossier for the portal's own work, which acts for nobody: a payment's fact, a deadline, a
// delivery. Errors: ErrNotFound.
func Lock(ctx context.Context, tx pgx.Tx, v *vault.Vault, id ID) (*Dossier, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return one(ctx, tx, v, lockSQL, id)
}

const findByDraftSQL = `select ` + columns + ` from dossier
where owner_party_id = $2
    and id = (select dossier_id from draft where id = $1 and party_id = $2 and state = 'submitted')`

// FindByDraft returns the dossier that a party's draft became, or supplemented. Errors: ErrNotFound, also
// while the draft is not submitted.
func FindByDraft(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID,
	party identity.PartyID) (*Dossier, error) {
	if !postgres.IsID(id) {
		return nil, ErrNotFound
	}
	return one(ctx, db, v, findByDraftSQL, id, party)
}

const draftByIDSQL = `select ` + draftColumns + ` from draft where id = $1 and $2 = ''`

// OwnerOfDraft tells whose a draft is, so that the caller can ask whether somebody may act for them. Errors:
// ErrNotFound.
func OwnerOfDraft(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) (identity.PartyID, error) {
	d, err := oneDraft(ctx, db, v, draftByIDSQL, id, "")
	if err != nil {
		return "", err
	}
	return d.Party, nil
}

const findByIDSQL = `select ` + columns + ` from dossier where id = $1 and owner_party_id = $2`

// FindByID returns a party's own dossier by its id. Errors: ErrNotFound.
func FindByID(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, party identity.PartyID) (*Dossier,
	error) {
	return one(ctx, db, v, findByIDSQL, id, party)
}

const draftOfRevisionSQL = `select ` + draftColumns + ` from draft
where dossier_id = $1 and revision = $2 and state = 'submitted'`

// DraftOfRevision returns the draft that became a revision: its files are the revision's. Errors:
// ErrNotFound.
func DraftOfRevision(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, number int) (DraftID,
	error) {
	list, err := manyDrafts(ctx, db, v, draftOfRevisionSQL, id, number)
	if err != nil {
		return "", fmt.Errorf("dossier: draft of revision %d of %s: %w", number, id, err)
	}
	if len(list) != 1 {
		return "", ErrNotFound
	}
	return list[0].ID, nil
}

const byIDSQL = `select ` + columns + ` from dossier where id = $1`

// DecidingAgencyOf returns the agency that decides a dossier now. Errors: ErrNotFound.
func DecidingAgencyOf(ctx context.Context, db postgres.DB, v *vault.Vault, id ID) (agency.ID, error) {
	d, err := one(ctx, db, v, byIDSQL, id)
	if err != nil {
		return "", err
	}
	return d.DecidingAgency, nil
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
func FiledFor(ctx context.Context, db postgres.DB, v *vault.Vault, person, party identity.PartyID,
	limit int) ([]Dossier, error) {
	return many(ctx, db, v, filedForSQL, person, party, limit)
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
