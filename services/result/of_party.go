package result

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/agency"
	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// Held is a result that holds, with the dossier that it was issued for.
type Held struct {
	Result
	DossierCode dossier.Code
	Issuer      agency.ID // the agency that decides the dossier
}

// maxHeld is more than a party has of a few kinds.
const maxHeld = 50

const heldIDsSQL = `
select r.id, d.code, d.deciding_agency_id from result r join dossier d on d.id = r.dossier_id
where d.owner_party_id = $1 and r.kind = any($2) and r.kind <> '' and r.state = 'issued'
order by r.issued_on desc, r.created_at desc, r.id desc limit $3`

var byIDsSQL = selectSQL + `where id = any($1) and state = 'issued'`

// HeldBy returns the results of some kinds that were issued to a party and hold, the last issued first; at
// most 50.
func HeldBy(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID,
	kinds []string) ([]Held, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	rows, err := db.Query(ctx, heldIDsSQL, party, kinds, maxHeld)
	if err != nil {
		return nil, fmt.Errorf("result: held by %s: %w", party, err)
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h Held, err error) {
		return h, row.Scan(&h.ID, &h.DossierCode, &h.Issuer)
	})
	if err != nil {
		return nil, fmt.Errorf("result: held by %s: %w", party, err)
	}
	ids := make([]ID, 0, len(held))
	for _, h := range held {
		ids = append(ids, h.ID)
	}
	results, err := many(ctx, db, v, byIDsSQL, ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[ID]Result, len(results))
	for _, r := range results {
		byID[r.ID] = r
	}
	whole := held[:0]
	for _, h := range held {
		if r, ok := byID[h.ID]; ok { // it may have been revoked between the two
			h.Result = r
			whole = append(whole, h)
		}
	}
	return whole, nil
}

var holdingSQL = selectSQL + `where code = any($1) and (state = 'issued' or ended_at > $2) order by code`

// Holding returns which of the codes belong to results that hold at an instant.
func Holding(ctx context.Context, db postgres.DB, v *vault.Vault, codes []Code,
	at time.Time) (map[Code]bool, error) {
	return holding(ctx, db, v, holdingSQL, codes, at)
}

// KeepHolding is Holding, and also locks what it returns: none is revoked or superseded until the transaction
// ends.
func KeepHolding(ctx context.Context, tx pgx.Tx, v *vault.Vault, codes []Code,
	at time.Time) (map[Code]bool, error) {
	return holding(ctx, tx, v, holdingSQL+` for share`, codes, at)
}

func holding(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, codes []Code,
	at time.Time) (map[Code]bool, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	list, err := many(ctx, db, v, sql, codes, at)
	if err != nil {
		return nil, err
	}
	all := make(map[Code]bool, len(list))
	for _, r := range list {
		all[r.Code] = true
	}
	return all, nil
}
