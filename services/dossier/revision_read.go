package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

const revisionSQL = `
select d.id, d.code, d.draft_id, d.owner_party_id, d.submitted_by, d.receiving_agency_id, d.deciding_agency_id,
    d.mark, r.person_id, r.body, r.sha256, r.mark
from dossier d join dossier_revision r on r.dossier_id = d.id and r.number = $2 `

const agencyRevisionSQL = revisionSQL + `
where d.code = $1 and (d.receiving_agency_id = any($3) or d.deciding_agency_id = any($3))`

// RevisionBytes returns the exact bytes that were hashed, to the agency that receives or decides now. Errors:
// ErrNotFound, also when neither is among agencies. The caller records the access.
func RevisionBytes(ctx context.Context, db postgres.DB, v *vault.Vault, code Code, number int,
	agencies []agency.ID) ([]byte, error) {
	return openRevision(ctx, db, v, number, db.QueryRow(ctx, agencyRevisionSQL, code, number, agencies))
}

const ownRevisionSQL = revisionSQL + `where d.id = $1`

// OwnRevision returns a revision of a dossier that the caller has found for its owner. Errors: ErrNotFound.
func OwnRevision(ctx context.Context, db postgres.DB, v *vault.Vault, id ID, number int) (*Revision, error) {
	body, err := openRevision(ctx, db, v, number, db.QueryRow(ctx, ownRevisionSQL, id, number))
	if err != nil {
		return nil, err
	}
	return ParseRevision(body)
}

// openRevision reads one row. It is not found when the dossier or the revision says that it is another's than
// the portal wrote; bytes that are not those of the stored hash are an error.
func openRevision(ctx context.Context, db postgres.DB, v *vault.Vault, number int, row pgx.Row) ([]byte,
	error) {
	var d Dossier
	var person identity.PartyID
	var sealed, sum, mark []byte
	err := row.Scan(&d.ID, &d.Code, &d.Draft, &d.Owner, &d.SubmittedBy, &d.ReceivingAgency, &d.DecidingAgency,
		&d.Mark, &person, &sealed, &sum, &mark)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("dossier: read revision %d: %w", number, err)
	}
	holds, err := binding.Dossier.Holds(ctx, db, v, d.Mark, d.binds()...)
	if err == nil && holds {
		binds := revisionBinds(d.ID, number, person, hex.EncodeToString(sum))
		holds, err = binding.Revision.Holds(ctx, db, v, mark, binds...)
	}
	if err != nil {
		return nil, err
	}
	if !holds {
		return nil, ErrNotFound
	}
	body, err := openEither(v, sealed, revisionBind(d.ID, number, d.Owner, person),
		revisionBindBefore(d.ID, number))
	if err != nil {
		return nil, fmt.Errorf("dossier: open revision %d of %s: %w", number, d.ID, err)
	}
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return nil, fmt.Errorf("dossier: revision %d of %s is not what was hashed", number, d.ID)
	}
	return body, nil
}

// openEither opens what was sealed for a place, or for the place as programs of before named it: without
// whose it is, which a mark of the row says instead.
func openEither(v *vault.Vault, sealed, place, before []byte) ([]byte, error) {
	plain, err := v.Open(sealed, place)
	if err != nil {
		return v.Open(sealed, before)
	}
	return plain, nil
}
