package dossier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// NewDossier is what a dossier begins with.
type NewDossier struct {
	Code            Code
	Draft           *Draft // its party becomes the owner; its version, case and language stay
	SubmittedBy     identity.PartyID
	ReceivingAgency agency.ID
	DecidingAgency  agency.ID
	Payment         PaymentStatus
	At              time.Time
}

const insertSQL = `
insert into dossier (id, code, draft_id, procedure_code, procedure_version_id, case_id, owner_party_id, submitted_by,
    receiving_agency_id, deciding_agency_id, payment_status, lang, submitted_at, mark)
values (@id, @code, @draft, @procedure, @version, @case, @owner, @person,
    @receiving, @deciding, @payment, @lang, @at, @mark)
on conflict (code) do nothing
returning ` + columns

const insertAgenciesSQL = `
insert into dossier_agency (dossier_id, role, agency_id, from_at) values ($1, 'receiving', $2, $4), ($1, 'deciding', $3, $4)`

// Insert makes the header of a dossier. InsertRevision of number 1 and Move to Submitted follow in the same
// transaction. Errors: ErrCodeTaken, after which the transaction goes on with the next code; ErrLocked when
// the draft has a dossier already.
func Insert(ctx context.Context, tx pgx.Tx, v *vault.Vault, n NewDossier) (*Dossier, error) {
	id := ID(postgres.NewID())
	header := Dossier{ID: id, Code: n.Code, Draft: n.Draft.ID, Owner: n.Draft.Party,
		SubmittedBy:     n.SubmittedBy,
		ReceivingAgency: n.ReceivingAgency, DecidingAgency: n.DecidingAgency}
	rows, err := tx.Query(ctx, insertSQL, pgx.StrictNamedArgs{
		"id": id, "code": n.Code, "draft": n.Draft.ID, "procedure": n.Draft.ProcedureCode,
		"version": n.Draft.VersionID, "case": n.Draft.Case, "owner": n.Draft.Party, "person": n.SubmittedBy,
		"receiving": n.ReceivingAgency, "deciding": n.DecidingAgency, "payment": n.Payment,
		"lang": n.Draft.Lang, "at": n.At,
		"mark": binding.Dossier.Mark(v, header.binds()...),
	})
	if err != nil {
		return nil, fmt.Errorf("dossier: insert %s: %w", id, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Dossier])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrCodeTaken
	case postgres.Unique(err, "dossier_draft_id_key"):
		return nil, ErrLocked
	case err != nil:
		return nil, fmt.Errorf("dossier: insert %s: %w", id, err)
	}
	if _, err := tx.Exec(ctx, insertAgenciesSQL, id, n.ReceivingAgency, n.DecidingAgency, n.At); err != nil {
		return nil, fmt.Errorf("dossier: insert the agencies of %s: %w", id, err)
	}
	return d, nil
}
