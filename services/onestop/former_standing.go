package onestop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"congdvc/services/dossier"
	"congdvc/services/postgres"
	"congdvc/services/vault"

	"github.com/jackc/pgx/v5"
)

// FormerStanding is how a dossier stood when another one-stop system took the place of one that had
// acknowledged it.
type FormerStanding struct {
	Header  Dossier `json:"header"`
	Entries int     `json:"entries"` // how many its history had
}

func standingPlace(id dossier.ID, connection string) []byte {
	return []byte("former/" + string(id) + "/" + connection)
}

const keepStandings = `
update dossier_former_connection f set standing_sealed = s.sealed
from unnest($2::uuid[], $3::bytea[]) s (dossier_id, sealed)
where f.connection_id = $1 and f.dossier_id = s.dossier_id`

// KeepStandings says how dossiers stand that a connection ceases to serve, after End in its transaction. One
// that it had not acknowledged is left out: there is nothing that it may read.
func KeepStandings(ctx context.Context, tx pgx.Tx, v *vault.Vault, connection string,
	standings map[dossier.ID]FormerStanding) error {
	ids := make([]dossier.ID, 0, len(standings))
	sealed := make([][]byte, 0, len(standings))
	for id, s := range standings {
		raw, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("onestop: write how %s stood: %w", id, err)
		}
		box, err := v.Seal(raw, standingPlace(id, connection))
		if err != nil {
			return fmt.Errorf("onestop: seal how %s stood: %w", id, err)
		}
		ids, sealed = append(ids, id), append(sealed, box)
	}
	if _, err := tx.Exec(ctx, keepStandings, connection, ids, sealed); err != nil {
		return fmt.Errorf("onestop: keep how %d dossiers stood: %w", len(ids), err)
	}
	return nil
}

const standingOf = `select standing_sealed from dossier_former_connection
where dossier_id = $1 and connection_id = $2`

// FormerStandingOf returns how a dossier stood that Former has found for the connection. known is false for
// one of which that was not kept.
func FormerStandingOf(ctx context.Context, db postgres.DB, v *vault.Vault, connection string,
	id dossier.ID) (s FormerStanding, known bool, err error) {
	var sealed []byte
	err = db.QueryRow(ctx, standingOf, id, connection).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && sealed == nil {
		return s, false, nil
	}
	var raw []byte
	if err == nil {
		raw, err = v.Open(sealed, standingPlace(id, connection))
	}
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return s, false, fmt.Errorf("onestop: how %s stood: %w", id, err)
	}
	return s, true, nil
}
