package dossier

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

func allows[S ~string](table map[S][]S, from, to S) bool { return slices.Contains(table[from], to) }

// sourcesOf returns the states from which a table allows a move to one, sorted.
func sourcesOf[S ~string](table map[S][]S, to S) []string {
	var from []string
	for _, s := range slices.Sorted(maps.Keys(table)) {
		if slices.Contains(table[s], to) {
			from = append(from, string(s))
		}
	}
	return from
}

// The statements of the three other state machines; each is guarded by the state that was read.
const (
	setSyncSQL     = `update dossier set sync_status = $3, row_version = row_version + 1 where id = $1 and sync_status = $2`
	setDeliverySQL = `update dossier set delivery_status = $3, row_version = row_version + 1 where id = $1 and delivery_status = $2`
	setPaymentSQL  = `update dossier set payment_status = $3, row_version = row_version + 1 where id = $1 and payment_status = $2`
)

func set[S ~string](ctx context.Context, tx pgx.Tx, d *Dossier, state *S, to S, table map[S][]S, sql string) error {
	if *state == to {
		return nil
	}
	if !allows(table, *state, to) {
		return ErrMove.With("From", string(*state)).With("To", string(to))
	}
	if err := guarded(ctx, tx, ErrLocked, sql, d.ID, *state, to); err != nil {
		return fmt.Errorf("dossier: set %s to %s: %w", d.ID, to, err)
	}
	*state = to
	d.RowVersion++
	return nil
}
