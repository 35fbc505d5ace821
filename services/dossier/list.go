package dossier

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/binding"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// A Page selects a part of a list: up to Limit rows (1 to 100; else 20) after the one with code Before; from
// the newest when Before is empty. The next page begins at the last row's code.
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

// List returns a party's dossiers, the newest first. It returns none when Before is not one of the party's.
func List(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID, p Page) ([]Dossier,
	error) {
	sql, args := listSQL, []any{party, p.limit()}
	if p.Before != "" {
		sql, args = listBeforeSQL, append(args, p.Before)
	}
	return many(ctx, db, v, sql, args...)
}

// The statuses stand in the statement, as they do in the partial index that serves it.
var waitingSQL = `select ` + columns + ` from dossier
where owner_party_id = $1 and status in ` + inStatuses(Status.Waits) + `
order by submitted_at desc, id desc limit $2`

// WaitingFor returns the dossiers whose next move is the party's, the newest first; at most 100.
func WaitingFor(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID) ([]Dossier,
	error) {
	return many(ctx, db, v, waitingSQL, party, largestPage)
}

var underWaySQL = `select ` + columns + ` from dossier
where owner_party_id = $1 and procedure_code = $3 and status not in ` + inStatuses(Status.Ended) + `
order by submitted_at desc, id desc limit $2`

// UnderWay returns the dossiers of a party for one procedure that have not come to their end, the newest
// first; at most 10.
func UnderWay(ctx context.Context, db postgres.DB, v *vault.Vault, party identity.PartyID,
	procedure string) ([]Dossier, error) {
	return many(ctx, db, v, underWaySQL, party, 10, procedure)
}

// many reads dossiers, and leaves out those that were not written by this portal.
func many(ctx context.Context, db postgres.DB, v *vault.Vault, sql string, args ...any) ([]Dossier, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("dossier: list: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Dossier])
	if err != nil {
		return nil, fmt.Errorf("dossier: list: %w", err)
	}
	list, err = binding.Keep(list, func(d *Dossier) (bool, error) {
		return binding.Dossier.Holds(ctx, db, v, d.Mark, d.binds()...)
	})
	if err != nil {
		return nil, err
	}
	return keepEnded(ctx, db, v, list)
}
