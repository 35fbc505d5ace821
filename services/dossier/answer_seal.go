package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/identity"
	"congdvc/services/postgres"
	"congdvc/services/vault"
)

// fieldBind binds an answer to its place and to the party that the draft is for. Those of before know their
// place only.
func fieldBind(id DraftID, party identity.PartyID, field string) []byte {
	return []byte("draft 2/" + string(id) + "/" + string(party) + "/" + field)
}

func fieldBindBefore(id DraftID, field string) []byte {
	return []byte("draft/" + string(id) + "/" + field)
}

type fieldRow struct {
	Field     string           `db:"field"`
	Sealed    []byte           `db:"sealed"`
	Revision  int              `db:"revision"`
	Operation string           `db:"operation"`
	Source    string           `db:"source"`
	ChangedAt time.Time        `db:"changed_at"`
	Party     identity.PartyID `db:"party_id"`
}

const fieldsSQL = `
select f.field, f.sealed, f.revision, f.operation, f.source, f.changed_at, d.party_id
from draft d join draft_field f on f.draft_id = d.id where d.id = $1`

// Fields returns every field of a draft that was ever set, by id; one that was emptied is there with an empty
// value. The caller has found the draft for its party.
func Fields(ctx context.Context, db postgres.DB, v *vault.Vault, id DraftID) (map[string]Field, error) {
	rows, err := db.Query(ctx, fieldsSQL, id)
	if err != nil {
		return nil, fmt.Errorf("dossier: fields of draft %s: %w", id, err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[fieldRow])
	if err != nil {
		return nil, fmt.Errorf("dossier: fields of draft %s: %w", id, err)
	}
	fields := make(map[string]Field, len(stored))
	for _, r := range stored {
		raw, err := openEither(v, r.Sealed, fieldBind(id, r.Party, r.Field), fieldBindBefore(id, r.Field))
		if err != nil {
			return nil, fmt.Errorf("dossier: open field %s of draft %s: %w", r.Field, id, err)
		}
		f := Field{Revision: r.Revision, Operation: r.Operation, Source: r.Source, ChangedAt: r.ChangedAt}
		if err := json.Unmarshal(raw, &f.Value); err != nil {
			return nil, fmt.Errorf("dossier: read field %s of draft %s: %w", r.Field, id, err)
		}
		fields[r.Field] = f
	}
	return fields, nil
}

const putFieldSQL = `
insert into draft_field (draft_id, field, sealed, revision, operation, source, changed_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (draft_id, field) do update set sealed = excluded.sealed, revision = excluded.revision,
    operation = excluded.operation, source = excluded.source, changed_at = excluded.changed_at`

// put writes fields in one round trip; Base is the revision that each gets.
func put(ctx context.Context, tx pgx.Tx, v *vault.Vault, d *Draft, operation string, fresh []Change,
	now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, c := range fresh {
		raw, err := json.Marshal(c.Value)
		if err != nil {
			return fmt.Errorf("dossier: write field %s of draft %s: %w", c.Field, d.ID, err)
		}
		sealed, err := v.Seal(raw, fieldBind(d.ID, d.Party, c.Field))
		if err != nil {
			return fmt.Errorf("dossier: seal field %s of draft %s: %w", c.Field, d.ID, err)
		}
		source := c.Source
		if source == "" {
			source = typed
		}
		batch.Queue(putFieldSQL, d.ID, c.Field, sealed, c.Base, operation, source, now)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("dossier: save fields of draft %s: %w", d.ID, err)
	}
	return nil
}
