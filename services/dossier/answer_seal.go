package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"congdvc/services/postgres"
	"congdvc/services/vault"
)

func fieldBind(id DraftID, field string) string { return "draft/" + string(id) + "/" + field }

type fieldRow struct {
	Field     string    `db:"field"`
	Sealed    []byte    `db:"sealed"`
	Revision  int       `db:"revision"`
	Operation string    `db:"operation"`
	Source    string    `db:"source"`
	ChangedAt time.Time `db:"changed_at"`
}

const fieldsSQL = `select field, sealed, revision, operation, source, changed_at from draft_field where draft_id = $1`

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
		raw, err := v.Open(r.Sealed, []byte(fieldBind(id, r.Field)))
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
		sealed, err := v.Seal(raw, []byte(fieldBind(d.ID, c.Field)))
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
